// The runs as a table: a row a lane, sorted by any column, with a box to select the run.

import { element, percent, round, seconds, whole } from "../client/parts.js"

const DRAWN = 200 // rows at first; a button shows more
const NO_TOTAL =
  "There is no column of the total loss: it is weighted, so it says nothing between runs whose weights differ."

export class RunsTable {
  constructor(root, kept, { onSort, onSelect }) {
    Object.assign(this, { onSort, onSelect, limit: DRAWN, rows: [] })
    this.sorted = kept.sort ?? "Started"
    this.falling = kept.order !== "up"
    this.root = root
    root.tabIndex = 0
    root.setAttribute("role", "region")
    root.setAttribute("aria-label", "Table of the runs")
  }

  // Make the table, once the heads are known.
  name(heads, settings) {
    if (this.columns) return
    this.columns = columnsOf(heads, settings)
    const table = element(this.root, "table")
    element(table, "caption", "runs-unseen", `Runs, a row a lane. ${NO_TOTAL}`)
    const row = element(element(table, "thead"), "tr")
    this.all = box(element(row, "th"), "Select all runs shown", (is) => this.onSelect(this.shown, is))
    this.titles = this.columns.map(({ title, help, number }) => {
      const made = element(row, "th", number ? "runs-number" : "")
      made.scope = "col"
      const button = element(made, "button", "", title)
      button.type = "button"
      if (help) button.title = help
      button.addEventListener("click", () => this.sort(title, number))
      return made
    })
    this.body = element(table, "tbody")
    this.more = element(this.root, "button", "runs-more")
    this.more.type = "button"
    this.more.addEventListener("click", () => {
      this.limit += 5 * DRAWN
      this.draw(this.found, this.selected)
    })
  }

  sort(title, number) {
    this.falling = this.sorted === title ? !this.falling : Boolean(number)
    this.sorted = title
    this.onSort()
  }

  kept() {
    return { sort: this.sorted, order: this.falling ? "down" : "up" }
  }

  draw(found, selected) {
    Object.assign(this, { found, selected })
    if (!this.columns) return
    const column = this.columns.find(({ title }) => title === this.sorted) ?? this.columns[2]
    const sign = this.falling ? -1 : 1
    const keyed = found.map((row, i) => ({ row, key: column.key(row), i }))
    keyed.sort((a, b) => b.row.pinned - a.row.pinned || compare(a.key, b.key, sign) || a.i - b.i)
    this.titles.forEach((title, k) => {
      const order = this.falling ? "descending" : "ascending"
      title.setAttribute("aria-sort", this.columns[k] === column ? order : "none")
    })
    const drawn = keyed.slice(0, this.limit)
    while (this.rows.length < drawn.length) this.rows.push(this.row())
    while (this.rows.length > drawn.length) this.rows.pop().row.remove()
    drawn.forEach(({ row }, k) => this.fill(this.rows[k], row))
    this.shown = [...new Set(found.map((row) => row.run))]
    const n = this.shown.filter((run) => selected.has(run)).length
    this.all.checked = n > 0 && n === this.shown.length
    this.all.indeterminate = n > 0 && n < this.shown.length
    this.more.hidden = found.length <= this.limit
    this.more.textContent = `Show more (${whole(found.length - drawn.length)} left)`
  }

  row() {
    const row = element(this.body, "tr")
    const made = { row }
    made.box = box(element(row, "td"), "", (is) => this.onSelect([made.run], is))
    made.cells = this.columns.map(({ number, name }) => element(row, "td", number ? "runs-number" : (name ?? "")))
    made.link = element(made.cells[0], "a")
    made.after = element(made.cells[0], "span")
    return made
  }

  fill(made, row) {
    made.run = row.run
    made.box.checked = this.selected.has(row.run)
    made.row.classList.toggle("runs-selected", made.box.checked)
    const called = row.name || row.run
    put(made.link, (row.pinned ? "★ " : "") + called)
    const href = row.points ? `./map?map=${row.run}` : `./?run=${row.run}`
    if (made.link.getAttribute("href") !== href) made.link.setAttribute("href", href)
    made.link.title = row.points ? "Open on the page Map" : "Open on the page Explore"
    put(made.after, row.lane === null ? "" : ` lane ${row.lane + 1}`)
    made.box.setAttribute("aria-label", `Select ${called}${made.after.textContent}`)
    this.columns.slice(1).forEach((column, k) => {
      put(made.cells[k + 1], column.text(row))
      if (column.name) made.cells[k + 1].title = column.text(row)
    })
  }
}

function columnsOf(heads, settings) {
  const setting = (name) => (row) => row.settings[settings.indexOf(name)]
  const share = (value) => (value === undefined || value === null ? "" : percent(value, 1))
  const worst = (row) => (row.result ? Math.min(...row.result.last) : undefined)
  const worstHead = (row) => heads[row.result.last.indexOf(worst(row))]
  const accuracy = (title, key, help) => ({ title, key, help, number: true, text: (row) => share(key(row)) })
  return [
    { title: "Run", key: (row) => (row.name || row.run).toLowerCase() },
    { title: "State", key: (row) => row.state, text: (row) => row.state },
    { title: "Started", key: (row) => row.created, text: (row) => started(row.created), number: true },
    { title: "Duration", key: (row) => row.seconds, text: (row) => duration(row.seconds), number: true, help: "Of training, pauses not counted; of a weight map from its start to its end" },
    { title: "Data", key: setting("dataset"), text: setting("dataset") },
    { title: "Trunk", key: setting("trunk"), text: setting("trunk") },
    ...heads.map((head, h) => ({
      title: `w ${head}`,
      help: `Loss weight of ${head} at the start; * where it was moved in mid-run`,
      key: (row) => row.weights?.[h],
      text: (row) => (row.weights ? `${round(row.weights[h], 4)}${row.moved ? "*" : ""}` : row.points && !h ? `${row.points} settings` : ""),
      number: true,
    })),
    { title: "Seed", key: setting("seed"), text: (row) => String(setting("seed")(row)), number: true },
    { title: "Steps", key: (row) => row.step, text: (row) => (row.step < row.steps ? `${whole(row.step)} of ${whole(row.steps)}` : whole(row.step)), number: true },
    ...heads.map((head, h) => accuracy(head, (row) => row.result?.last[h], `Last validation accuracy of ${head}`)),
    { ...accuracy("Worst head", worst, "Last validation accuracy of the head that does worst"), text: (row) => (row.result ? `${share(worst(row))} ${worstHead(row)}` : "") },
    ...heads.map((head, h) => accuracy(`best ${head}`, (row) => row.result?.best[h], `Best validation accuracy of ${head} in the run`)),
    accuracy("best worst", (row) => row.result?.best_worst, "Best validation accuracy, at one look, of the head that did worst there"),
    { title: "Note", key: (row) => row.note.toLowerCase() || undefined, text: (row) => row.note.split("\n")[0], name: "runs-note" },
  ]
}

function box(parent, name, onChange) {
  const made = element(parent, "input")
  made.type = "checkbox"
  if (name) made.setAttribute("aria-label", name)
  made.addEventListener("change", () => onChange(made.checked))
  return made
}

function put(node, text) {
  if (node.textContent !== text) node.textContent = text
}

const started = (created) =>
  new Date(created * 1000).toLocaleString("en-GB", { day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" })

function duration(value) {
  return value < 120 ? seconds(value) : value < 7200 ? `${round(value / 60, 1)} min` : `${round(value / 3600, 1)} h`
}

// What there is not comes last in either direction.
function compare(a, b, sign) {
  if (a === undefined || b === undefined) return (a === undefined) - (b === undefined)
  return a === b ? 0 : a < b ? -sign : sign
}
