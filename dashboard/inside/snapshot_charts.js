// The charts of what a model sees: distances, ROC, embeddings, confusions; of one snapshot each.

import { ChartFrame } from "../charts/frame.js"
import { shade } from "../client/colours.js"
import { fileName, percent, round } from "../client/words.js"

const FEW = 12 // groups that have a colour and a symbol each

class SnapshotChart extends ChartFrame {
  // Its `options`: run, name, snapshot, pair (the picked one), and what its kind needs.
  get fileName() {
    return fileName("run", this.options.run, this.options.name)
  }

  fill() {
    const { dark } = this.dress()
    const { run, snapshot } = this.options
    this.layout.uirevision = `${run} ${snapshot.lane}`
    for (const trace of this.traces) if (trace.meta.scales) trace.colorscale = shade(trace.meta.scales, dark)
    this.shown = this.traces
    this.put(snapshot)
  }

  // Put into the traces what a snapshot shows: each kind does it its way.
  put(_snapshot) {}
}

export class Distances extends SnapshotChart {
  put({ histogram, threshold }) {
    const { edges } = histogram
    const middle = edges.slice(1).map((edge, k) => (edge + edges[k]) / 2)
    for (const kind of ["same", "different"]) {
      Object.assign(this.role[kind], {
        x: middle,
        y: histogram[kind],
        width: edges.slice(1).map((edge, k) => edge - edges[k]),
        customdata: edges.slice(1).map((edge, k) => `${round(edges[k], 2)} to ${round(edge, 2)}`),
      })
    }
    const { color } = this.layout.font
    const at = threshold?.distance ?? null
    const line = { type: "line", x0: at, x1: at, y0: 0, y1: 1, yref: "paper", line: { color, width: 2, dash: "dash" } }
    const isRight = at > (edges[0] + edges.at(-1)) / 2
    this.layout.shapes = at === null ? [] : [line]
    this.layout.annotations =
      at === null
        ? []
        : [
            {
              x: at,
              y: 1,
              yref: "paper",
              yanchor: "top",
              xanchor: isRight ? "right" : "left",
              showarrow: false,
              text: `bin_out's threshold<br>${round(at, 2)}`,
              font: { size: 12, color },
            },
          ]
  }

  inWords() {
    const { histogram, threshold } = this.options.snapshot
    const said = threshold
      ? `Closer than ${round(threshold.distance, 2)} is “same”: this one distance reproduces ${percent(threshold.agreement, 1)} of bin_out's answers.`
      : "bin_out's answers imply no threshold."
    return `${said} The same pairs are ${round(middleOf(histogram, "same"), 2)} apart on average, the different ones ${round(middleOf(histogram, "different"), 2)}.`
  }
}

export class Roc extends SnapshotChart {
  put({ roc }) {
    for (const name of ["bin_out", "distance"]) {
      const { fpr, tpr, auc } = roc[name]
      Object.assign(this.role[name], { x: fpr, y: tpr, name: `${name}, AUC ${number(auc)}` })
    }
  }

  inWords() {
    const { bin_out: head, distance } = this.options.snapshot.roc
    return `Area under the curve: bin_out ${number(head.auc)}, the distance alone ${number(distance.auc)}; a guess has 0.5.`
  }
}

// 1,024 points. With few groups each has a colour and a symbol, else their classes have a scale.
export class Plane extends SnapshotChart {
  /** @type {number | null} */ joined = null // the pair whose images a line joins

  listen() {
    super.listen()
    this.element.on("plotly_hover", ({ points: [point] }) => this.join(point.customdata))
    this.element.on("plotly_unhover", () => this.join(null))
  }

  put({ plane, labels }) {
    const { by, pair, nClasses } = this.options
    const groupOf = { class: (c) => c, tens: (c) => Math.floor(c / 10), ones: (c) => c % 10 }[by]
    const isFew = by !== "class" || nClasses <= FEW
    for (const trace of this.traces) Object.assign(trace, { x: [], y: [], text: [], customdata: [] })
    const { classes } = this.role
    const colours = []
    plane.points.forEach(([x1, y1, x2, y2], i) => {
      const points = [
        [x1, y1, labels[i][0]],
        [x2, y2, labels[i][1]],
      ]
      points.forEach(([x, y, label], k) => {
        const trace = isFew ? this.traces.find(({ meta }) => meta.group === groupOf(label)) : classes
        trace.x.push(x)
        trace.y.push(y)
        trace.customdata.push(i)
        trace.text.push(`class ${label}<br>image ${k + 1} of pair ${i}<br>${labels[i][2] ? "same" : "different"}`)
        if (!isFew) colours.push(label)
      })
    })
    Object.assign(classes.marker, { color: colours, cmin: 0, cmax: nClasses - 1, showscale: !isFew })
    const among = by === "class" ? "class" : by
    for (const trace of this.traces) if (trace.meta.role === "group") trace.name = `${among} ${trace.meta.group}`
    Object.assign(this.role.picked, line(plane.points[pair]))
    Object.assign(this.role.join, line(this.joined === null ? undefined : plane.points[this.joined]))
    const [one, other] = plane.explained ?? []
    const isSpace = plane.kind === "space"
    this.layout.xaxis.title = {
      text: isSpace ? "embedding, unit 1" : `principal component 1 (${percent(one ?? 0)} of variance)`,
      standoff: 6,
    }
    this.layout.yaxis.title = {
      text: isSpace ? "embedding, unit 2" : `component 2 (${percent(other ?? 0)})`,
      standoff: 4,
    }
    this.shown = this.traces.filter(({ x, meta }) => x.length || meta.role === "join")
  }

  // A line between the two images of a pair.
  join(pair) {
    if (pair === this.joined) return
    this.joined = pair
    const { points } = this.options.snapshot.plane
    const k = this.shown.findIndex(({ meta }) => meta.role === "join")
    const { x, y } = line(points[pair])
    Object.assign(this.role.join, { x, y })
    this.plotly.restyle(this.element, { x: [x], y: [y] }, [k])
  }

  inWords() {
    const { plane, labels } = this.options.snapshot
    const how = plane.kind === "space" ? "The space of the embedding itself" : "The plane of greatest variance"
    const apart = [1, 0].map((same) => {
      const lengths = plane.points
        .filter((_, i) => labels[i][2] === same)
        .map(([a, b, c, d]) => Math.hypot(a - c, b - d))
      return round(lengths.reduce((sum, one) => sum + one, 0) / Math.max(lengths.length, 1), 2)
    })
    return `${how}, ${2 * plane.points.length} images: those of a same pair are ${apart[0]} apart in it on average, those of a different one ${apart[1]}. Point at an image to see its pair.`
  }
}

export class Confusion extends SnapshotChart {
  put(snapshot) {
    const { head, ofDigits, nClasses } = this.options
    const n = ofDigits ? 10 : nClasses
    const cells = this.cells(snapshot)
    const empty = () => Array.from({ length: n }, () => new Array(n).fill(null))
    for (const role of ["right", "wrong"]) {
      const [z, counts] = [empty(), empty()]
      const own = cells.filter(([is, says]) => (is === says) === (role === "right"))
      for (const [is, says, count] of own) {
        z[is][says] = Math.sqrt(count)
        counts[is][says] = count
      }
      const most = Math.max(2, ...own.map(([, , count]) => count))
      const text = ofDigits ? counts.map((row) => row.map((count) => count ?? "")) : undefined
      Object.assign(this.role[role], { z, text, customdata: counts, zmin: 1, zmax: Math.sqrt(most) })
    }
    this.layout.meta = { head }
  }

  // True class, predicted class, number of pairs; without those that are 0.
  cells({ confusion, digit_confusion: digits }) {
    const { head, ofDigits } = this.options
    if (!ofDigits) return confusion[head]
    return digits[head].flatMap((row, is) => row.map((count, says) => [is, says, count])).filter(([, , count]) => count)
  }

  inWords() {
    const cells = this.cells(this.options.snapshot)
    const all = cells.reduce((sum, [, , count]) => sum + count, 0)
    const right = cells.reduce((sum, [is, says, count]) => sum + (is === says ? count : 0), 0)
    const worst = cells.filter(([is, says]) => is !== says).sort((one, other) => other[2] - one[2])[0]
    const often = worst ? ` Most often ${worst[0]} is taken for ${worst[1]}: ${worst[2]} times.` : ""
    return `${this.options.head}${this.options.ofDigits ? ", digits" : ""}: ${right} of ${all} right.${often}`
  }
}

const line = (points) => (points ? { x: [points[0], points[2]], y: [points[1], points[3]] } : { x: [], y: [] })

const number = (auc) => (auc === null || auc === undefined ? "not defined" : auc.toFixed(3))

function middleOf({ edges, ...counts }, kind) {
  const total = counts[kind].reduce((sum, count) => sum + count, 0)
  return counts[kind].reduce((sum, count, k) => sum + (count * (edges[k] + edges[k + 1])) / 2, 0) / Math.max(total, 1)
}
