// Whose runs are shown: those of one problem with its columns, or all with the columns that all have.

/** @import { Lane, Problem } from "../client/types.js" */
import { element } from "../client/drawing/elements.js"
import { haveOneMetric } from "../client/saying/measures.js"

export const ALL = "*" // no problem is called so
const REMEMBERED = "runs-problem" // in the browser's own memory

// What there is to show with a choice of `ALL` or of one of the problems. Pure.
export class Shown {
  /** @param {Problem[]} problems @param {string} chosen */
  constructor(problems, chosen) {
    this.chosen = chosen
    const shown = problems.filter(({ name }) => chosen === ALL || name === chosen)
    const [first, ...others] = shown
    const isOf = (heads, { name, metric }) => heads.some((head) => head.name === name && head.metric === metric)
    this.heads = (first?.heads ?? []).filter((head) => others.every(({ heads }) => isOf(heads, head)))
    this.settings = (first?.settings ?? []).filter((name) => others.every(({ settings }) => settings.includes(name)))
    const heads = shown.flatMap((one) => one.heads)
    this.worst = heads.length > 1 && haveOneMetric(heads) ? heads[0] : null // with the metric of all
    this.places = new Map(problems.map(({ name, settings }) => [name, new Map(settings.map((one, i) => [one, i]))]))
  }

  /** @param {Lane} row */
  has(row) {
    return this.chosen === ALL || row.problem === this.chosen
  }

  // The value of a setting, undefined where the problem of the run has none of that name.
  /** @param {Lane} row @param {string} name */
  setting(row, name) {
    return row.settings[this.places.get(row.problem)?.get(name) ?? -1]
  }
}

export class ProblemChoice {
  /** @type {Problem[]} */ problems = [] // that of the newest run first

  /** @param {HTMLElement} root @param {Record<string, string>} kept @param {() => void} onChange */
  constructor(root, kept, onChange) {
    this.addressed = kept.problem ?? ALL // what the address asks for
    this.asked = kept.problem ?? localStorage.getItem(REMEMBERED) ?? ""
    this.root = element(root, "label")
    this.root.hidden = true
    element(this.root, "span", "", "Problem")
    this.select = element(this.root, "select")
    this.select.addEventListener("change", () => {
      this.asked = this.select.value
      localStorage.setItem(REMEMBERED, this.asked)
      onChange()
    })
  }

  // Those that there are runs of.
  /** @param {Problem[]} problems */
  offer(problems) {
    const before = this.names.join()
    this.problems = problems
    this.root.hidden = !this.areSeveral
    if (this.names.join() !== before) {
      this.select.replaceChildren()
      element(this.select, "option", "", "all").value = ALL
      for (const name of this.names.sort()) element(this.select, "option", "", name).value = name
    }
    this.select.value = this.chosen
  }

  get names() {
    return this.problems.map(({ name }) => name)
  }

  get areSeveral() {
    return this.problems.length > 1
  }

  // One that there are no runs of is not there to be chosen.
  get chosen() {
    const { names, asked } = this
    return (asked === ALL && this.areSeveral) || names.includes(asked) ? asked : (names[0] ?? "")
  }

  // The one that the address asks for, if there are no runs of it; "" otherwise.
  get missed() {
    return this.addressed === ALL || this.names.includes(this.addressed) ? "" : this.addressed
  }

  get shown() {
    return new Shown(this.problems, this.chosen)
  }

  kept() {
    return this.areSeveral ? { problem: this.chosen } : {}
  }
}
