// The list of runs: asks the server for it, keeps what is selected, tells Python of another choice.

/** @import { Teller } from "../client/telling/tell.js" */
/** @import { Lane, ShownRuns } from "../client/types.js" */
/** @import { Shown } from "./problems.js" */
import { endless, Poll } from "../client/asking/poll.js"
import { element, put } from "../client/drawing/elements.js"
import { StatusLine } from "../client/drawing/status.js"
import { addStyle } from "../client/drawing/style.js"
import { count } from "../client/saying/words.js"
import { mount } from "../client/telling/mount.js"
import { Chooser } from "./chooser.js"
import { columnsOf } from "./columns.js"
import { Filters } from "./filter.js"
import { ALL, ProblemChoice } from "./problems.js"
import { RunsTable } from "./table.js"

const LONGEST = 40 // letters of what an address asks for
const TELL_AFTER = 300 // ms, so that several clicks make one script run

class RunsView {
  /** @type {Lane[] | null} */ lanes = null // rows of the list, null before the first answer
  /** @type {Set<string>} */ selected = new Set() // ids of runs
  /** @type {Set<string>} */ found = new Set() // of those that the filters leave
  /** @type {string | null} */ token = null // what is known of the list so far
  /** @type {Shown | null} */ shown = null // which runs and columns, null before the first answer
  fault = ""

  /** @param {HTMLElement} root @param {ShownRuns} shown @param {Teller} teller */
  constructor(root, { table, colours }, teller) {
    addStyle("runs", STYLE)
    this.teller = teller
    const filters = element(root, "div", "runs-filters")
    this.problems = new ProblemChoice(filters, table, () => this.rename())
    this.filters = new Filters(filters, table, () => this.retell())
    this.chooser = new Chooser(filters, table, () => this.rename())
    const top = element(root, "div", "runs-top")
    this.status = new StatusLine(top, "runs")
    this.missed = element(top, "p", "view-status runs-missed")
    this.table = new RunsTable(element(root, "div", "runs-table"), top, table, colours, {
      onSort: () => this.retell(),
      onSelect: (runs, is) => this.select(runs, is),
    })
    this.poll = new Poll({
      question: () => `api/lanes${this.token ? `?token=${this.token}` : ""}`,
      take: (answer) => this.take(answer),
      fail: (message) => {
        this.fault = message
        this.describe()
      },
      pace: endless, // there may be new runs at any time
      isWanted: () => root.isConnected,
    })
  }

  set(shown) {
    if (!this.teller.isWaiting("selected")) this.selected = new Set(shown.selected)
    this.draw()
    this.poll.ask() // a script has run: it may have renamed or deleted something
  }

  take({ token, all, rows, problems, curves_at_once: atOnce }) {
    this.token = token
    this.fault = ""
    const known = new Set(this.lanes?.map(({ run }) => run))
    if (all || !this.lanes) {
      this.lanes = rows
    } else {
      if (!rows.length) return this.describe()
      const fresh = new Map(rows.map((row) => [`${row.run} ${row.lane}`, row]))
      this.lanes = this.lanes.map((row) => fresh.get(`${row.run} ${row.lane}`) ?? row)
      if (rows.some(({ run }) => !known.has(run))) this.token = null
    }
    this.problems.offer(problems)
    this.table.curves.most = atOnce
    this.name()
    this.draw()
  }

  name() {
    const { shown } = this.problems
    this.shown = shown
    this.filters.offer(this.lanes ?? [], shown)
    this.chooser.offer(shown.settings)
    this.table.name(shown.chosen, columnsOf(shown, this.chooser.chosen))
  }

  // Another problem or other columns were chosen.
  rename() {
    this.name()
    this.retell()
  }

  draw() {
    if (!this.lanes) return
    const found = this.lanes.filter((row) => this.shown?.has(row) && this.filters.match(row))
    this.found = new Set(found.map(({ run }) => run))
    this.table.draw(found, this.selected)
    this.describe()
  }

  describe() {
    if (this.fault) return this.status.fail(this.fault)
    const own = this.lanes?.filter((row) => this.shown?.has(row))
    const n = new Set(own?.map(({ run }) => run)).size
    const { areSeveral, chosen, missed } = this.problems
    const runs = count(n, "run") + (areSeveral && chosen !== ALL ? ` of ${chosen}` : "")
    const match = this.found.size < n ? `${this.found.size} of ${runs} match.` : `${runs}.`
    const text = n ? match : "No run yet: train one on the page Explore."
    this.missed.hidden = !missed || !n
    put(this.missed, `There is no run of ${missed.slice(0, LONGEST)}.`)
    this.status.say(text, text)
  }

  select(runs, is) {
    for (const run of runs) this.selected[is ? "add" : "delete"](run)
    this.draw()
    this.teller.tell("selected", [...this.selected], TELL_AFTER)
  }

  // Something was chosen, which the address has from now on.
  retell() {
    this.problems.addressed = ALL
    this.draw()
    this.teller.tell(
      "table",
      { ...this.problems.kept(), ...this.filters.kept(), ...this.chooser.kept(), ...this.table.kept() },
      TELL_AFTER,
    )
  }
}

export const show = mount("runs", (root, shown, teller) => new RunsView(root, shown, teller))

const STYLE = `
  .runs-filters { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; }
  .runs-top { display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: baseline; margin-top: 0.4rem; }
  .runs-filters label { display: flex; flex-direction: column; font-size: 0.875rem; gap: 0.2rem; }
  .runs-filters input, .runs-filters select { font: inherit; color: inherit; color-scheme: inherit; background: var(--st-secondary-background-color); border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.4rem; padding: 0.3rem 0.6rem; }
  .runs-filters input { width: min(24rem, 80vw); }
  .runs-filters select { max-width: min(16rem, 80vw); text-overflow: ellipsis; }
  .runs-filters option { background: var(--st-background-color); color: var(--st-text-color); }
  .runs-table :is(th, td) { padding: 0.2rem 0.9rem 0.2rem 0; text-align: left; vertical-align: baseline; }
  .runs-view .runs-more { margin: 0.5rem 0; border: 0; padding: 0.1rem 0.2rem; text-decoration: underline dotted; text-underline-offset: 0.2em; }
  .runs-table .runs-number { text-align: right; }
  .runs-table td.runs-note { max-width: 16rem; overflow: hidden; text-overflow: ellipsis; }
  .runs-table tbody tr:hover { background: rgba(128, 128, 128, 0.12); }
  .runs-table .runs-selected { background: rgba(30, 136, 229, 0.18); }
  .runs-table input { accent-color: var(--st-primary-color); width: 1rem; height: 1rem; margin: 0 0.2rem; vertical-align: -0.1rem; }
  .runs-table td:nth-child(2) { max-width: 22rem; overflow: hidden; text-overflow: ellipsis; }
  .runs-what { font-size: 0.8rem; overflow: hidden; text-overflow: ellipsis; }
  .runs-small { margin-left: 0.5rem; vertical-align: -0.25rem; }
  .runs-small polyline { fill: none; stroke-width: 1.5; vector-effect: non-scaling-stroke; }
  .runs-columns { position: relative; font-size: 0.875rem; }
  .runs-columns summary { border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.4rem; padding: 0.3rem 0.6rem; font-size: 1rem; cursor: pointer; }
  .runs-columns summary:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); outline-offset: 1px; }
  .runs-columns > div { position: absolute; z-index: 2; margin-top: 0.2rem; padding: 0.5rem 0.8rem; background: var(--st-background-color); border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.4rem; display: grid; grid-template-columns: auto auto; gap: 0 1.2rem; width: max-content; max-width: 88vw; }
  .runs-filters .runs-columns label { flex-direction: row; align-items: center; gap: 0.4rem; min-height: 1.75rem; cursor: pointer; }
  .runs-filters .runs-columns input { width: 1rem; height: 1rem; accent-color: var(--st-primary-color); }
`
