// What each layer of the trunk makes of the two images of the picked pair, side by side.

import { isDark } from "../../client/drawing/colours.js"
import { element } from "../../client/drawing/elements.js"
import { percent, round } from "../../client/saying/words.js"
import { say } from "./pairs.js"
import { verdict } from "./verdicts.js"

const SIDES = ["img_1", "img_2"]
const [FEW, MANY] = [4, 8] // channels of a conv layer in a row
const NARROW = 260 // px
const UNIT = 4 // px of a canvas that a unit of a dense layer is wide
const TALL = 48 // px of a bar strip

export class FeatureMaps {
  /** @type {Map<string, any>} */ layers = new Map() // rows by layer

  constructor(root, heads, pictures) {
    this.root = root
    this.heads = heads
    this.pictures = pictures
    this.title = element(root, "h3", "", "The picked pair, layer by layer")
    this.images = this.row(root, "images", "What the trunk gets", "inside-large")
    this.says = SIDES.map((_, k) => element(this.images.sides[k], "p", "inside-says"))
    this.tops = SIDES.map((_, k) => element(this.images.sides[k], "p", "inside-top"))
    this.line = element(root, "p", "inside-says")
    this.maps = element(root, "div")
  }

  row(parent, name, title, className) {
    const box = element(parent, "div", "inside-layer")
    box.dataset.layer = name
    const heading = element(box, "h4", "", title)
    const both = element(box, "div", "inside-branches")
    const sides = SIDES.map(() => element(both, "div", "inside-branch"))
    const canvases = sides.map((side, k) => {
      const canvas = element(side, "canvas", className)
      canvas.setAttribute("role", "img")
      canvas.setAttribute("aria-label", `Image ${k + 1}, not drawn yet`)
      return canvas
    })
    return { box, heading, sides, canvases }
  }

  draw(snapshot) {
    const { labels, classes, pair } = snapshot
    const { index, layers, probabilities } = pair
    this.title.textContent = `Pair ${index}, layer by layer: image 1 on the left, image 2 on the right`
    this.images.canvases.forEach((canvas, k) => {
      this.pictures.draw(canvas, index, k, snapshot.image)
      canvas.setAttribute("aria-label", `Image ${k + 1} of pair ${index}: ${classes[labels[index][k]]}`)
      const { name } = this.heads[k]
      say(this.says[k], verdict(snapshot, name, index))
      const best = [...probabilities[name].keys()]
        .sort((a, b) => probabilities[name][b] - probabilities[name][a])
        .slice(0, 3)
      const told = best.map((c) => `${classes[c]} ${percent(probabilities[name][c], 1)}`)
      this.tops[k].replaceChildren()
      for (const line of [`${name}:`, ...told]) element(this.tops[k], "span", "", line)
    })
    say(this.line, verdict(snapshot, this.heads[2].name, index))
    for (const [name, { box }] of this.layers) {
      if (layers.some((layer) => layer.name === name)) continue
      box.remove()
      this.layers.delete(name)
    }
    for (const layer of layers) this.drawLayer(layer)
  }

  drawLayer(layer) {
    const { name, shape, max } = layer
    const isConv = shape.length === 3
    if (!this.layers.has(name))
      this.layers.set(name, this.row(this.maps, name, "", isConv ? "inside-tiles" : "inside-strip"))
    const { heading, canvases } = this.layers.get(name)
    const what = isConv ? `${shape[2]} channels of ${shape[0]}x${shape[1]}` : `${shape[0]} units`
    heading.textContent = `${name}: ${what}, greatest ${round(max, 2)}`
    canvases.forEach((canvas, k) => {
      const values = bytes(layer[SIDES[k]])
      if (isConv) tiles(canvas, values, shape)
      else strip(canvas, values, isDark(this.root) ? "#56B4E9" : "#0072B2")
      const active = values.reduce((n, value) => n + (value > 0 ? 1 : 0), 0)
      canvas.setAttribute(
        "aria-label",
        `${name} of image ${k + 1}: ${what}, ${percent(active / values.length)} of its values above 0`,
      )
    })
  }
}

export const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))

// Each channel as an image, black for 0, white for the greatest value of the layer.
export function tiles(canvas, values, [height, width, channels]) {
  const columns = Math.min(canvas.clientWidth < NARROW ? FEW : MANY, channels)
  canvas.width = columns * (width + 1) - 1
  canvas.height = Math.ceil(channels / columns) * (height + 1) - 1
  const context = canvas.getContext("2d")
  for (let c = 0; c < channels; c++) {
    const tile = context.createImageData(width, height)
    for (let at = 0; at < height * width; at++) {
      const value = values[at * channels + c]
      tile.data.set([value, value, value, 255], 4 * at)
    }
    context.putImageData(tile, (c % columns) * (width + 1), Math.floor(c / columns) * (height + 1))
  }
}

// Each unit as a bar, as tall as the strip for the greatest value of the layer.
export function strip(canvas, values, colour) {
  canvas.width = values.length * UNIT
  canvas.height = TALL
  const context = canvas.getContext("2d")
  context.fillStyle = colour
  values.forEach((value, unit) => {
    const tall = (value / 255) * TALL
    context.fillRect(unit * UNIT, TALL - tall, UNIT - 1, tall)
  })
}
