// The line above a table that is wider than its place: says that there is more, and goes there. Its
// own place stays, so that nothing jumps where the table comes to be as wide.

import { button, element, put } from "./elements.js"
import { addStyle } from "./style.js"

const PAGE = 0.8 // of the width, with each press

export class Sideways {
  /** @param {Element} parent @param {HTMLElement} scroller what the table is in */
  constructor(parent, scroller) {
    addStyle("sideways", STYLE)
    this.scroller = scroller
    this.root = element(parent, "span", "view-sideways")
    this.back = this.press("←", "Columns to the left", -PAGE)
    this.on = this.press("→", "Columns to the right", PAGE)
    this.words = element(this.root, "span") // last, so that the buttons keep their place
    scroller.addEventListener("scroll", () => this.tell(), { passive: true })
    this.seen = new ResizeObserver(() => this.tell())
    this.seen.observe(scroller)
    for (const child of scroller.children) this.seen.observe(child)
  }

  // Another table came into the scroller.
  /** @param {Element} table */
  watch(table) {
    this.seen.observe(table)
  }

  press(text, name, pages) {
    const go = () => this.scroller.scrollBy({ left: pages * this.scroller.clientWidth })
    const made = button(this.root, text, go)
    made.setAttribute("aria-label", name)
    made.title = name
    return made
  }

  tell() {
    const { scrollLeft, clientWidth, scrollWidth } = this.scroller
    const [before, after] = [scrollLeft, scrollWidth - clientWidth - scrollLeft].map((px) => px > 1)
    this.root.style.visibility = before || after ? "visible" : "hidden"
    this.back.disabled = !before
    this.on.disabled = !after
    put(this.words, before && after ? "more columns on both sides" : `more columns to the ${after ? "right" : "left"}`)
  }
}

const STYLE = `
  .view-sideways { display: inline-flex; flex-wrap: wrap; align-items: baseline; gap: 0.4rem; font-size: 0.9rem; }
`
