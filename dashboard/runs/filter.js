// Which rows of the list are shown: words that they must hold, and settings that they must have.

/** @import { Lane } from "../client/types.js" */
/** @import { Shown } from "./problems.js" */
import { element } from "../client/drawing/elements.js"

const CHOICES = { whose: "Whose", state: "State", dataset: "Data", trunk: "Trunk", optimizer: "Optimizer" }
const OF_ALL = ["whose", "state"] // that are no settings

export class Filters {
  /** @type {Record<string, HTMLSelectElement>} */ selects = {} // by name of what they choose
  /** @type {Shown | null} */ shown = null // null before the first answer

  constructor(root, kept, onChange) {
    this.text = element(label(root, "Filter"), "input")
    this.text.type = "search"
    this.text.placeholder = "Words, or a setting: seed=7"
    this.text.value = kept.filter ?? ""
    this.text.addEventListener("input", onChange)
    for (const [name, title] of Object.entries(CHOICES)) {
      const select = element(label(root, title), "select")
      this.selects[name] = select
      this.options(select, kept[name] ? [kept[name]] : [])
      select.value = kept[name] ?? ""
      select.addEventListener("change", onChange)
    }
  }

  // The values that there are to choose from, of settings that those have which are shown.
  /** @param {Lane[]} rows @param {Shown} shown */
  offer(rows, shown) {
    this.shown = shown
    const own = rows.filter((row) => shown.has(row))
    for (const [name, select] of Object.entries(this.selects)) {
      const root = /** @type {HTMLElement} */ (select.parentElement)
      root.hidden = !OF_ALL.includes(name) && !shown.settings.includes(name)
      if (root.hidden) continue
      const values = new Set(own.map((row) => this.value(row, name)))
      if (select.value) values.add(select.value)
      this.options(select, [...values].sort())
    }
  }

  options(select, values) {
    const before = [...select.options].slice(1).map((option) => option.value)
    if (select.options.length && values.join() === before.join()) return
    const chosen = select.value
    select.replaceChildren()
    element(select, "option", "", "any").value = ""
    for (const value of values) element(select, "option", "", value).value = value
    select.value = chosen
  }

  value(row, name) {
    if (name === "whose") return row.mine ? "mine" : "others'"
    return name === "state" ? row.state : this.shown?.setting(row, name)
  }

  // Those that are chosen; what is hidden chooses nothing.
  chosen() {
    return Object.entries(this.selects).filter(([, select]) => !select.parentElement?.hidden)
  }

  match(row) {
    for (const [name, { value }] of this.chosen()) {
      if (value && this.value(row, name) !== value) return false
    }
    const told = [row.label, row.what, row.run, row.note, row.state, row.problem, ...row.settings]
    const text = told.join(" ").toLowerCase()
    return this.words().every((word) => {
      const [name, value] = word.split("=", 2)
      const own = value === undefined ? undefined : name === "problem" ? row.problem : this.shown?.setting(row, name)
      return own === undefined ? text.includes(word) : String(own).toLowerCase() === value
    })
  }

  words() {
    return this.text.value.toLowerCase().split(/\s+/).filter(Boolean)
  }

  kept() {
    const chosen = this.chosen().map(([name, { value }]) => [name, value])
    return Object.fromEntries([["filter", this.text.value], ...chosen])
  }
}

function label(root, text) {
  const made = element(root, "label")
  element(made, "span", "", text)
  return made
}
