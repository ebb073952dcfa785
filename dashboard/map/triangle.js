// The triangle of all settings of a weight map, with what is said of the point that is pointed at.

import { fileName } from "../client/saying/words.js"
import { isFixed, PointPicture } from "./picture.js"
import { colourScale, cutShort, lines, sum, ticks } from "./values.js"

const TALL = Math.sqrt(3) / 2 // of a triangle's side
const [LABEL, BAR, BELOW] = [28, 62, 118] // px: a corner's label, the colour bar, bar and legend
const LABELLED = 56 // px: half of the upper corner's label
const LETTER = 6.2 // px of a label
const NARROW = 460 // px of a picture: below it there is no room for words beside the triangle
const STRIP = 70 // px above the triangle then
const TOOLBAR = 28 // px

export class Triangle extends PointPicture {
  side = 0 // px
  size = 0 // px of a hexagon, from corner to corner
  strip = 0 // px above the triangle for words that have no room beside it

  constructor(plotly, element, figure, onPick, readout) {
    super(plotly, element, figure, onPick, readout)
    this.labels = this.role.corners.text
  }

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
    at(trace.values, measured)
    const colours = measured.map((i) => mean[i])
    const measure = shown.measures[shown.quantity][shown.column]
    const { range, told } = colourScale(colours, measure, isFixed(answer))
    const [low, high] = range
    Object.assign(trace.values.marker, {
      color: colours,
      cmin: low,
      cmax: high,
      reversescale: measure.sign < 0,
      showscale: measured.length > 0,
    })
    Object.assign(trace.values.marker.colorbar, {
      ...ticks(low, high, colours, measure.kind, measure.chance),
      title: { ...trace.values.marker.colorbar.title, text: `${shown.title}, ${told}` },
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
    trace.grid.marker.color = text
    for (const name of ["article", "present"]) {
      const place = shown.marks[name]
      ;["a", "b", "c"].forEach((axis, h) => (trace[name][axis] = place ? [place[h]] : []))
    }
    this.keepInLegend(["a", "b", "c"])
    this.fit()
  }

  tell() {
    const { pointed, places, resolution, readout, side, size, strip } = this
    const place = pointed === undefined ? undefined : places[pointed]
    if (pointed === undefined || !place) return readout.hide()
    const { shown, answer } = this.options
    const { l, t } = this.layout.margin
    const [up, right] = [place[0] / resolution, place[2] / resolution]
    readout.show(pointed, lines(pointed, shown, answer), {
      x: l + side * (right + up / 2),
      y: t + TALL * side * (1 - up),
      size,
      end: this.element.clientWidth,
      isWide: strip > 0,
      least: TOOLBAR,
      room: (width) => this.room(width),
    })
  }

  // How far down words of a width may reach beside the triangle, in px: to the first row of hexagons
  // that comes too near.
  room(width) {
    const { side, size, strip, resolution: r } = this
    const { t } = this.layout.margin
    const middle = this.element.clientWidth / 2
    if (strip || middle - LABELLED < width) return t - size / 2 - LABEL
    for (let k = 0; k <= r; k++) {
      const left = middle - (side * k) / r / 2 - (size * TALL) / 2
      if (left < width) return t + (TALL * side * k) / r - size / 2
    }
    return Infinity
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
    this.strip = width < NARROW ? STRIP : 0
    const room = height - 2 * LABEL - BELOW - this.strip
    const side = Math.max(50, Math.min((width - 8) / (1 + 1 / resolution), room / (TALL + 1 / TALL / resolution)))
    this.side = side
    const size = (this.size = (2 * side) / resolution / Math.sqrt(3))
    const top = this.strip + LABEL + size / 2
    const tall = TALL * side
    const edge = (width - side) / 2
    layout.height = height
    layout.margin = { l: edge, r: edge, t: top, b: height - top - tall, autoexpand: false }
    trace.values.marker.colorbar.y = -(size / 2 + LABEL) / tall
    layout.legend.y = -(size / 2 + LABEL + BAR) / tall
    this.label(edge)
    for (const name of ["corners", "grid", "values"]) trace[name].marker.size = size
    trace.ties.marker.size = Math.max(size - 4, 4)
    this.tell()
  }

  // The names of the lower corners stand between them; long ones under them, and cut where two would
  // meet or one would leave the element.
  label(edge) {
    const { side, size, labels } = this
    const { corners } = this.role
    const free = side - size // between the lower corners' hexagons
    const fits = sum(labels.slice(1).map((label) => LETTER * (label.length + 1))) < free
    const most = fits ? Infinity : Math.min(side, 2 * edge) / LETTER - 1
    const between = most < free / 2 / LETTER - 1
    const room = between ? free / 2 / LETTER - 1 : most
    corners.text = [labels[0], ...labels.slice(1).map((label) => cutShort(label, Math.floor(room)))]
    const under = ["bottom center", "bottom center"]
    corners.textposition = ["top center", ...(fits || between ? ["bottom right", "bottom left"] : under)]
  }
}
