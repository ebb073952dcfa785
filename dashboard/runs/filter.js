// Which rows of the list are shown: words that they must hold, and settings that they must have.

import { element } from "../client/elements.js"

const CHOICES = { state: "State", dataset: "Data", trunk: "Trunk", optimizer: "Optimizer" }

export class Filters {
  /** @type {Record<string, HTMLSelectElement>} */ selects = {} // by name of what they choose
  /** @type {string[]} */ settings = [] // names, in the order of a row's values

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

  // The values that there are to choose from.
  offer(rows, settings) {
    this.settings = settings
    for (const [name, select] of Object.entries(this.selects)) {
      const values = new Set(rows.map((row) => this.value(row, name)))
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
    return name === "state" ? row.state : row.settings[this.settings.indexOf(name)]
  }

  match(row) {
    for (const [name, { value }] of Object.entries(this.selects)) {
      if (value && this.value(row, name) !== value) return false
    }
    const text = `${row.label} ${row.what} ${row.run} ${row.note} ${row.state} ${row.settings.join(" ")}`.toLowerCase()
    return this.words().every((word) => {
      const [name, value] = word.split("=", 2)
      const known = value === undefined ? -1 : this.settings.indexOf(name)
      return known < 0 ? text.includes(word) : String(row.settings[known]).toLowerCase() === value
    })
  }

  words() {
    return this.text.value.toLowerCase().split(/\s+/).filter(Boolean)
  }

  kept() {
    const chosen = Object.entries(this.selects).map(([name, { value }]) => [name, value])
    return Object.fromEntries([["filter", this.text.value], ...chosen])
  }
}

function label(root, text) {
  const made = element(root, "label")
  element(made, "span", "", text)
  return made
}
