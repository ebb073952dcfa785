// What the autoencoder has learnt: digits rebuilt, and pictures of digits that there never were.

import { element, put } from "../../client/drawing/elements.js"
import { explained } from "../../client/drawing/terms.js"
import { whole } from "../../client/saying/words.js"
import { keep } from "../keep.js"
import { bytes } from "./feature_maps.js"

export class DigitsView {
  isLaid = false
  options = {}
  /** @type {Record<string, HTMLCanvasElement[]>} */ canvases = { images: [], rebuilt: [], drawn: [] }
  /** @type {{ name: string, part: HTMLElement, draw?: (now: any) => void }[]} */ parts

  constructor(root) {
    this.root = element(root, "section", "inside-own")
    explained(element(this.root, "h2"), "What it rebuilds in [validation], and what it draws")
    this.of = element(this.root, "p", "inside-note")
    const rebuilt = element(this.root, "div")
    element(rebuilt, "h3", "", "Above each digit, below what is rebuilt of it")
    this.pairs = element(rebuilt, "div", "inside-digits")
    const drawn = element(this.root, "div")
    element(drawn, "h3", "", "Drawn from the standard normal distribution")
    this.free = element(drawn, "div", "inside-digits")
    this.parts = [
      { name: "Digits rebuilt", part: rebuilt, draw: ({ snapshot }) => this.draw(snapshot, ["images", "rebuilt"]) },
      { name: "Digits drawn", part: drawn, draw: ({ snapshot }) => this.draw(snapshot, ["drawn"]) },
    ]
  }

  lay({ snapshot, nLanes }, isComing) {
    keep(this.root, isComing && (this.isLaid || Boolean(snapshot)), Boolean(snapshot))
    if (!snapshot) return
    const lane = nLanes > 1 ? ` of lane ${snapshot.lane + 1}` : ""
    put(
      this.of,
      `At step ${whole(snapshot.step)}${lane}: the mean squared error of these ${snapshot.labels.length} digits is ${snapshot.error.toFixed(4)}; white is 1. The draws stay the same from step to step. Where the divergence is trained they come to look like digits; without it, what is told of digits lies elsewhere.`,
    )
    if (this.isLaid) return
    this.isLaid = true
    snapshot.labels.forEach((label, k) => {
      const box = element(this.pairs, "div", "inside-digit")
      this.add("images", box, `Digit ${k + 1}, a ${label}`)
      this.add("rebuilt", box, `The same, rebuilt`)
    })
    snapshot.drawn.forEach((_, k) =>
      this.add("drawn", element(this.free, "div", "inside-digit"), `Drawn picture ${k + 1}`),
    )
    this.draw(snapshot, Object.keys(this.canvases))
  }

  add(kind, box, label) {
    const canvas = element(box, "canvas")
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", label)
    this.canvases[kind].push(canvas)
  }

  draw(snapshot, kinds) {
    for (const kind of kinds)
      this.canvases[kind].forEach((canvas, k) => grey(canvas, bytes(snapshot[kind][k]), snapshot.side))
  }
}

// A square picture of grey levels, a pixel each.
export function grey(canvas, levels, side) {
  canvas.width = canvas.height = side
  const context = canvas.getContext("2d")
  const image = context.createImageData(side, side)
  levels.forEach((level, at) => image.data.set([level, level, level, 255], 4 * at))
  context.putImageData(image, 0, 0)
}
