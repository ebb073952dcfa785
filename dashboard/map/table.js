// The numbers behind the pictures: one row a setting, sorted by any column, with a button to use it.

import { element } from "../client/parts.js"
import { valueWords } from "./charts.js"

const MOST = 200 // rows drawn

export class MapTable {
  constructor(root, heads, columns, onPick) {
    Object.assign(this, { heads, columns, onPick, sorted: "rank", falling: false, rows: [] })
    const head = element(root, "div", "map-table-head")
    element(head, "h2", "", "The numbers")
    this.link = element(head, "a", "", "CSV")
    this.note = element(head, "span", "map-quiet")
    const table = element(element(root, "div", "map-table"), "table")
    this.caption = element(table, "caption")
    const row = element(element(table, "thead"), "tr")
    const names = [
      "rank", ...heads.map((name) => `weight ${name}`), ...columns, "on the front", "tie", "seeds", "step",
    ]
    element(element(row, "th"), "span", "map-unseen", "use the weights")
    this.titles = names.map((name) => this.title(row, name))
    this.body = element(table, "tbody")
  }

  title(row, name) {
    const title = element(row, "th")
    title.scope = "col"
    const button = element(title, "button", "", name)
    button.type = "button"
    button.addEventListener("click", () => {
      this.falling = this.sorted === name ? !this.falling : this.columns.includes(name) && !this.lessIsBetter
      this.sorted = name
      this.fill()
    })
    return { name, title }
  }

  draw(shown, answer) {
    Object.assign(this, { shown, answer, lessIsBetter: shown.sign < 0 })
    this.link.hidden = !answer
    if (answer) {
      this.link.href = `/api/runs/${answer.run.id}/map.csv`
      this.link.download = `weight-map-${answer.run.id}.csv`
    }
    this.caption.textContent = `Settings by ${shown.title[0].toLowerCase()}${shown.title.slice(1)}`
    this.fill()
  }

  fill() {
    for (const { name, title } of this.titles) {
      const order = this.falling ? "descending" : "ascending"
      title.setAttribute("aria-sort", name === this.sorted ? order : "none")
    }
    const records = this.answer ? this.records() : []
    const column = this.titles.findIndex(({ name }) => name === this.sorted)
    const sign = this.falling ? -1 : 1
    records.sort((a, b) => compare(a.keys[column], b.keys[column], sign) || a.keys[0] - b.keys[0])
    const drawn = records.slice(0, MOST)
    this.note.textContent = records.length > MOST ? `The first ${MOST} of ${records.length} rows; the CSV has all.` : ""
    while (this.rows.length < drawn.length) this.rows.push(this.row())
    while (this.rows.length > drawn.length) this.rows.pop().row.remove()
    drawn.forEach((record, k) => this.fillRow(this.rows[k], record))
  }

  row() {
    const row = element(this.body, "tr")
    const button = element(element(row, "td"), "button", "", "Use")
    const cells = this.titles.map(() => element(row, "td"))
    button.type = "button"
    const made = { row, cells, button }
    button.addEventListener("click", () => this.onPick(made.point))
    return made
  }

  fillRow(made, { point, texts, isTie }) {
    made.point = point
    texts.forEach((text, k) => {
      if (made.cells[k].textContent !== text) made.cells[k].textContent = text
    })
    made.row.classList.toggle("map-picked", point === this.shown.point)
    made.row.classList.toggle("map-tie", isTie)
    made.button.setAttribute("aria-label", `Use weights ${texts.slice(1, 1 + this.heads.length).join(", ")}`)
  }

  // Of each setting what is shown, and what it is sorted by.
  records() {
    const { shown, answer } = this
    const values = answer.values[shown.quantity]
    const chosen = values.mean[shown.column]
    const order = [...chosen.keys()].filter((i) => chosen[i] !== null)
    order.sort((i, j) => shown.sign * (chosen[j] - chosen[i]))
    const rank = new Map(order.map((i, k) => [i, k + 1]))
    const front = new Set(answer.fronts[shown.front])
    const ties = new Set(values.ties[shown.column])
    return answer.weights.map((weights, i) => {
      const means = this.columns.map((name) => values.mean[name][i])
      const said = this.columns.map((name) => valueWords(i, values, name, shown.quantity === "val_accuracy"))
      const yes = (is) => (is ? "yes" : "")
      return {
        point: i,
        isTie: ties.has(i),
        keys: [
          rank.get(i) ?? Infinity, ...weights, ...means, front.has(i) ? 0 : 1, ties.has(i) ? 0 : 1,
          answer.n_seeds[i], answer.step[i],
        ],
        texts: [
          String(rank.get(i) ?? "–"), ...weights.map((weight) => String(Number(weight.toFixed(4)))), ...said,
          yes(front.has(i)), yes(ties.has(i)), String(answer.n_seeds[i]),
          answer.diverged.includes(i) ? `${answer.step[i]}, diverged` : String(answer.step[i]),
        ],
      }
    })
  }
}

// What is not measured comes last in either direction.
function compare(a, b, sign) {
  if (a === null || b === null) return (a === null) - (b === null)
  return a === b ? 0 : sign * (a - b)
}
