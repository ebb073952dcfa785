// What is told of compared curves beside the charts: their names, settings and results.

/** @import { CurveFacts, Head } from "../client/types.js" */
/** @import { Kind } from "./kinds.js" */
import { isDark, swatch } from "../client/drawing/colours.js"
import { button, element, put } from "../client/drawing/elements.js"
import { rowOf, table, tableRow } from "../client/drawing/tables.js"
import { explained, plainly } from "../client/drawing/terms.js"
import { apart, measured } from "../client/saying/measures.js"
import { whole } from "../client/saying/words.js"
import { kindsOf, noteOf, reached } from "./kinds.js"

const NO_TOTAL =
  "Total losses are left out, and nothing is ranked by them: each is a sum with weights of its own, " +
  "so the smaller one may just have the smaller weights. Rows stand in the order in which runs were chosen."
// Plotly's symbols, as far as text has them.
const SYMBOLS = {
  circle: "●",
  square: "■",
  diamond: "◆",
  "triangle-up": "▲",
  "triangle-down": "▼",
  cross: "✚",
  x: "✖",
  star: "★",
  pentagon: "⬟",
  bowtie: "⋈",
  "triangle-left": "◀",
  "triangle-right": "▶",
}

// A button a curve, which hides it and shows it again in all charts.
export class Legend {
  /** @type {HTMLButtonElement[]} */ buttons = []
  keys = "" // what the buttons are made of

  constructor(root, onToggle) {
    this.root = root
    this.onToggle = onToggle
    root.setAttribute("aria-label", "Curves: press one to hide or show it")
    root.setAttribute("role", "group")
  }

  draw(curves, hidden, hasChance) {
    const keys = JSON.stringify([hasChance, ...curves.map(({ label }) => label)])
    if (keys !== this.keys) {
      this.keys = keys
      this.root.replaceChildren()
      this.buttons = curves.map((curve) => {
        const made = button(this.root, "", () => this.onToggle(curve.key))
        element(made, "span", "compare-symbol", SYMBOLS[curve.symbol]).setAttribute("aria-hidden", "true")
        element(made, "span", "", curve.label)
        return made
      })
      const kinds = `solid: training · dashed: validation${hasChance ? " · dotted: chance" : ""}`
      if (curves.length) element(this.root, "span", "compare-kinds", kinds)
    }
    curves.forEach(({ key, colours }, i) => {
      swatch(this.buttons[i], colours)
      this.buttons[i].setAttribute("aria-pressed", String(!hidden.has(key)))
    })
  }
}

// The settings in which the curves differ, and only those.
export class Settings {
  told = "" // what is shown, and on which ground

  constructor(root) {
    element(root, "h2", "", "Settings in which they differ")
    this.root = element(root, "div")
  }

  draw(curves, settings) {
    const names = Object.keys(settings)
    const told = JSON.stringify([settings, curves.map(({ name }) => name), isDark(this.root)])
    if (told === this.told) return
    this.told = told
    this.root.replaceChildren()
    if (!names.length) {
      const nothing = "None: same loss weights, same settings, same seed. Such runs give the same records."
      const text = curves.length > 1 ? nothing : "Choose a second run to see in what it differs."
      element(this.root, "p", "", text)
      return
    }
    const body = table(this.root, ["curve", ...names])
    reachable(this.root.firstChild, "Settings in which they differ")
    curves.forEach((curve, i) => {
      const cells = tableRow(body, curve.name, names.length)
      swatch(rowOf(cells), curve.colours)
      names.forEach((name, c) => put(cells[c], settings[name][i]))
    })
  }
}

// Last and best validation of each curve, and how far from the baseline.
/** @typedef {CurveFacts & { line?: any }} Curve */
export class Results {
  /** @type {{ kind: Kind, body: HTMLElement, rows: HTMLElement[][], names: string }[]} */ tables = []
  made = "" // of which heads, and whether guesses of all are known

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = element(root, "div")
    this.note = element(root, "p", "view-note")
    element(root, "p", "view-note", NO_TOTAL)
  }

  /** @param {Head[]} heads @param {Curve[]} curves @param {Curve | undefined} baseline */
  draw(heads, curves, baseline) {
    const kinds = kindsOf(heads, curves)
    const made = JSON.stringify(kinds)
    if (made !== this.made) {
      this.made = made
      this.root.replaceChildren()
      this.tables = kinds.map((kind) => {
        explained(element(this.root, "h2"), kind.title)
        const body = grouped(this.root, plainly(kind.title), ["curve", "step"], ["last", "best"], kind.names)
        return { kind, body, rows: [], names: "" }
      })
    }
    for (const one of this.tables) this.fill(one, curves, baseline)
    put(this.note, noteOf(heads, kinds, curves, baseline))
  }

  fill(one, curves, baseline) {
    const { kind, body } = one
    const width = 1 + 2 * kind.names.length
    const names = curves.map(({ name }) => name).join("\n")
    if (one.names !== names) {
      one.names = names
      body.replaceChildren()
      one.rows = curves.map(({ name }) => tableRow(body, name, width))
    }
    const compared = baseline && reached(kind, baseline)
    curves.forEach((curve, i) => {
      const cells = one.rows[i]
      swatch(rowOf(cells), curve.colours)
      const found = reached(kind, curve)
      const others = curve.key === baseline?.key ? null : compared
      const texts = found
        ? [whole(found.step), ...["last", "best"].flatMap((part) => inWords(kind, found[part], others?.[part]))]
        : Array(width).fill("–")
      texts.forEach((text, c) => put(cells[c], text))
      rowOf(cells).toggleAttribute("aria-current", curve.key === baseline?.key)
    })
  }
}

// Values of a row, each with its difference from another row's if there is one.
/** @param {Kind} kind @param {(number | null)[]} values @param {(number | null)[] | undefined} others */
function inWords({ heads }, values, others) {
  return values.map((value, c) => {
    const head = heads[c] ?? heads[0] // of the worst head
    const other = others?.[c] ?? null
    if (value === null) return "–"
    return measured(head, value) + (other === null ? "" : ` (${apart(head, value - other)})`)
  })
}

// On a narrow screen a table is scrolled sideways, without a mouse too.
function reachable(box, name) {
  box.tabIndex = 0
  box.setAttribute("role", "region")
  box.setAttribute("aria-label", name)
}

// A table whose later columns come in groups of the same names; gives back its body.
function grouped(parent, name, alone, groups, names) {
  const made = element(element(parent, "div", "view-table"), "table")
  reachable(made.parentElement, name)
  const head = element(made, "thead")
  const [upper, lower] = [element(head, "tr"), element(head, "tr")]
  for (const name of alone) {
    const cell = element(upper, "th", "", name)
    Object.assign(cell, { scope: "col", rowSpan: 2 })
  }
  for (const group of groups) {
    const cell = element(upper, "th", "compare-group", group)
    Object.assign(cell, { scope: "colgroup", colSpan: names.length })
    for (const name of names) element(lower, "th", "", name).scope = "col"
  }
  return element(made, "tbody")
}
