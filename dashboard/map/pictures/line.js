// The line of all settings of a weight map of two heads: along it the share of the first one, upwards
// what is measured. What is said of the point that is pointed at stands above.

import { ACCURACY } from "../../client/saying/measures.js"
import { fileName, inChart } from "../../client/saying/words.js"
import { inTwoLines, lineRange, lines, noiseOf, sum } from "../values.js"
import { isFixed, Picture } from "./picture.js"
import { Pointer } from "./pointer.js"

const STRIP = 76 // px above the plot, for words
const [LEGEND, ROWS] = [48, 64] // px below the plot where the legend begins, and what it may take
const [LETTER, LINE] = [7.5, 18] // px of a letter of a title, and of a row of them
const RING = 20 // px of the ring around a point
const [FIRST, LAST] = [-0.03, 1.03] // ends of the axis, in shares of the line
const NEAR = 12 // px beside the plot that still count

export class Line extends Picture {
  /** @type {number[][]} */ places = [] // of the grid: whole numbers for a point, which sum to the resolution
  resolution = 1
  /** @type {[number, number]} */ range = [0, 1] // of the values

  constructor(plotly, element, figure, onPick, readout) {
    super(plotly, element, figure, onPick)
    this.readout = readout
    this.pointer = new Pointer(element, { at: (event) => this.pointAt(event), onLook: () => this.tell(), onPick })
    this.title = this.layout.xaxis.title.text
  }

  // Plotly tells of no click where nothing is to be zoomed.
  listen() {}

  get fileName() {
    const { run, quantity, column } = this.options.shown
    return fileName("map", run ?? "none", quantity, column)
  }

  fill() {
    const { shown, answer } = this.options
    const { text, style } = this.dress()
    const { layout, role: trace } = this
    const accent = style.getPropertyValue("--st-primary-color").trim() || text
    const places = (this.places = shown.places ?? answer?.places ?? [])
    this.resolution = places.length ? sum(places[0]) : 1
    const values = answer?.values[shown.quantity]
    const mean = values?.mean[shown.column] ?? []
    const all = [...places.keys()]
    const measured = all.filter((i) => (mean[i] ?? null) !== null)
    const measure = shown.measures[shown.quantity][shown.column]
    const noise = measured.map((i) => noiseOf(i, values, shown.column))
    const found = measured.map((i) => mean[i])
    this.range = /** @type {[number, number]} */ (lineRange(found, noise, measure, isFixed(answer)))
    const at = (one, indices) => {
      one.x = indices.map((i) => this.along(i))
      one.y = indices.map((i) => mean[i] ?? this.range[0])
      one.customdata = indices
    }
    at(
      trace.grid,
      all.filter((i) => (mean[i] ?? null) === null),
    )
    at(trace.values, measured)
    trace.values.line = { color: accent, width: 2 }
    trace.values.marker.color = accent
    trace.values.error_y = { type: "data", array: noise.map((one) => one ?? 0), color: accent, thickness: 1, width: 3 }
    trace.values.error_y.visible = noise.some((one) => one !== null)
    const best = values?.best[shown.column] ?? null
    at(
      trace.ties,
      (values?.ties[shown.column] ?? []).filter((i) => i !== best),
    )
    at(trace.best, best === null ? [] : [best])
    at(trace.diverged, answer?.diverged ?? [])
    at(trace.picked, places[shown.point] ? [shown.point] : [])
    trace.grid.marker.color = trace.ties.marker.color = text
    for (const name of ["article", "present"]) {
      const place = shown.marks[name]
      Object.assign(trace[name], place ? { x: [place[0]], y: [this.range[0]] } : { x: [], y: [] })
    }
    Object.assign(layout.xaxis, {
      tickvals: shown.ticks.map(([place]) => place),
      ticktext: shown.ticks.map(([, share]) => shareWords(share)),
      linecolor: text,
    })
    const tickformat = measure.kind === ACCURACY ? ".0%" : ""
    Object.assign(layout.yaxis, { tickformat, range: this.range, linecolor: text })
    this.keepInLegend(["x", "y"])
    this.fit()
  }

  // Where a point is along the line, 0 to 1: the first head has all of the total at 1.
  along(point) {
    return this.places[point][0] / this.resolution
  }

  tell() {
    const { places, readout } = this
    const pointed = this.pointer.point
    if (pointed === undefined || !places[pointed]) return readout.hide()
    const { shown, answer } = this.options
    const { l, r, t, b } = this.layout.margin
    const { clientWidth: width, clientHeight: height } = this.element
    const [low, high] = this.range
    const value = answer?.values[shown.quantity].mean[shown.column][pointed] ?? low
    readout.show(pointed, lines(pointed, shown, answer), {
      x: l + ((this.along(pointed) - FIRST) / (LAST - FIRST)) * (width - l - r),
      y: t + ((high - value) / (high - low)) * (height - t - b),
      size: RING,
      end: width,
      isWide: true,
      least: 0,
      room: () => t,
    })
  }

  pointAt({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect()
    const { l, r, t, b } = this.layout.margin
    const { clientWidth: width, clientHeight: height } = this.element
    const [x, y] = [clientX - left, clientY - top]
    if (!this.places.length || x < l - NEAR || x > width - r + NEAR || y < t - NEAR || y > height - b + NEAR) return
    const share = FIRST + ((x - l) / (width - l - r)) * (LAST - FIRST)
    const along = Math.round(Math.min(1, Math.max(0, share)) * this.resolution)
    return this.places.findIndex(([first]) => first === along)
  }

  fit() {
    const { layout, element } = this
    const { clientHeight: height, clientWidth: width } = element
    const along = inTwoLines(this.title, (width - layout.margin.l) / LETTER)
    const legend = LEGEND + (along === this.title ? 0 : LINE)
    const tall = height - STRIP - legend - ROWS
    layout.height = height
    layout.margin = { ...layout.margin, t: STRIP, b: legend + ROWS, autoexpand: false }
    layout.legend.y = -legend / tall
    layout.xaxis.title.text = along
    layout.yaxis.title = { text: inTwoLines(inChart(this.options.shown.title), tall / LETTER), standoff: 4 }
    this.tell()
  }
}

// A share in percent, with as many digits as tell it from nothing and from all.
const shareWords = (share) => {
  const small = Math.min(share, 1 - share)
  const digits = small > 1e-9 && small < 0.005 ? 2 : small > 1e-9 && small < 0.05 ? 1 : 0
  return `${(100 * share).toFixed(digits)} %`
}
