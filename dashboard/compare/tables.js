// What is told of compared curves beside the charts: their names, settings and results.

import { isDark, swatch } from "../client/colours.js"
import { button, element, put } from "../client/elements.js"
import { rowOf, table, tableRow } from "../client/tables.js"
import { explained, plainly } from "../client/terms.js"
import { percent, signed, whole } from "../client/words.js"
import { results } from "./curves.js"

const RESULTS = [
  { quantity: "val_accuracy", title: "[validation|Validation] accuracy", sign: 1, worst: "worst head" },
  {
    quantity: "val_loss",
    title: "[validation|Validation] loss (unweighted, [nats])",
    sign: -1,
    worst: "worst head ÷ chance",
  },
]
const NO_TOTAL =
  "Total losses are left out, and nothing is ranked by them: each is a sum with weights of its own, " +
  "so the smaller one may just have the smaller weights. Rows stand in the order in which runs were chosen."
const WORST =
  "The head that does worst by its loss is the one with the most of what a guess costs there, ln of its classes: 1 is chance."
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

  draw(curves, hidden) {
    const keys = JSON.stringify(curves.map(({ label }) => label))
    if (keys !== this.keys) {
      this.keys = keys
      this.root.replaceChildren()
      this.buttons = curves.map((curve) => {
        const made = button(this.root, "", () => this.onToggle(curve.key))
        element(made, "span", "compare-symbol", SYMBOLS[curve.symbol]).setAttribute("aria-hidden", "true")
        element(made, "span", "", curve.label)
        return made
      })
      if (curves.length)
        element(this.root, "span", "compare-kinds", "solid: training · dashed: validation · dotted: chance")
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
export class Results {
  constructor(root, heads) {
    this.heads = heads
    this.tables = RESULTS.map(({ quantity, title, sign, worst }) => {
      explained(element(root, "h2"), title)
      const body = grouped(root, plainly(title), ["curve", "step"], ["last", "best"], [...heads, worst])
      return { quantity, sign, body, rows: [] }
    })
    this.note = element(root, "p", "view-note")
    element(root, "p", "view-note", NO_TOTAL)
  }

  draw(curves, baseline) {
    for (const one of this.tables) this.fill(one, curves, baseline)
    this.note.textContent = baseline
      ? `In brackets: the difference from ${baseline.name}, in points or in nats. ${WORST}`
      : `Pin a baseline to see differences from it. ${WORST}`
  }

  fill(one, curves, baseline) {
    const { quantity, sign, body } = one
    const width = 1 + 2 * (this.heads.length + 1)
    const names = curves.map(({ name }) => name).join("\n")
    if (one.names !== names) {
      one.names = names
      body.replaceChildren()
      one.rows = curves.map(({ name }) => tableRow(body, name, width))
    }
    const isAccuracy = quantity === "val_accuracy"
    const of = ({ line, chance }) => results(line, quantity, this.heads, sign, isAccuracy ? undefined : chance)
    const compared = baseline && of(baseline)
    curves.forEach((curve, i) => {
      const cells = one.rows[i]
      swatch(rowOf(cells), curve.colours)
      const found = of(curve)
      const texts = found ? [whole(found.step)] : Array(width).fill("–")
      const others = curve.key === baseline?.key ? null : compared
      for (const [values, known] of found
        ? [
            [found.last, others?.last],
            [found.best, others?.best],
          ]
        : []) {
        values.forEach((value, c) => {
          const other = known?.[c]
          texts.push(isAccuracy ? percent(value, 1) : value.toFixed(3))
          if (typeof other === "number") texts.push(`${texts.pop()} (${difference(value - other, isAccuracy)})`)
        })
      }
      texts.forEach((text, c) => put(cells[c], text))
      rowOf(cells).toggleAttribute("aria-current", curve.key === baseline?.key)
    })
  }
}

const difference = (value, isAccuracy) => (isAccuracy ? signed(100 * value) : signed(value, 3))

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
