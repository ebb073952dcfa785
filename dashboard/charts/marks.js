// Marks above a plot, told where one points or with the key Tab: what lies under the pointer of a
// chart is a curve, and a mark must not cover it.

import { element } from "../client/drawing/elements.js"
import { addStyle } from "../client/drawing/style.js"
import { whole } from "../client/saying/words.js"

const NEAR = 10 // px between two marks that share one

/** @typedef {{ at: number, text: string, colour: string }} Mark */

export class Marks {
  told = "" // what the marks were made of

  /** @param {HTMLElement} chart */
  constructor(chart) {
    addStyle("marks", STYLE)
    chart.style.position = "relative"
    this.chart = chart
    /** @type {HTMLElement | null} */ this.root = null
  }

  // `layout`: Plotly's, as it has drawn it; `unit` of the horizontal axis.
  /** @param {Mark[]} marks @param {any} layout @param {string} unit */
  draw(marks, layout, unit) {
    const { xaxis, _size: size } = layout
    const seen = marks
      .map((mark) => ({ ...mark, left: xaxis._offset + xaxis.l2p(mark.at) }))
      .filter(({ left }) => left >= size.l - 1 && left <= size.l + size.w + 1)
      .sort((one, other) => one.left - other.left)
    const told = JSON.stringify([seen, size.t, size.h])
    if (told === this.told) return
    this.told = told
    if (!this.root?.isConnected) {
      this.root = element(this.chart, "div", "marks")
      this.root.setAttribute("role", "list")
      this.root.setAttribute("aria-label", "Changes of loss weights")
    }
    this.root.hidden = !seen.length
    this.root.style.top = `${size.t}px`
    this.root.style.setProperty("--plot-height", `${size.h}px`)
    /** @type {(Mark & { left: number })[][]} */
    const groups = []
    for (const mark of seen) {
      const group = groups[groups.length - 1]
      if (group && mark.left - group[0].left < NEAR) group.push(mark)
      else groups.push([mark])
    }
    while (this.root.children.length > groups.length) this.root.lastElementChild?.remove()
    groups.forEach((group, i) => this.place(i, group, size, unit))
  }

  // Those that stay keep the focus.
  place(i, group, { l, w }, unit) {
    const item = this.root?.children[i] ?? this.add()
    const mark = /** @type {HTMLElement} */ (item.firstElementChild)
    const words = group.map(({ at, text }) => `${unit} ${unit === "step" ? whole(at) : at.toFixed(1)}: ${text}`)
    const [{ left, colour }] = group
    mark.style.left = `${left}px`
    mark.style.color = colour
    mark.toggleAttribute("data-late", left > l + w / 2) // its words go to the left then
    mark.setAttribute("aria-label", words.join("; "))
    const bubble = /** @type {HTMLElement} */ (mark.firstElementChild)
    if (bubble.textContent === words.join("")) return
    bubble.replaceChildren()
    for (const line of words) element(bubble, "span", "", line)
  }

  add() {
    const item = element(/** @type {HTMLElement} */ (this.root), "div")
    item.setAttribute("role", "listitem")
    const mark = element(item, "span", "mark")
    mark.tabIndex = 0
    mark.setAttribute("role", "img")
    element(mark, "span", "mark-words").setAttribute("aria-hidden", "true")
    return item
  }
}

const STYLE = `
  .marks { position: absolute; left: 0; right: 0; height: 0; z-index: 3; }
  .mark { position: absolute; top: -18px; width: 20px; height: 18px; margin-left: -10px; cursor: default; }
  .mark:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); }
  .mark-words { display: none; position: absolute; bottom: 100%; left: 0; width: max-content; max-width: 20rem; padding: 0.2rem 0.5rem; font-size: 0.85rem; color: var(--st-text-color); background: var(--st-background-color); border: 1px solid rgba(128, 128, 128, 0.7); border-radius: 0.3rem; }
  .mark[data-late] .mark-words { left: auto; right: 0; }
  .mark-words span { display: block; }
  .mark:is(:hover, :focus-visible) .mark-words { display: block; }
  .mark:is(:hover, :focus-visible)::after { content: ""; position: absolute; top: 100%; left: 50%; height: var(--plot-height); border-left: 1px dashed; pointer-events: none; }
`
