// The embeddings of the validation images in a plane, 1,024 points. With few groups each has a colour
// and a symbol; of many classes so many have that can be told apart, and the others are grey.

import { inChart, percent, round } from "../../client/saying/words.js"
import { confused, seated, short } from "../classes.js"
import { SnapshotChart } from "../snapshot_chart.js"
import { CONFUSED, FEW, PICKED } from "./in_colour.js"

const LIT = 8 // classes of many that have a colour

export class Plane extends SnapshotChart {
  /** @type {number | null} */ joined = null // the pair whose images a line joins
  /** @type {(number | null)[]} */ lit = [] // of many classes, the one that each colour is of

  listen() {
    super.listen()
    this.element.on("plotly_hover", ({ points: [point] }) => this.join(point.customdata))
    this.element.on("plotly_unhover", () => this.join(null))
  }

  put(snapshot) {
    const { plane, labels, classes } = snapshot
    const { by, pair } = this.options
    const seats = this.seats(snapshot)
    for (const trace of this.traces) Object.assign(trace, { x: [], y: [], text: [], customdata: [] })
    const { rest } = this.role
    const groups = new Map(this.traces.filter(({ meta }) => meta.role === "group").map((one) => [one.meta.group, one]))
    const groupOf = { class: (c) => seats.indexOf(c), tens: (c) => Math.floor(c / 10), ones: (c) => c % 10 }[by]
    plane.points.forEach(([x1, y1, x2, y2], i) => {
      const points = [
        [x1, y1, labels[i][0]],
        [x2, y2, labels[i][1]],
      ]
      points.forEach(([x, y, label], k) => {
        const trace = groups.get(groupOf(label)) ?? rest
        trace.x.push(x)
        trace.y.push(y)
        trace.customdata.push(i)
        const kind = labels[i][2] ? "same" : "different"
        trace.text.push(`${inChart(classes[label])}<br>image ${k + 1} of pair ${i}<br>${kind}`)
      })
    })
    for (const [group, trace] of groups)
      trace.name = by === "class" ? short(classes[seats[group]] ?? "") : `${by} ${group}`
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

  // The class that each colour is of.
  seats(snapshot) {
    const { labels, classes } = snapshot
    const { pair, chosen } = this.options
    if (classes.length <= FEW) return classes.map((_, c) => c)
    const wanted =
      chosen === CONFUSED
        ? confused(snapshot, LIT)
        : chosen === PICKED
          ? [...new Set(labels[pair].slice(0, 2))]
          : [Number(chosen)]
    this.lit = seated(this.lit, wanted, LIT)
    return this.lit
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
    const { plane, labels, is_collapsed: isCollapsed } = this.options.snapshot
    if (isCollapsed) return "All images get the same embedding: what is apart here differs by next to nothing."
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

const line = (points) => (points ? { x: [points[0], points[2]], y: [points[1], points[3]] } : { x: [], y: [] })
