// Which settings have a column in the list of runs.

import { element } from "../client/drawing/elements.js"
import { titleOf } from "./columns.js"

const REMEMBERED = "runs-columns" // in the browser's own memory
const NO_COLUMN = "none" // in an address that is to have none of them

// Which settings have a column: as the address says, or else as this browser had it last.
export class Chooser {
  /** @type {string[]} */ settings = [] // of what is shown

  /** @param {HTMLElement} root @param {Record<string, string>} kept @param {() => void} onChange */
  constructor(root, kept, onChange) {
    const text = kept.columns ?? localStorage.getItem(REMEMBERED) ?? ""
    this.chosen = text === NO_COLUMN ? [] : text.split(",").filter(Boolean)
    this.onChange = onChange
    this.root = element(root, "details", "runs-columns")
    element(this.root, "summary", "", "Columns")
    this.list = element(this.root, "div")
    this.list.setAttribute("role", "group")
    this.list.setAttribute("aria-label", "Settings that have a column")
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.root.open = false
    })
    this.root.addEventListener("focusout", ({ relatedTarget: next }) => {
      // A press on a name in the list gives the focus to what the list is in.
      const isLeft = next instanceof Node && !this.root.contains(next) && !next.contains(this.root)
      if (isLeft) this.root.open = false
    })
  }

  // The settings that there are to choose from.
  /** @param {string[]} settings */
  offer(settings) {
    if (settings.join() === this.settings.join()) return
    this.settings = settings
    this.list.replaceChildren()
    for (const name of settings) {
      const label = element(this.list, "label")
      const box = element(label, "input")
      box.type = "checkbox"
      box.checked = this.chosen.includes(name)
      box.addEventListener("change", () => this.choose(name, box.checked))
      element(label, "span", "", titleOf(name))
    }
  }

  /** @param {string} name @param {boolean} is */
  choose(name, is) {
    const others = this.chosen.filter((one) => !this.settings.includes(one)) // of other problems
    const own = this.settings.filter((one) => (one === name ? is : this.chosen.includes(one)))
    this.chosen = [...own, ...others]
    localStorage.setItem(REMEMBERED, this.kept().columns)
    this.onChange()
  }

  kept() {
    return { columns: this.chosen.join(",") || NO_COLUMN }
  }
}
