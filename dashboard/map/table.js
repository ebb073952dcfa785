// The numbers behind the pictures: one row a setting, sorted by any column, with a button to use it.

/** @import { ShownMap, WeightMap } from "../client/types.js" */
import { address, ofRun } from "../client/asking/fetch.js"
import { button, element, put } from "../client/drawing/elements.js"
import { Sideways } from "../client/drawing/sideways.js"
import { SortedTable } from "../client/drawing/tables.js"
import { count, round } from "../client/saying/words.js"
import { kindWords, valueWords } from "./values.js"

const MOST = 200 // rows drawn
const OWN = ["rank", "on the front", "tie", "seeds", "step"] // titles that a head may have as its name

export class MapTable {
  /** @type {ShownMap} */ shown
  /** @type {WeightMap | null} */ answer = null

  // `onPick`: called with the point whose weights are to be used; `onLook`: with the one whose row has
  // the focus, and with undefined once none has.
  constructor(root, heads, columns, { onPick, onLook }) {
    this.heads = heads
    this.onLook = onLook
    this.columns = columns
    this.onPick = onPick
    const head = element(root, "div", "map-table-head")
    element(head, "h2", "", "The numbers")
    this.link = element(head, "a", "", "CSV")
    this.note = element(head, "span", "map-quiet")
    this.titles = columns.map((name) => (OWN.includes(name) ? `head ${name}` : name))
    const names = [
      "rank",
      ...heads.map(({ name }) => `weight ${name}`),
      ...this.titles,
      "on the front",
      "tie",
      "seeds",
      "step",
    ]
    const titles = names.map((title) => ({ title, falls: false }))
    const begin = { sorted: "rank", falling: false, onSort: () => this.fill() }
    const scroller = element(root, "div", "map-table")
    this.table = new SortedTable(scroller, titles, begin)
    new Sideways(head, scroller)
    element(this.table.corner, "span", "view-unseen", "use the weights")
  }

  draw(shown, answer) {
    Object.assign(this, { shown, answer })
    this.link.hidden = !answer
    if (answer) {
      this.link.href = address(ofRun(answer.run.id, "map.csv"))
      this.link.download = `weight-map-${answer.run.id}.csv`
    }
    const measures = shown.measures[shown.quantity]
    for (const column of this.table.columns) {
      const name = this.columns[this.titles.indexOf(column.title)]
      column.falls = name !== undefined && measures[name].sign > 0
    }
    const kinds = this.heads.map(({ name }) => kindWords(measures[name]))
    const told = this.heads.map(({ name }, h) => `${name} ${kinds[h]}`).join(", ")
    // Where it is not of all the same, what the columns of the heads are.
    const ofHeads = new Set(kinds).size > 1 ? `. The heads have ${told}` : ""
    this.table.caption.textContent = `Settings by ${shown.title[0].toLowerCase()}${shown.title.slice(1)}${ofHeads}`
    this.fill()
  }

  fill() {
    const column = this.table.columns.findIndex(({ title }) => title === this.table.sorted)
    const byRank = this.answer ? this.records(this.answer).sort((a, b) => a.keys[0] - b.keys[0]) : []
    const records = this.table.sort(byRank, ({ keys }) => keys[column])
    const rows = count(records.length, "row")
    this.note.textContent = records.length > MOST ? `The first ${MOST} of ${rows}; the CSV has all.` : rows
    this.table.fill(
      records.slice(0, MOST),
      (row) => this.row(row),
      (made, record) => this.fillRow(made, record),
    )
  }

  row(row) {
    const made = { row, point: 0 }
    made.button = button(element(row, "td"), "Use", () => this.onPick(made.point))
    made.button.addEventListener("focus", () => this.onLook(made.point))
    made.button.addEventListener("blur", () => this.onLook(undefined))
    made.cells = this.table.columns.map(() => element(row, "td"))
    return made
  }

  fillRow(made, { point, texts, isTie }) {
    made.point = point
    texts.forEach((text, k) => put(made.cells[k], text))
    made.row.classList.toggle("map-picked", point === this.shown.point)
    made.row.classList.toggle("map-tie", isTie)
    made.button.setAttribute("aria-label", `Use weights ${texts.slice(1, 1 + this.heads.length).join(", ")}`)
  }

  // Of each setting what is shown, and what it is sorted by.
  /** @param {WeightMap} answer */
  records(answer) {
    const { shown } = this
    const values = answer.values[shown.quantity]
    const chosen = values.mean[shown.column]
    const order = [...chosen.keys()].filter((i) => chosen[i] !== null)
    const measures = shown.measures[shown.quantity]
    const { sign } = measures[shown.column]
    order.sort((i, j) => sign * (Number(chosen[j]) - Number(chosen[i])))
    const rank = new Map(order.map((i, k) => [i, k + 1]))
    const front = new Set(answer.fronts[shown.front])
    const ties = new Set(values.ties[shown.column])
    return answer.weights.map((weights, i) => {
      const means = this.columns.map((name) => values.mean[name][i])
      const said = this.columns.map((name) => valueWords(i, values, name, measures[name].kind))
      const yes = (is) => (is ? "yes" : "")
      return {
        point: i,
        isTie: ties.has(i),
        keys: [
          rank.get(i) ?? Infinity,
          ...weights,
          ...means,
          front.has(i) ? 0 : 1,
          ties.has(i) ? 0 : 1,
          answer.n_seeds[i],
          answer.step[i],
        ],
        texts: [
          String(rank.get(i) ?? "–"),
          ...weights.map((weight) => round(weight, 4)),
          ...said,
          yes(front.has(i)),
          yes(ties.has(i)),
          String(answer.n_seeds[i]),
          answer.diverged.includes(i) ? `${answer.step[i]}, diverged` : String(answer.step[i]),
        ],
      }
    })
  }
}
