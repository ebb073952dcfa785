// The runs as a table: a row a lane, sorted by any column, with a box to select the run.

/** @import { Lane } from "../client/types.js" */
import { button, element, put } from "../client/elements.js"
import { SortedTable } from "../client/tables.js"
import { percent, round, seconds, whole } from "../client/words.js"

const DRAWN = 200 // rows at first; a button shows more
const NO_TOTAL =
  "There is no column of the total loss: it is weighted, so it says nothing between runs whose weights differ."

export class RunsTable {
  /** @type {SortedTable | null} */ table = null // made once the heads are known
  /** @type {any} */ all // the box that selects all
  /** @type {any} */ more // the button that shows more
  limit = DRAWN
  /** @type {Lane[]} */ lanes = [] // rows of the list
  /** @type {Set<string>} */ selected = new Set()
  /** @type {string[]} */ runs = [] // ids of the runs shown

  constructor(root, kept, { onSort, onSelect }) {
    this.root = root
    this.begin = { sorted: kept.sort ?? "Started", falling: kept.order !== "up", onSort }
    this.onSelect = onSelect
    root.tabIndex = 0
    root.setAttribute("role", "region")
    root.setAttribute("aria-label", "Table of the runs")
  }

  // Make the table, once the heads are known.
  name(heads, settings) {
    if (this.table) return
    const columns = columnsOf(heads, settings)
    if (!columns.some(({ title }) => title === this.begin.sorted)) this.begin.sorted = columns[2].title
    this.table = new SortedTable(this.root, columns, this.begin)
    this.table.caption.className = "view-unseen"
    this.table.caption.textContent = `Runs, a row a lane. ${NO_TOTAL}`
    this.all = box(this.table.corner, "Select all runs shown", (is) => this.onSelect(this.runs, is))
    this.more = button(
      this.root,
      "",
      () => {
        this.limit += 5 * DRAWN
        this.draw(this.lanes, this.selected)
      },
      "runs-more",
    )
  }

  // How it is sorted, to be kept.
  kept() {
    const { sorted, falling } = this.table ?? this.begin
    return { sort: sorted, order: falling ? "down" : "up" }
  }

  draw(lanes, selected) {
    Object.assign(this, { lanes, selected })
    const { table } = this
    if (!table) return
    const { key } = table.columns.find(({ title }) => title === table.sorted)
    const sorted = table.sort(lanes, key, (one, other) => other.pinned - one.pinned)
    const drawn = sorted.slice(0, this.limit)
    table.fill(
      drawn,
      (row) => this.row(row),
      (made, lane) => this.fill(made, lane),
    )
    this.runs = [...new Set(lanes.map(({ run }) => run))]
    const n = this.runs.filter((run) => selected.has(run)).length
    this.all.checked = n > 0 && n === this.runs.length
    this.all.indeterminate = n > 0 && n < this.runs.length
    this.more.hidden = lanes.length <= this.limit
    this.more.textContent = `Show more (${whole(lanes.length - drawn.length)} left)`
  }

  row(row) {
    const made = { row, run: "" }
    made.box = box(element(row, "td"), "", (is) => this.onSelect([made.run], is))
    made.cells = this.table?.columns.map(({ className }) => element(row, "td", className))
    made.link = element(made.cells[0], "a")
    made.after = element(made.cells[0], "span")
    return made
  }

  fill(made, lane) {
    made.run = lane.run
    made.box.checked = this.selected.has(lane.run)
    made.row.classList.toggle("runs-selected", made.box.checked)
    const called = lane.name || lane.run
    put(made.link, (lane.pinned ? "★ " : "") + called)
    const href = lane.points ? `./map?map=${lane.run}` : `./?run=${lane.run}`
    if (made.link.getAttribute("href") !== href) made.link.setAttribute("href", href)
    made.link.title = lane.points ? "Open on the page Map" : "Open on the page Explore"
    put(made.after, lane.lane === null ? "" : ` lane ${lane.lane + 1}`)
    made.box.setAttribute("aria-label", `Select ${called}${made.after.textContent}`)
    this.table?.columns.slice(1).forEach(({ text, className }, k) => {
      put(made.cells[k + 1], text(lane))
      if (className === NOTE) made.cells[k + 1].title = text(lane)
    })
  }
}

const NOTE = "runs-note"
const NUMERIC = { className: "runs-number", falls: true }

function columnsOf(heads, settings) {
  const setting = (name) => (row) => row.settings[settings.indexOf(name)]
  const share = (value) => (value === undefined || value === null ? "" : percent(value, 1))
  const worst = (row) => (row.result ? Math.min(...row.result.last) : undefined)
  const worstHead = (row) => heads[row.result.last.indexOf(worst(row))]
  const accuracy = (title, key, help) => ({ title, key, help, ...NUMERIC, text: (row) => share(key(row)) })
  return [
    { title: "Run", key: (row) => (row.name || row.run).toLowerCase() },
    { title: "State", key: (row) => row.state, text: (row) => row.state },
    { title: "Started", key: (row) => row.created, text: (row) => started(row.created), ...NUMERIC },
    {
      title: "Duration",
      key: (row) => row.seconds,
      text: (row) => duration(row.seconds),
      ...NUMERIC,
      help: "Of training, pauses not counted; of a weight map from its start to its end",
    },
    { title: "Data", key: setting("dataset"), text: setting("dataset") },
    { title: "Trunk", key: setting("trunk"), text: setting("trunk") },
    ...heads.map((head, h) => ({
      title: `w ${head}`,
      help: `Loss weight of ${head} at the start; * where it was moved in mid-run`,
      key: (row) => row.weights?.[h],
      text: (row) =>
        row.weights
          ? `${round(row.weights[h], 4)}${row.moved ? "*" : ""}`
          : row.points && !h
            ? `${row.points} settings`
            : "",
      ...NUMERIC,
    })),
    { title: "Seed", key: setting("seed"), text: (row) => String(setting("seed")(row)), ...NUMERIC },
    {
      title: "Steps",
      key: (row) => row.step,
      text: (row) => (row.step < row.steps ? `${whole(row.step)} of ${whole(row.steps)}` : whole(row.step)),
      ...NUMERIC,
    },
    ...heads.map((head, h) => accuracy(head, (row) => row.result?.last[h], `Last validation accuracy of ${head}`)),
    {
      ...accuracy("Worst head", worst, "Last validation accuracy of the head that does worst"),
      text: (row) => (row.result ? `${share(worst(row))} ${worstHead(row)}` : ""),
    },
    ...heads.map((head, h) =>
      accuracy(`best ${head}`, (row) => row.result?.best[h], `Best validation accuracy of ${head} in the run`),
    ),
    accuracy(
      "best worst",
      (row) => row.result?.best_worst,
      "Best validation accuracy, at one look, of the head that did worst there",
    ),
    {
      title: "Note",
      key: (row) => row.note.toLowerCase() || undefined,
      text: (row) => row.note.split("\n")[0],
      className: NOTE,
    },
  ]
}

function box(parent, name, onChange) {
  const made = element(parent, "input")
  made.type = "checkbox"
  if (name) made.setAttribute("aria-label", name)
  made.addEventListener("change", () => onChange(made.checked))
  return made
}

const started = (created) =>
  new Date(created * 1000).toLocaleString("en-GB", {
    day: "2-digit",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  })

function duration(value) {
  return value < 120 ? seconds(value) : value < 7200 ? `${round(value / 60, 1)} min` : `${round(value / 3600, 1)} h`
}
