// What there is on the page Inside, by name: it is long, and what is looked for is far down.

import { button, element } from "../client/elements.js"

export class Contents {
  /** @type {{ entry: HTMLElement, part: HTMLElement }[]} */ parts = []

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.root = element(parent, "nav", "inside-contents")
    this.root.setAttribute("aria-label", "On this page")
  }

  /** @param {string} name @param {HTMLElement} part */
  add(name, part) {
    part.classList.add("inside-part")
    part.tabIndex = -1 // so that the key Tab goes on from there
    const entry = button(this.root, name, () => {
      part.scrollIntoView()
      part.focus({ preventScroll: true })
    })
    this.parts.push({ entry, part })
  }

  // Only what is there to be seen.
  show() {
    for (const { entry, part } of this.parts) entry.hidden = !part.offsetParent
    this.root.hidden = this.parts.every(({ entry }) => entry.hidden)
  }
}
