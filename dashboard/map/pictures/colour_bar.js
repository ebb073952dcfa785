// From the worst to the best value of a picture: a bar of its colours, with ticks.

import { put } from "../../client/drawing/elements.js"
import { reshape, shape } from "../../client/drawing/svg.js"

const THICK = 12 // px
const [TITLE, TOP, TICKS] = [12, 20, 47] // px below its place: baseline of the title, bar, baseline of ticks
let bars = 0

export class ColourBar {
  isReversed = false // whether the best is the least value

  /** @param {Element} parent @param {string[]} colours evenly apart, as `#rrggbb` */
  constructor(parent, colours) {
    this.colours = colours.map((colour) => [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)))
    this.root = shape(parent, "g", { class: "map-bar", "text-anchor": "middle" })
    const id = `map-bar-${bars++}`
    const gradient = shape(this.root, "linearGradient", { id })
    this.stops = colours.map((_, k) => shape(gradient, "stop", { offset: k / (colours.length - 1) }))
    this.rect = shape(this.root, "rect", { height: THICK, y: TOP, fill: `url(#${id})` })
    this.title = shape(this.root, "text", { y: TITLE })
    this.ticks = [0, 1, 2, 3, 4].map(() => shape(this.root, "text", { y: TICKS, "font-size": 12 }))
  }

  // In the middle of `x`, below `y`, so many pixels long.
  fit(x, y, long) {
    reshape(this.root, { transform: `translate(${x},${y})` })
    reshape(this.rect, { x: -long / 2, width: long })
    this.ticks.forEach((tick, k) => {
      reshape(tick, { x: -long / 2 + (k * long) / 4 })
    })
  }

  /** @param {boolean} isShown @param {{ title: string, isReversed: boolean, ticks: string[] }} told */
  show(isShown, { title, isReversed, ticks }) {
    this.isReversed = isReversed
    reshape(this.root, { visibility: isShown ? "visible" : "hidden" })
    put(this.title, title)
    this.ticks.forEach((tick, k) => {
      put(tick, ticks[k])
    })
    this.stops.forEach((stop, k) => {
      reshape(stop, { "stop-color": this.colour(k / (this.stops.length - 1)) })
    })
  }

  // Of a value's place between the ends of the bar, 0 to 1; beyond them that of the end.
  /** @param {number} share */
  colour(share) {
    const inside = Math.min(1, Math.max(0, this.isReversed ? 1 - share : share))
    const place = inside * (this.colours.length - 1)
    const before = Math.min(Math.floor(place), this.colours.length - 2)
    const mixed = this.colours[before].map((from, channel) =>
      Math.round(from + (place - before) * (this.colours[before + 1][channel] - from)),
    )
    return `rgb(${mixed.join(", ")})`
  }
}
