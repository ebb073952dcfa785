// The network, drawn once; the weights are on its last wires, lighter or bolder.

/** @import { Head } from "../client/types.js" */
import { element } from "../client/drawing/elements.js"
import { shape } from "../client/drawing/svg.js"

const [WIDTH, HEIGHT] = [560, 250]
const ROWS = [45, 205] // of image 1 and image 2
const MIDDLE = 125
const BOLDEST = 10 // px

export class Network {
  /** @param {HTMLElement} parent @param {Head[]} heads */
  constructor(parent, heads) {
    this.heads = heads
    this.root = element(parent, "div", "task-drawing")
    this.root.setAttribute("role", "img")
    const svg = shape(this.root, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, "aria-hidden": "true" })
    ROWS.forEach((y, i) => {
      const middle = MIDDLE + (y - MIDDLE) / 3
      const inner = Math.sign(MIDDLE - y) * 15
      box(svg, 6, y, 76, `img_${i + 1}`)
      wire(svg, `M82 ${y} L112 ${middle}`)
      wire(svg, `M182 ${middle} L206 ${y}`)
      box(svg, 206, y, 72, `feature${i + 1}`)
      wire(svg, `M242 ${y + inner} L242 ${MIDDLE - inner}`)
    })
    box(svg, 112, MIDDLE, 70, "trunk", { height: 96, below: "one for both" })
    box(svg, 206, MIDDLE, 72, "square")
    this.weighted = heads.map(({ name }, h) => {
      const y = [...ROWS, MIDDLE][h] // in the article's order
      const stroke = `var(--head-${h})`
      wire(svg, `M278 ${y} L306 ${y}`)
      box(svg, 306, y, 86, name, { stroke, height: 40, below: "cross-entropy" })
      const path = wire(svg, `M392 ${y} C442 ${y} 446 ${MIDDLE} 496 ${MIDDLE}`)
      path.classList.add("task-wire")
      path.style.stroke = stroke
      const label = shape(svg, "text", { x: 424, y: y + [-12, 22, -12][h], class: "task-weight" })
      return { path, label }
    })
    box(svg, 496, MIDDLE, 58, "total", { height: 40, below: "loss" })
  }

  /** @param {number[]} weights */
  show(weights) {
    const most = Math.max(2, ...weights)
    this.weighted.forEach(({ path, label }, h) => {
      const share = weights[h] / most
      path.style.strokeWidth = String(1 + (BOLDEST - 1) * share)
      path.style.opacity = String(share ? 0.35 + 0.65 * share : 1)
      if (share) path.removeAttribute("stroke-dasharray")
      else path.setAttribute("stroke-dasharray", "3 5") // nothing goes through
      label.textContent = `× ${Number(weights[h].toPrecision(4))}`
    })
    const words = this.heads.map(({ name }, h) => `${name} ${weights[h]}`).join(", ")
    const [first, second, pair] = this.heads.map(({ name }) => name)
    this.root.setAttribute(
      "aria-label",
      `Two images go through one trunk, which gives two features. ${first} and ${second} read one each, ${pair} the squared difference of both. Each has a cross-entropy loss; their weighted sum is the total. Weights: ${words}.`,
    )
  }
}

function box(svg, x, y, width, text, { height = 30, below = "", stroke = "currentColor" } = {}) {
  const middle = x + width / 2
  shape(svg, "rect", { x, y: y - height / 2, width, height, rx: 5 }).style.stroke = stroke
  shape(svg, "text", { x: middle, y: y + (below ? -2 : 4) }, text)
  if (below) shape(svg, "text", { x: middle, y: y + 13, class: "task-small" }, below)
}

const wire = (svg, d) => shape(svg, "path", { d })
