// What there is on the page Inside, by name: it is long, and what is looked for is far down.

import { button, element } from "../client/drawing/elements.js"

export class Contents {
  /** @type {{ entry: HTMLButtonElement, isThere: () => boolean, isNever: () => boolean }[]} */ parts = []

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = element(parent, "nav", "inside-contents")
    this.root.setAttribute("aria-label", "On this page")
  }

  // `isThere`: whether there is anything to be seen of it by now; `isNever`: whether there will be nothing.
  /** @param {string} name @param {HTMLElement} part @param {() => boolean} isThere @param {() => boolean} isNever */
  add(name, part, isThere, isNever = () => false) {
    part.classList.add("inside-part")
    part.tabIndex = -1 // so that the key Tab goes on from there
    const entry = button(this.root, name, () => {
      part.scrollIntoView()
      part.focus({ preventScroll: true })
    })
    this.parts.push({ entry, isThere, isNever })
  }

  // All that may come keep their place, so that nothing moves when they do.
  show() {
    for (const { entry, isThere, isNever } of this.parts) {
      entry.disabled = !isThere()
      entry.hidden = isNever()
    }
  }
}
