// The triangle of all settings of a weight map, with what is said of the point that is pointed at. It
// is drawn here and not by Plotly: while a map trains only the colours of what is there change, and
// that takes a twentieth of what a drawing anew takes.

/** @import { TriangleFigure } from "../../client/types.js" */
import { savingButtons } from "../../charts/saving.js"
import { isDark } from "../../client/drawing/colours.js"
import { reshape, shape } from "../../client/drawing/svg.js"
import { fileName } from "../../client/saying/words.js"
import { colourScale, cutShort, lines, sum, ticks } from "../values.js"
import { ColourBar } from "./colour_bar.js"
import { hexagon, Legend, mark, pickedColour } from "./marks.js"
import { isFixed } from "./picture.js"
import { Pointer } from "./pointer.js"

const TALL = Math.sqrt(3) / 2 // of a triangle's side
const [LABEL, BAR, BELOW] = [28, 62, 118] // px: a corner's label, the colour bar, bar and legend
const LABELLED = 56 // px: half of the upper corner's label
const LETTER = 6.2 // px of a label
const NARROW = 460 // px of a picture: below it there is no room for words beside the triangle
const STRIP = 70 // px above the triangle then
const TOOLBAR = 28 // px
const UNDER = { color: "#ffffff", line: { width: 6 } } // what lies under the ring of the picked point

export class Triangle {
  /** @type {any} */ options = null // what `set` was given; nothing is drawn before
  /** @type {number[][]} */ places = [] // of the grid: whole numbers for a point, which sum to the resolution
  resolution = 1
  /** @type {SVGElement[]} */ cells = [] // a hexagon for each point
  width = 0 // px of the drawing
  height = 0
  left = 0 // px of the lower left corner
  top = 0 // px of the upper one
  side = 0 // px
  size = 0 // px of a hexagon, from corner to corner
  strip = 0 // px above the triangle for words that have no room beside it

  /** @param {HTMLElement} element @param {TriangleFigure} figure @param {import("./readout.js").Readout} readout */
  constructor(element, { corners, colours, marks }, onPick, readout) {
    this.element = element
    this.readout = readout
    this.corners = corners
    this.marks = marks
    this.pointer = new Pointer(element, { at: (event) => this.pointAt(event), onLook: () => this.tell(), onPick })
    const drawing = shape(element, "svg", {
      class: "map-drawing",
      "aria-hidden": "true",
      fill: "currentColor",
      "font-size": 13,
    })
    this.drawing = drawing
    this.hexagons = shape(drawing, "g", { class: "map-cells" })
    this.labels = corners.map(() => shape(drawing, "text"))
    this.bar = new ColourBar(drawing, colours)
    this.legend = new Legend(drawing, marks)
    this.marked = shape(drawing, "g", { "pointer-events": "none" })
    savingButtons(element, drawing, () => this.fileName)
  }

  get fileName() {
    const { run, quantity, column } = this.options.shown
    return fileName("map", run ?? "none", quantity, column)
  }

  set(options) {
    this.options = options
  }

  draw() {
    const { shown, answer } = this.options
    const places = shown.places ?? answer?.places ?? []
    if (places !== this.places && places.join() !== this.places.join()) {
      this.places = places
      this.resolution = places.length ? sum(places[0]) : 1
      this.hexagons.replaceChildren()
      this.cells = places.map((_, point) => shape(this.hexagons, "path", { "data-point": point }))
      this.width = 0 // they are to be placed, once there is room for them
    }
    this.resize()
    this.colour()
    this.putMarks()
    this.tell()
  }

  // Fit into the element, if it is on screen and was of another size.
  resize() {
    const { clientWidth, clientHeight } = this.element
    if (!this.options || !clientWidth || (clientWidth === this.width && clientHeight === this.height)) return
    this.fit()
    this.putMarks()
    this.tell()
  }

  // Each cell in the colour of its value; those not measured yet are outlines.
  colour() {
    const { shown, answer } = this.options
    const mean = answer?.values[shown.quantity].mean[shown.column] ?? []
    const measured = mean.filter((value) => value !== null)
    const measure = shown.measures[shown.quantity][shown.column]
    const { range, told } = colourScale(measured, measure, isFixed(answer))
    const [low, high] = range
    this.bar.show(measured.length > 0, {
      title: `${shown.title}, ${told}`,
      isReversed: measure.sign < 0,
      ticks: ticks(low, high, measured, measure.kind, measure.chance).ticktext,
    })
    this.cells.forEach((cell, i) => {
      const value = mean[i] ?? null
      if (value === null) return reshape(cell, { fill: "none", stroke: "currentColor", "stroke-opacity": 0.35 })
      reshape(cell, { fill: this.bar.colour((value - low) / (high - low)), stroke: "none" })
    })
  }

  putMarks() {
    const { shown, answer } = this.options
    const values = answer?.values[shown.quantity]
    const best = values?.best[shown.column] ?? null
    const points = {
      ties: (values?.ties[shown.column] ?? []).filter((i) => i !== best),
      diverged: answer?.diverged ?? [],
      picked: this.places[shown.point] ? [shown.point] : [],
      best: best === null ? [] : [best],
    }
    const tie = Math.max(this.size - 4, 4)
    const picked = pickedColour(isDark(this.element))
    this.marked.replaceChildren()
    for (const { role, marker } of this.marks) {
      const where = points[role]?.map((i) => this.at(i)) ?? (shown.marks[role] ? [this.on(shown.marks[role])] : [])
      for (const [x, y] of where) {
        const own = role === "ties" ? { size: tie } : role === "picked" ? { color: picked } : {}
        // Dark pink on dark violet would not be seen.
        if (role === "picked") mark(this.marked, { ...marker, ...UNDER }, { x, y })
        mark(this.marked, { ...marker, ...own }, { x, y, "data-role": role })
      }
    }
    this.legend.dress(picked)
  }

  // Where a point is, and where shares of the three corners are.
  at(point) {
    return this.on(this.places[point].map((part) => part / this.resolution))
  }

  /** @param {number[]} shares */
  on([up, , right]) {
    return [this.left + this.side * (right + up / 2), this.top + TALL * this.side * (1 - up)]
  }

  tell() {
    const { places, readout, size, strip } = this
    const { point } = this.pointer
    if (point === undefined || !places[point]) return readout.hide()
    const { shown, answer } = this.options
    const [x, y] = this.at(point)
    readout.show(point, lines(point, shown, answer), {
      x,
      y,
      size,
      end: this.width,
      isWide: strip > 0,
      least: TOOLBAR,
      room: (width) => this.room(width),
    })
  }

  // How far down words of a width may reach beside the triangle, in px: to the first row of hexagons
  // that comes too near.
  room(width) {
    const { side, size, strip, resolution: r, top } = this
    const middle = this.width / 2
    if (strip || middle - LABELLED < width) return top - size / 2 - LABEL
    for (let k = 0; k <= r; k++) {
      const left = middle - (side * k) / r / 2 - (size * TALL) / 2
      if (left < width) return top + (TALL * side * k) / r - size / 2
    }
    return Infinity
  }

  // Index of the point in whose hexagon an event is, undefined outside of all.
  pointAt({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect()
    const up = 1 - (clientY - top - this.top) / (TALL * this.side)
    const right = (clientX - left - this.left) / this.side - up / 2
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
    const { resolution } = this
    const { clientWidth: width, clientHeight: height } = this.element
    Object.assign(this, { width, height })
    reshape(this.drawing, { width, height })
    this.strip = width < NARROW ? STRIP : 0
    const room = height - 2 * LABEL - BELOW - this.strip
    const side = Math.max(50, Math.min((width - 8) / (1 + 1 / resolution), room / (TALL + 1 / TALL / resolution)))
    this.side = side
    const size = (this.size = (2 * side) / resolution / Math.sqrt(3))
    this.top = this.strip + LABEL + size / 2
    this.left = (width - side) / 2
    const path = hexagon(size)
    this.cells.forEach((cell, i) => {
      const [x, y] = this.at(i)
      reshape(cell, { d: path, transform: `translate(${x.toFixed(2)},${y.toFixed(2)})` })
    })
    this.label()
    const below = this.top + TALL * side + size / 2 + LABEL
    this.bar.fit(width / 2, below, Math.min(0.9 * side, Math.max(0, width - BAR)))
    this.legend.fit(width / 2, below + BAR, width)
  }

  // The names of the lower corners stand between them; long ones under them, and cut where two would
  // meet or one would leave the element.
  label() {
    const { side, size, corners, left } = this
    const free = side - size // between the lower corners' hexagons
    const fits = sum(corners.slice(1).map((label) => LETTER * (label.length + 1))) < free
    const most = fits ? Infinity : Math.min(side, 2 * left) / LETTER - 1
    const between = most < free / 2 / LETTER - 1
    const room = Math.floor(between ? free / 2 / LETTER - 1 : most)
    const below = this.top + TALL * side + size / 2 + 15
    const inside = fits || between
    const ends = inside ? [left + size / 2, left + side - size / 2] : [left, left + side]
    const places = [
      { x: left + side / 2, y: this.top - size / 2 - 8, "text-anchor": "middle" },
      { x: ends[0], y: below, "text-anchor": inside ? "start" : "middle" },
      { x: ends[1], y: below, "text-anchor": inside ? "end" : "middle" },
    ]
    this.labels.forEach((label, h) => {
      label.textContent = h ? cutShort(corners[h], room) : corners[h]
      reshape(label, places[h])
    })
  }
}
