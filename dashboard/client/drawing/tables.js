// Tables of all pages; how they look is said in style.js.

import { button, element } from "./elements.js"
import { explained } from "./terms.js"

// A table with one header row, whose words in [brackets] are explained; gives back its body.
export function table(parent, titles) {
  const made = element(element(parent, "div", "view-table"), "table")
  const row = element(element(made, "thead"), "tr")
  for (const title of titles) {
    const cell = element(row, "th")
    cell.scope = "col"
    explained(cell, title)
  }
  return element(made, "tbody")
}

// A row of a table: its name, and so many cells that are given back.
export function tableRow(body, name, nCells) {
  const row = element(body, "tr")
  element(row, "th", "", name).scope = "row"
  return Array.from({ length: nCells }, () => element(row, "td", "", "–"))
}

// The row of such cells.
/** @param {HTMLElement[]} cells @returns {HTMLElement} */
export const rowOf = ([cell]) => /** @type {HTMLElement} */ (cell.parentElement)

// A table that is sorted by a press on a title; its rows are kept, and filled anew.
export class SortedTable {
  /** @type {any[]} */ rows = [] // what `makeRow` gave, each with its `row`

  // `columns`: each with `title`, and if it is so with `help`, `className`, and `falls`, whether its
  // greatest value comes first when it is chosen. `onSort` is called when the order is another.
  constructor(root, columns, { sorted, falling, onSort }) {
    this.columns = columns
    this.sorted = sorted
    this.falling = falling
    root.classList.add("view-sorted")
    const made = element(root, "table")
    this.caption = element(made, "caption")
    const row = element(element(made, "thead"), "tr")
    this.corner = element(row, "th")
    this.titles = columns.map(({ title, help, className }) => {
      const cell = element(row, "th", className)
      cell.scope = "col"
      const onClick = () => {
        const column = this.columns.find((one) => one.title === title)
        this.falling = this.sorted === title ? !this.falling : Boolean(column.falls)
        this.sorted = title
        onSort()
      }
      button(cell, title, onClick).title = help ?? ""
      return cell
    })
    this.body = element(made, "tbody")
  }

  // In their order, `keysOf` gives what a record is sorted by, `first` what comes before that.
  sort(records, keyOf, first = (_one, _other) => 0) {
    const keyed = records.map((record, i) => ({ record, key: keyOf(record), i }))
    keyed.sort((a, b) => first(a.record, b.record) || compare(a.key, b.key, this.falling ? -1 : 1) || a.i - b.i)
    const order = this.falling ? "descending" : "ascending"
    this.titles.forEach((cell, k) => {
      cell.setAttribute("aria-sort", this.columns[k].title === this.sorted ? order : "none")
    })
    return keyed.map(({ record }) => record)
  }

  fill(records, makeRow, fillRow) {
    while (this.rows.length < records.length) this.rows.push(makeRow(element(this.body, "tr")))
    while (this.rows.length > records.length) this.rows.pop().row.remove()
    records.forEach((record, k) => fillRow(this.rows[k], record))
  }
}

// What there is not comes last in either direction.
function compare(a, b, sign) {
  if ((a ?? null) === null || (b ?? null) === null) return Number((a ?? null) === null) - Number((b ?? null) === null)
  return a === b ? 0 : a < b ? -sign : sign
}
