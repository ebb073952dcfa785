// What there is to be learnt, before anything was trained: six pairs with their answers, and the network
// with the loss weights on its wires.

/** @import { Examples, Head } from "../client/types.js" */
import { isDark, shade } from "../client/drawing/colours.js"
import { button, element } from "../client/drawing/elements.js"
import { explained } from "../client/drawing/terms.js"
import { onSliders, slidersNow } from "../client/telling/sliders.js"
import { Network } from "./network.js"

const FOOT =
  "Training makes the weighted sum of the three losses smaller. The thicker a wire, the larger the [loss weight] on it: move a slider, and watch."
const FOOT_OF_ANY =
  "Training makes their sum smaller, each multiplied by its [loss weight]. Press Train, then move a slider, and watch."

export class Task {
  /** @type {Network | null} */ network = null
  /** @param {HTMLElement} root @param {Head[]} heads @param {boolean} hasNetwork @param {Examples | null} examples */
  constructor(root, heads, hasNetwork, examples) {
    this.root = root
    this.heads = heads
    this.weights = heads.map(() => 1)
    if (examples) this.showPairs(examples)
    const half = element(root, "div", "task-half")
    if (hasNetwork) {
      element(half, "h2", "", "The network, and the three losses that pull on it")
      this.network = new Network(half, heads)
      explained(element(half, "p", "task-foot"), FOOT)
    } else this.showHeads(half)
    button(
      half,
      hasNetwork ? "Train this network" : "Train this model",
      () => {
        /** @type {HTMLButtonElement | null} */
        const train = document.querySelector(".st-key-train button:enabled")
        train?.click()
      },
      "task-train",
    )
    onSliders(root, () => root.offsetParent && this.draw(this.weights))
  }

  // Of a model that cannot be drawn, what its losses are.
  showHeads(half) {
    const n = this.heads.length
    element(half, "h2", "", n === 1 ? "The model, and its loss" : `The model, and the ${n} losses that pull on it`)
    explained(element(half, "p", "task-text"), FOOT_OF_ANY)
    const list = element(half, "ul", "task-heads")
    for (const { name, asks, metric, better } of this.heads) {
      const item = element(list, "li")
      element(item, "code", "", name)
      const told = metric ? `${metric.replaceAll("_", " ")}, ${better} is better` : "its loss alone is shown"
      element(item, "span", "", ` · ${[asks, told].filter(Boolean).join(" · ")}`)
    }
  }

  showPairs({ pairs, height, width, levels }) {
    const half = element(this.root, "div", "task-half")
    element(half, "h2", "", "The task: three questions about two images")
    const text = element(half, "p", "task-text")
    explained(
      text,
      "Six [pair|pairs] that are kept apart for [validation]. What the network sees, and what it is to answer:",
    )
    const list = element(half, "ul", "task-pairs")
    for (const { images, classes, same } of pairs) {
      const item = element(list, "li")
      const both = element(item, "div", "task-images")
      images.forEach((image, i) => {
        const canvas = element(both, "canvas")
        Object.assign(canvas, { width, height })
        canvas.setAttribute("role", "img")
        canvas.setAttribute("aria-label", `Image ${i + 1}: ${classes[i]}`)
        paint(canvas, image, levels)
      })
      const answers = element(item, "div", "task-answers")
      const words = [...classes, same ? "same" : "different"]
      this.heads.forEach((_, h) => {
        const answer = element(answers, "span", "", words[h])
        answer.dataset.head = String(h)
      })
    }
    const legend = element(half, "ul", "task-questions")
    this.heads.forEach(({ name, called, asks }, h) => {
      const line = element(legend, "li", "", ` ${asks}`)
      line.dataset.head = String(h)
      line.prepend(element(line, "code", "", name), ` · ${called}:`)
    })
  }

  // `weights` as Python knows them; the sliders may have moved since.
  draw(weights) {
    this.weights = weights
    const now = slidersNow(weights)
    const dark = isDark(this.root)
    const colours = this.heads.map(({ colours }) => shade(colours, dark))
    for (const [h, colour] of colours.entries()) this.root.style.setProperty(`--head-${h}`, colour)
    this.network?.show(now)
  }
}

function paint(canvas, image, levels) {
  const context = canvas.getContext("2d")
  const pixels = context.createImageData(canvas.width, canvas.height)
  image.forEach((level, i) => {
    const grey = Math.round((255 * level) / levels)
    pixels.data.set([grey, grey, grey, 255], 4 * i)
  })
  context.putImageData(pixels, 0, 0)
}

export const TASK = `
  .task { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 0.5rem 2rem; }
  .task-text, .task-foot { font-size: 0.9rem; margin: 0 0 0.5rem; }
  .task-pairs { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.7rem 1rem; list-style: none; margin: 0; padding: 0; }
  .task-pairs li { margin: 0; }
  .task-images { display: flex; gap: 0.25rem; }
  .task-images canvas { width: calc(50% - 0.125rem); aspect-ratio: 2; image-rendering: pixelated; border-radius: 2px; outline: 1px solid rgba(128, 128, 128, 0.4); }
  .task-answers { display: grid; grid-template-columns: auto auto 1fr; gap: 0.6rem; font-size: 0.85rem; font-variant-numeric: tabular-nums; font-weight: 600; }
  .task-answers span:last-child { text-align: right; }
  .task [data-head="0"] { color: var(--head-0); }
  .task [data-head="1"] { color: var(--head-1); }
  .task [data-head="2"] { color: var(--head-2); }
  .task-heads { padding-left: 1.1rem; margin: 0 0 0.8rem; font-size: 0.95rem; overflow-wrap: anywhere; }
  .task-questions { list-style: none; padding: 0; margin: 0.7rem 0 0; font-size: 0.9rem; }
  .task-questions li { margin: 0; font-size: inherit; }
  .task-questions code { color: inherit; background: none; padding: 0; font-weight: 600; font-size: inherit; }
  .task-drawing { max-width: 40rem; }
  .task-drawing svg { width: 100%; height: auto; display: block; }
  .task-drawing rect { fill: none; stroke-width: 1.5; }
  .task-drawing path { fill: none; stroke: currentColor; stroke-linecap: round; }
  .task-drawing text { fill: currentColor; font-size: 13px; text-anchor: middle; font-family: inherit; }
  .task-drawing .task-small { font-size: 11px; }
  .task-drawing .task-weight { text-anchor: start; font-size: 12px; font-weight: 600; }
  .task-train { font-size: 1rem !important; padding: 0.4rem 1rem !important; }
`
