// What is said of one point of the triangle: beside it and outside of all points, joined to a ring
// around it by a line. It takes no room and no pointer.

import { element, putLines } from "../../client/drawing/elements.js"
import { reshape, shape } from "../../client/drawing/svg.js"

const GAP = 8 // px from the points
const RING = 7 // px of its radius, at least

export class Readout {
  /** @param {Element} parent */
  constructor(parent) {
    this.root = element(parent, "div", "map-overlay")
    this.root.setAttribute("aria-hidden", "true") // the table and the panel say it too
    const drawing = shape(this.root, "svg")
    this.strokes = ["map-under", "map-over"].map((className) => ({
      line: shape(drawing, "line", { class: className }),
      ring: shape(drawing, "circle", { class: className }),
    }))
    this.words = element(this.root, "div", "map-readout")
    this.hide()
  }

  hide() {
    this.root.style.visibility = "hidden"
    delete this.root.dataset.point
  }

  // `lines` of a point at `x`, `y` in a picture that ends at `end`; `size`: of its marker; `room`:
  // how far down words of a width may reach; `isWide`: whether they have all of the width, above;
  // `least`: where they begin at the right, if they can. All in px.
  show(point, lines, { x, y, size, end, isWide, least, room }) {
    putLines(this.words, "span", lines)
    this.root.dataset.point = point
    this.words.toggleAttribute("data-wide", isWide)
    const { offsetWidth: width, offsetHeight: height } = this.words
    const isLeft = isWide || x < end / 2
    const left = isLeft ? 0 : end - width
    const most = Math.max(0, room(width + GAP) - height - GAP)
    const top = Math.min(Math.max(isLeft ? 0 : least, y - height / 2), most)
    Object.assign(this.words.style, { left: `${left}px`, top: `${top}px` })
    const radius = Math.max(size / 2, RING)
    // From the nearest place of the words to the ring.
    const from = [Math.max(left, Math.min(x, left + width)), Math.max(top, Math.min(y, top + height))]
    const away = Math.hypot(x - from[0], y - from[1])
    const to = [x, y].map((at, k) => at + ((from[k] - at) * Math.min(radius, away)) / (away || 1))
    for (const { line, ring } of this.strokes) {
      reshape(line, { x1: from[0], y1: from[1], x2: to[0], y2: to[1] })
      reshape(ring, { cx: x, cy: y, r: radius })
    }
    this.root.style.visibility = "visible"
  }
}
