// What the next run would have had before another run was opened: offered back.

import { button, element } from "../client/drawing/elements.js"

const KEPT = "loss-weight-explorer.next" // in the storage of the tab, which outlives pages

export class Adopted {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    root.hidden = true
  }

  // `shown`: see `ShownDesk`; as long as what is shown was adopted, what was there before is kept.
  show({ adopted, called, next, run }) {
    if (!adopted) {
      sessionStorage.setItem(KEPT, next)
      return this.leave()
    }
    const before = sessionStorage.getItem(KEPT)
    this.root.hidden = before === null || before === next
    if (this.root.hidden) return
    this.root.replaceChildren()
    element(this.root, "span", "", `Weights and settings are those of run ${called}. `)
    const query = [run && `run=${encodeURIComponent(run)}`, "settings=own", before].filter(Boolean).join("&")
    button(this.root, "Take back those before", () => location.assign(`${location.pathname}?${query}`)).title =
      words(before)
  }

  leave() {
    this.root.hidden = true
  }
}

const words = (query) =>
  [...new URLSearchParams(query)].map(([name, value]) => `${name} ${value}`).join(", ") || "the defaults"
