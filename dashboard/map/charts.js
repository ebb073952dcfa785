// The two pictures of a weight map: the triangle of all settings, and the Pareto front of two heads.
// What each trace shows is said by its `meta.role`, as `charts.py` describes.

import { ChartFrame } from "../charts/frame.js"
import { shade } from "../client/colours.js"
import { fileName } from "../client/words.js"
import { colourRange, frontRange, pairWords, sum, ticks, words } from "./values.js"

const TALL = Math.sqrt(3) / 2 // of a triangle's side
const [LABEL, BAR, BELOW] = [28, 62, 140] // px: a corner's label, the colour bar, bar and legend
const STILL = 5 // px that a click may move

// What both have in common: nothing to be zoomed, points that can be clicked.
class Picture extends ChartFrame {
  canZoom = false

  constructor(plotly, element, figure, onPick) {
    super(plotly, element, figure)
    this.onPick = onPick
    this.shown = this.traces
  }

  dress() {
    const dressed = super.dress()
    this.role.picked.marker.color = dressed.dark ? "#ff6ec7" : "#c2187a"
    return dressed
  }
}

export class Triangle extends Picture {
  /** @type {number[][]} */ places = [] // of the grid: three whole numbers a point, which sum to the resolution
  resolution = 1
  side = 0 // px

  get fileName() {
    const { run, quantity, column } = this.options.shown
    return fileName("map", run ?? "none", quantity, column)
  }

  fill() {
    const { shown, answer } = this.options
    const { text, dark } = this.dress()
    const { layout, role: trace } = this
    // Black and white marks are to be seen in the legend as well.
    layout.legend.bgcolor = dark ? "#c9ccd1" : "rgba(0,0,0,0)"
    layout.legend.font = { color: dark ? "#111111" : text }
    layout.ternary.bgcolor = "rgba(0,0,0,0)"
    const places = (this.places = shown.places ?? answer?.places ?? [])
    this.resolution = places.length ? sum(places[0]) : 1
    const at = (trace, indices) => {
      ;["a", "b", "c"].forEach((axis, h) => {
        trace[axis] = indices.map((i) => places[i][h] / this.resolution)
      })
      trace.customdata = indices
    }
    const all = [...places.keys()]
    const values = answer?.values[shown.quantity]
    const mean = values?.mean[shown.column] ?? []
    const measured = all.filter((i) => (mean[i] ?? null) !== null)
    at(
      trace.grid,
      all.filter((i) => (mean[i] ?? null) === null),
    )
    trace.grid.text = trace.grid.customdata.map((i) => words(i, shown, answer))
    at(trace.values, measured)
    trace.values.text = measured.map((i) => words(i, shown, answer))
    const colours = measured.map((i) => mean[i])
    const [low, high] = colourRange(colours, shown.sign)
    Object.assign(trace.values.marker, {
      color: colours,
      cmin: low,
      cmax: high,
      reversescale: shown.sign < 0,
      showscale: measured.length > 0,
    })
    const isAccuracy = shown.quantity === "val_accuracy"
    Object.assign(trace.values.marker.colorbar, {
      ...ticks(low, high, colours, isAccuracy),
      title: { ...trace.values.marker.colorbar.title, text: shown.title },
      outlinewidth: 0,
    })
    const best = values?.best[shown.column] ?? null
    at(
      trace.ties,
      (values?.ties[shown.column] ?? []).filter((i) => i !== best),
    )
    at(trace.best, best === null ? [] : [best])
    at(trace.diverged, answer?.diverged ?? [])
    at(trace.picked, places[shown.point] ? [shown.point] : [])
    trace.grid.marker.color = trace.diverged.marker.color = text
    trace.diverged.marker.line = { ...trace.diverged.marker.line, color: text }
    for (const name of ["article", "present"]) {
      const place = shown.marks[name]
      ;["a", "b", "c"].forEach((axis, h) => (trace[name][axis] = place ? [place[h]] : []))
    }
    for (const name of ["ties", "best", "diverged", "picked", "article", "present"]) {
      trace[name].showlegend = trace[name].a.length > 0
    }
    this.fit()
  }

  // Plotly tells of no click in a triangle that is not to be zoomed.
  listen() {
    const { element } = this
    element.addEventListener(
      "pointerdown",
      (down) => {
        const released = (up) => {
          const still = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) < STILL
          if (still) this.onPick(this.pointAt(up))
        }
        window.addEventListener("pointerup", released, { once: true })
        window.addEventListener("pointercancel", () => window.removeEventListener("pointerup", released), {
          once: true,
        })
      },
      true,
    )
  }

  // Index of the point in whose hexagon an event is, undefined outside of all.
  pointAt({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect()
    const { margin } = this.layout
    const up = 1 - (clientY - top - margin.t) / (TALL * this.side)
    const right = (clientX - left - margin.l) / this.side - up / 2
    const distances = this.places.map(([i, , k]) => {
      const [a, c] = [i / this.resolution - up, k / this.resolution - right]
      return a * a + c * c + a * c // of the centres, in sides, squared
    })
    const nearest = distances.indexOf(Math.min(...distances))
    return distances[nearest] <= 1 / 3 / this.resolution ** 2 ? nearest : undefined
  }

  // Hexagons fill the triangle if their circles' diameter is this; all must fit into the element,
  // with labels around them, and below them colour bar and legend.
  fit() {
    const { layout, role: trace, resolution } = this
    const { clientWidth: width, clientHeight: height } = this.element
    const room = height - 2 * LABEL - BELOW
    const side = Math.max(50, Math.min((width - 8) / (1 + 1 / resolution), room / (TALL + 1 / TALL / resolution)))
    this.side = side
    const size = (2 * side) / resolution / Math.sqrt(3)
    const top = LABEL + size / 2
    const tall = TALL * side
    const edge = (width - side) / 2
    layout.margin = { l: edge, r: edge, t: top, b: height - top - tall, autoexpand: false }
    trace.values.marker.colorbar.y = -(size / 2 + LABEL) / tall
    layout.legend.y = -(size / 2 + LABEL + BAR) / tall
    for (const name of ["corners", "grid", "values"]) trace[name].marker.size = size
    trace.ties.marker.size = Math.max(size - 4, 4)
  }

  resize() {
    super.resize()?.then(() => {
      this.fit()
      this.show()
    })
  }
}

export class Front extends Picture {
  listen() {
    this.element.on("plotly_click", ({ points: [point] }) => this.onPick(point.customdata))
  }

  get fileName() {
    const { run, front } = this.options.shown
    return fileName("map", run ?? "none", "front", front)
  }

  fill() {
    const { shown, answer } = this.options
    const { dark, text, style } = this.dress()
    const line = dark ? "rgba(255,255,255,0.5)" : "rgba(0,0,0,0.45)"
    const accent = style.getPropertyValue("--st-primary-color").trim() || text
    const { layout, role: trace } = this
    const names = shown.front.split(" and ")
    const [x, y] = names.map((name) => answer?.values.val_accuracy.mean[name] ?? [])
    const onFront = new Set(answer?.fronts[shown.front] ?? [])
    const at = (trace, indices) => {
      trace.x = indices.map((i) => x[i])
      trace.y = indices.map((i) => y[i])
      trace.customdata = indices
    }
    const measured = [...x.keys()].filter((i) => x[i] !== null)
    at(
      trace.dominated,
      measured.filter((i) => !onFront.has(i)),
    )
    at(
      trace.front,
      measured.filter((i) => onFront.has(i)).sort((i, j) => x[i] - x[j] || y[j] - y[i]),
    )
    for (const name of ["dominated", "front"]) {
      trace[name].text = trace[name].customdata.map((i) => pairWords(i, names, answer))
    }
    const best = answer?.values[shown.quantity].best[shown.column] ?? null
    at(trace.best, best === null ? [] : [best])
    at(trace.picked, measured.includes(shown.point) ? [shown.point] : [])
    trace.dominated.marker.color = shade(trace.dominated.meta.colours, dark)
    trace.front.marker.color = trace.front.line.color = accent
    ;[x, y].forEach((values, k) => {
      Object.assign(layout[["xaxis", "yaxis"][k]], {
        linecolor: line,
        title: { text: shown.axes[k], standoff: 8 },
        range: frontRange(
          measured.map((i) => values[i]),
          [...onFront].map((i) => values[i]),
        ),
      })
    })
    const {
      range: [left],
    } = layout.xaxis
    const {
      range: [bottom],
    } = layout.yaxis
    const outside = measured.filter((i) => x[i] < left || y[i] < bottom).length
    layout.annotations = outside ? [note(`${outside} worse ones are out of sight: double-click for all`)] : []
    layout.uirevision = `${shown.run} ${shown.front}`
    for (const one of this.traces) one.showlegend = one.x.length > 0
  }
}

function note(text) {
  return {
    text,
    x: 0.01,
    y: 0.01,
    xref: "paper",
    yref: "paper",
    xanchor: "left",
    yanchor: "bottom",
    showarrow: false,
    font: { size: 12 },
  }
}
