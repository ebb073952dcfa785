// The two pictures of a weight map: the triangle of all settings, and the Pareto front of two heads.
// What each trace shows is said by its `meta.role`, as `map_charts.py` describes.

import { fileName, toolbar } from "../charts/toolbar.js"
import { percent, round } from "../client/parts.js"

const CONTRAST = 3 // the colours reach as far below the median as this times what is above it
const TALL = Math.sqrt(3) / 2 // of a triangle's side
const [LABEL, BAR, BELOW] = [28, 62, 140] // px: a corner's label, the colour bar, bar and legend
const STILL = 5 // px that a click may move

// What both have in common: made with the first draw, redrawn in place, points that can be clicked.
class Picture {
  constructor(plotly, element, figure, onPick) {
    Object.assign(this, { plotly, element, onPick })
    this.layout = structuredClone(figure.layout)
    this.traces = structuredClone(figure.data)
    this.trace = Object.fromEntries(this.traces.map((trace) => [trace.meta.role, trace]))
  }

  show() {
    const { plotly, element } = this
    if (this.made) return plotly.react(element, this.traces, this.layout)
    const config = toolbar(plotly, () => this.fileName, { canZoom: false })
    this.made = plotly.newPlot(element, this.traces, this.layout, config)
    this.listen()
    return this.made
  }

  resize() {
    if (this.made && this.element.isConnected) return this.plotly.Plots.resize(this.element)
  }

  // Colours of the page's theme.
  dress() {
    const style = getComputedStyle(this.element)
    const text = style.color
    const dark = text.match(/[\d.]+/g).map(Number)[0] > 140
    const { layout, trace } = this
    Object.assign(layout, { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" })
    layout.font = { color: text, family: style.fontFamily, size: 13 }
    layout.hoverlabel = { bgcolor: dark ? "#262730" : "#ffffff", font: { color: text } }
    layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: text, activecolor: text }
    const line = dark ? "rgba(255,255,255,0.5)" : "rgba(0,0,0,0.45)"
    const grid = dark ? "rgba(255,255,255,0.12)" : "rgba(0,0,0,0.1)"
    const accent = style.getPropertyValue("--st-primary-color").trim() || text
    trace.picked.marker.color = dark ? "#ff6ec7" : "#c2187a"
    return { text, dark, line, grid, accent }
  }
}

export class Triangle extends Picture {
  draw(shown, answer) {
    this.fileName = fileName("map", shown.run ?? "none", shown.quantity, shown.column)
    const { text, dark } = this.dress()
    const { layout, trace } = this
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
    at(trace.grid, all.filter((i) => (mean[i] ?? null) === null))
    trace.grid.text = trace.grid.customdata.map((i) => words(i, shown, answer))
    at(trace.values, measured)
    trace.values.text = measured.map((i) => words(i, shown, answer))
    const colours = measured.map((i) => mean[i])
    const [low, high] = colourRange(colours, shown.sign)
    Object.assign(trace.values.marker, {
      color: colours, cmin: low, cmax: high, reversescale: shown.sign < 0, showscale: measured.length > 0,
    })
    const isAccuracy = shown.quantity === "val_accuracy"
    Object.assign(trace.values.marker.colorbar, {
      ...ticks(low, high, colours, isAccuracy),
      title: { ...trace.values.marker.colorbar.title, text: shown.title },
      outlinewidth: 0,
    })
    const best = values?.best[shown.column] ?? null
    at(trace.ties, (values?.ties[shown.column] ?? []).filter((i) => i !== best))
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
    this.show()
  }

  // Plotly tells of no click in a triangle that is not to be zoomed.
  listen() {
    const { element } = this
    element.addEventListener("pointerdown", (down) => {
      const released = (up) => {
        const still = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) < STILL
        if (still) this.onPick(this.pointAt(up))
      }
      window.addEventListener("pointerup", released, { once: true })
      window.addEventListener("pointercancel", () => window.removeEventListener("pointerup", released), { once: true })
    }, true)
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
    const { layout, trace, resolution } = this
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

  draw(shown, answer) {
    this.fileName = fileName("map", shown.run ?? "none", "front", shown.front)
    const { dark, line, grid, accent } = this.dress()
    const { layout, trace } = this
    const names = shown.front.split(" and ")
    const [x, y] = names.map((name) => answer?.values.val_accuracy.mean[name] ?? [])
    const onFront = new Set(answer?.fronts[shown.front] ?? [])
    const at = (trace, indices) => {
      trace.x = indices.map((i) => x[i])
      trace.y = indices.map((i) => y[i])
      trace.customdata = indices
    }
    const measured = [...x.keys()].filter((i) => x[i] !== null)
    at(trace.dominated, measured.filter((i) => !onFront.has(i)))
    at(trace.front, measured.filter((i) => onFront.has(i)).sort((i, j) => x[i] - x[j] || y[j] - y[i]))
    for (const name of ["dominated", "front"]) {
      trace[name].text = trace[name].customdata.map((i) => pairWords(i, names, answer))
    }
    const best = answer?.values[shown.quantity].best[shown.column] ?? null
    at(trace.best, best === null ? [] : [best])
    at(trace.picked, measured.includes(shown.point) ? [shown.point] : [])
    trace.dominated.marker.color = trace.dominated.meta.colours[dark ? 1 : 0]
    trace.front.marker.color = trace.front.line.color = accent
    ;[x, y].forEach((values, k) => {
      Object.assign(layout[["xaxis", "yaxis"][k]], {
        gridcolor: grid, linecolor: line, title: { text: shown.axes[k], standoff: 8 },
        range: frontRange(measured.map((i) => values[i]), [...onFront].map((i) => values[i])),
      })
    })
    const { range: [left] } = layout.xaxis
    const { range: [bottom] } = layout.yaxis
    const outside = measured.filter((i) => x[i] < left || y[i] < bottom).length
    layout.annotations = outside ? [note(`${outside} worse ones are out of sight: double-click for all`)] : []
    layout.uirevision = `${shown.run} ${shown.front}`
    for (const one of this.traces) one.showlegend = one.x.length > 0
    this.show()
  }
}

// From the best value to so far below the median that the good ones can be told apart; what is
// worse still has the last colour.
export function colourRange(values, sign) {
  if (!values.length) return [0, 1]
  const sorted = values.map((value) => sign * value).sort((a, b) => b - a)
  const [best, worst] = [sorted[0], sorted.at(-1)]
  const median = sorted[Math.floor(sorted.length / 2)]
  const last = median < best ? Math.max(worst, best - CONTRAST * (best - median)) : worst
  const [low, high] = sign > 0 ? [last, best] : [-best, -last]
  return low < high ? [low, high] : [low - 1e-3, high + 1e-3]
}

// The axis of a Pareto scatter: all of the front, and the settings near it.
export function frontRange(values, ofFront) {
  if (!values.length) return [0, 1]
  const [low, high] = colourRange(values, 1)
  const least = Math.min(low, ...ofFront)
  const room = 0.06 * (high - least)
  return [least - room, high + room]
}

function note(text) {
  return { text, x: 0.01, y: 0.01, xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom", showarrow: false, font: { size: 12 } }
}

// Five ticks of the colour bar; an end beyond which there is more says so.
function ticks(low, high, values, isAccuracy) {
  const tickvals = [0, 1, 2, 3, 4].map((k) => low + (k * (high - low)) / 4)
  const digits = high - low < 0.05 ? 1 : 0
  const ticktext = tickvals.map((value) => (isAccuracy ? percent(value, digits) : round(value, high - low < 0.1 ? 3 : 2)))
  if (Math.min(...values) < low) ticktext[0] = `≤ ${ticktext[0]}`
  if (Math.max(...values) > high) ticktext[4] = `≥ ${ticktext[4]}`
  return { tickvals, ticktext }
}

const sum = (values) => values.reduce((total, value) => total + value, 0)

export const weightWords = (weights) => weights.map((weight) => round(weight, 4)).join(", ")

// A value with what is known of its noise: the spread over seeds, or else the sampling error.
export function valueWords(i, values, column, isAccuracy) {
  const mean = values.mean[column][i]
  if (mean === null) return "–"
  const spread = values.spread[column][i] ?? values.error?.[column][i] ?? null
  const form = isAccuracy ? (value) => (100 * value).toFixed(1) : (value) => value.toFixed(3)
  return `${form(mean)}${spread === null ? "" : ` ± ${form(spread)}`}${isAccuracy ? " %" : ""}`
}

function noiseWords(i, answer, column) {
  const { n_seeds: seeds, values } = answer
  const { spread } = values.val_accuracy
  return (spread[column][i] ?? null) !== null ? `± spread of ${seeds[i]} seeds` : `${seeds[i]} seed, ± sampling error`
}

function words(i, shown, answer) {
  if (!answer) return "not trained yet"
  const weights = shown.heads.map((head, h) => `${head} ${round(answer.weights[i][h], 4)}`)
  const values = answer.values[shown.quantity]
  const isAccuracy = shown.quantity === "val_accuracy"
  const lines = [...weights]
  if (answer.diverged.includes(i)) lines.push("diverged: try a smaller total or learning rate")
  if (values.mean[shown.column][i] === null) return [...lines, "not measured yet"].join("<br>")
  lines.push(`${shown.title}: <b>${valueWords(i, values, shown.column, isAccuracy)}</b>`)
  lines.push(`${noiseWords(i, answer, shown.column)}, step ${answer.step[i]}`)
  return lines.join("<br>")
}

function pairWords(i, names, answer) {
  const values = answer.values.val_accuracy
  const lines = names.map((name) => `${name}: <b>${valueWords(i, values, name, true)}</b>`)
  lines.push(`weights ${weightWords(answer.weights[i])}`)
  lines.push(`${noiseWords(i, answer, names[0])}, step ${answer.step[i]}`)
  return lines.join("<br>")
}
