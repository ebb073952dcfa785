// The runs as a table: a row a lane, sorted by any column, with a box to select the run.

/** @import { Colours, Lane } from "../client/types.js" */
/** @import { Column } from "./columns.js" */
import { isDark, shade } from "../client/drawing/colours.js"
import { button, element, put } from "../client/drawing/elements.js"
import { Sideways } from "../client/drawing/sideways.js"
import { SortedTable } from "../client/drawing/tables.js"
import { whole } from "../client/saying/words.js"
import { SmallCurves, smallCurve } from "./curves.js"

const DRAWN = 200 // rows at first; a button shows more
const NO_TOTAL =
  "There is no column of the total loss: it is weighted, so it says nothing between runs whose weights differ."

export class RunsTable {
  /** @type {SortedTable | null} */ table = null // made once the heads are known
  /** @type {any} */ all // the box that selects all
  /** @type {any} */ more // the button that shows more
  made = "" // which columns it has
  isDark = false
  limit = DRAWN
  /** @type {Lane[]} */ lanes = [] // rows of the list
  /** @type {Set<string>} */ selected = new Set()
  /** @type {string[]} */ runs = [] // ids of the runs shown

  /** @param {HTMLElement} root @param {HTMLElement} beside @param {Record<string, string>} kept @param {Colours[]} colours */
  constructor(root, beside, kept, colours, { onSort, onSelect }) {
    this.root = root
    this.colours = colours
    this.begin = { sorted: kept.sort ?? "Started", falling: kept.order !== "up" }
    this.onSort = onSort
    this.sideways = new Sideways(beside, root)
    this.curves = new SmallCurves(root, (made) => this.drawCurves(made))
    this.onSelect = onSelect
    root.tabIndex = 0
    root.setAttribute("role", "region")
    root.setAttribute("aria-label", "Table of the runs")
  }

  // Make the table, once the heads are known, and again with other columns.
  /** @param {string} problem @param {Column[]} columns Of that. */
  name(problem, columns) {
    const made = JSON.stringify([problem, columns])
    if (made === this.made) return
    this.made = made
    this.curves.forget()
    this.root.replaceChildren()
    const { sorted } = this.begin
    const begin = { ...this.begin, sorted: columns.some(({ title }) => title === sorted) ? sorted : "Started" }
    this.table = new SortedTable(this.root, columns, {
      ...begin,
      onSort: () => {
        Object.assign(this.begin, { sorted: this.table?.sorted, falling: this.table?.falling })
        this.onSort()
      },
    })
    this.sideways.watch(/** @type {Element} */ (this.table.body.parentElement))
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
    const { sorted, falling } = this.begin
    return { sort: sorted, order: falling ? "down" : "up" }
  }

  draw(lanes, selected) {
    Object.assign(this, { lanes, selected })
    const { table } = this
    if (!table) return
    this.isDark = isDark(this.root)
    const { key } = table.columns.find(({ title }) => title === table.sorted)
    const sorted = table.sort(lanes, key, (one, other) => other.pinned - one.pinned)
    const drawn = sorted.slice(0, this.limit)
    table.fill(
      drawn,
      (row) => this.row(row),
      (made, lane) => this.fill(made, lane),
    )
    this.curves.askSoon()
    this.runs = [...new Set(lanes.map(({ run }) => run))]
    const n = this.runs.filter((run) => selected.has(run)).length
    this.all.checked = n > 0 && n === this.runs.length
    this.all.indeterminate = n > 0 && n < this.runs.length
    this.more.hidden = lanes.length <= this.limit
    this.more.textContent = `Show more (${whole(lanes.length - drawn.length)} left)`
  }

  row(row) {
    const made = { row, run: "", lane: null, lines: /** @type {[Column, SVGElement][]} */ ([]) }
    made.box = box(element(row, "td"), "", (is) => this.onSelect([made.run], is))
    made.cells = this.table?.columns.map(({ className }) => element(row, "td", className))
    made.link = element(made.cells[0], "a")
    made.what = element(made.cells[0], "div", "runs-what")
    made.texts = made.cells.map((cell, k) => (k ? element(cell, "span") : null))
    this.table?.columns.forEach((column, k) => {
      if (column.head) made.lines.push([column, smallCurve(made.cells[k], "runs-small")])
    })
    this.curves.watch(row, made)
    return made
  }

  fill(made, lane) {
    made.run = lane.run
    made.lane = lane
    made.box.checked = this.selected.has(lane.run)
    made.row.classList.toggle("runs-selected", made.box.checked)
    put(made.link, (lane.pinned ? "★ " : "") + lane.label)
    const href = lane.points ? `./map?map=${lane.run}` : `./?run=${lane.run}`
    if (made.link.getAttribute("href") !== href) made.link.setAttribute("href", href)
    made.link.title = `${lane.label}. Opens on the page ${lane.points ? "Map" : "Explore"}`
    put(made.what, lane.name ? lane.what : "")
    made.box.setAttribute("aria-label", `Select ${lane.label}`)
    this.table?.columns.forEach(({ text, hint }, k) => {
      if (!text) return
      put(made.texts[k], text(lane))
      made.cells[k].title = hint?.(lane) ?? ""
    })
    this.drawCurves(made)
  }

  drawCurves({ lane, lines }) {
    for (const [{ head, place }, line] of lines) {
      line.setAttribute("points", this.curves.of(lane, head) ?? "")
      line.style.stroke = shade(this.colours[place % this.colours.length], this.isDark)
    }
  }
}

function box(parent, name, onChange) {
  const made = element(parent, "input")
  made.type = "checkbox"
  if (name) made.setAttribute("aria-label", name)
  made.addEventListener("change", () => onChange(made.checked))
  return made
}
