// The list of runs: asks the server for it, keeps what is selected, tells Python of another choice.

import { addStyle, element, fetchJson } from "../client/parts.js"
import { Filters } from "./filter.js"
import { RunsTable } from "./table.js"

const POLL = 2000 // ms
const TELL_AFTER = 300 // ms, so that several clicks make one script run

const views = new WeakMap()

// Called by Streamlit with each script run; the view is made by the first call and kept.
export function show(component) {
  const root = component.parentElement.querySelector(".runs-view")
  const shown = JSON.parse(new TextDecoder().decode(component.data))
  if (!views.has(root)) views.set(root, new RunsView(root, shown))
  views.get(root).set(shown, component.setTriggerValue)
}

class RunsView {
  constructor(root, { table }) {
    addStyle("runs-view-style", STYLE)
    root.replaceChildren()
    this.root = root
    this.lanes = []
    this.selected = new Set()
    this.filters = new Filters(element(root, "div", "runs-filters"), table, () => this.retell())
    this.status = element(root, "p", "runs-status")
    this.status.setAttribute("role", "status")
    this.table = new RunsTable(element(root, "div", "runs-table"), table, {
      onSort: () => this.retell(),
      onSelect: (runs, is) => this.select(runs, is),
    })
    this.poll()
  }

  set(shown, tell) {
    if (shown.leave) return location.assign(shown.leave)
    this.tell = tell
    if (!this.timers?.selected) this.selected = new Set(shown.selected)
    this.asked = null // a script has run: it may have renamed or deleted something
    this.draw()
    this.poll()
  }

  async poll() {
    clearTimeout(this.timer)
    if (!this.root.isConnected) return
    try {
      if (!document.hidden) {
        const asked = (this.asked = {})
        const answer = await fetchJson(`/api/lanes${this.token ? `?token=${this.token}` : ""}`)
        if (asked !== this.asked) return
        this.take(answer)
      }
      this.fault = ""
    } catch (error) {
      this.fault = `The server does not answer (${error.message}); trying again.`
      this.describe()
    }
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.poll(), POLL)
  }

  take({ token, all, rows, heads, settings }) {
    this.token = token
    if (all) {
      this.lanes = rows
    } else if (rows.length) {
      const fresh = new Map(rows.map((row) => [`${row.run} ${row.lane}`, row]))
      const known = new Set(this.lanes.map((row) => row.run))
      this.lanes = this.lanes.map((row) => fresh.get(`${row.run} ${row.lane}`) ?? row)
      if (rows.some((row) => !known.has(row.run))) this.token = null
    } else if (this.known) {
      return this.describe()
    }
    this.known = true
    this.filters.offer(this.lanes, settings)
    this.table.name(heads, settings)
    this.draw()
  }

  draw() {
    if (!this.known) return
    const found = this.lanes.filter((row) => this.filters.match(row))
    this.found = new Set(found.map((row) => row.run))
    this.table.draw(found, this.selected)
    this.describe()
  }

  describe() {
    if (this.fault) return (this.status.textContent = this.fault)
    const runs = new Set(this.lanes.map((row) => row.run))
    const said = !runs.size
      ? "No run yet: train one on the page Explore."
      : this.found.size < runs.size
        ? `${this.found.size} of ${runs.size} runs match.`
        : `${runs.size} run${runs.size > 1 ? "s" : ""}.`
    if (this.status.textContent !== said) this.status.textContent = said
  }

  select(runs, is) {
    for (const run of runs) this.selected[is ? "add" : "delete"](run)
    this.draw()
    this.later("selected", () => [...this.selected])
  }

  retell() {
    this.draw()
    this.later("table", () => ({ ...this.filters.kept(), ...this.table.kept() }))
  }

  later(name, value) {
    this.timers ??= {}
    clearTimeout(this.timers[name])
    this.timers[name] = setTimeout(() => {
      delete this.timers[name]
      this.tell(name, JSON.stringify(value()))
    }, TELL_AFTER)
  }
}

const STYLE = `
  .runs-view { color: var(--st-text-color, inherit); }
  .runs-filters { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: end; }
  .runs-filters label { display: flex; flex-direction: column; font-size: 0.875rem; gap: 0.2rem; }
  .runs-filters input, .runs-filters select { font: inherit; color: inherit; color-scheme: inherit; background: var(--st-secondary-background-color); border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.4rem; padding: 0.3rem 0.6rem; }
  .runs-filters input { width: min(24rem, 80vw); }
  .runs-filters option { background: var(--st-background-color); color: var(--st-text-color); }
  .runs-status { margin: 0.6rem 0 0.4rem; min-height: 1.5em; }
  .runs-table { overflow: auto; max-height: 34rem; }
  .runs-table table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
  .runs-table th, .runs-table td { padding: 0.2rem 0.9rem 0.2rem 0; text-align: left; font-weight: 400; border: 0; white-space: nowrap; vertical-align: baseline; }
  .runs-table .runs-number { text-align: right; }
  .runs-table td.runs-note { max-width: 16rem; overflow: hidden; text-overflow: ellipsis; }
  .runs-table thead th { position: sticky; top: 0; background: var(--st-background-color); z-index: 1; }
  .runs-table tbody tr:hover { background: rgba(128, 128, 128, 0.12); }
  .runs-table .runs-selected { background: rgba(30, 136, 229, 0.18); }
  .runs-table input { accent-color: var(--st-primary-color); width: 1rem; height: 1rem; margin: 0 0.2rem; vertical-align: -0.1rem; }
  .runs-table td:nth-child(2) { max-width: 18rem; overflow: hidden; text-overflow: ellipsis; }
  .runs-table a { color: var(--st-link-color, inherit); }
  .runs-view button { font: inherit; color: inherit; background: none; border: 0; padding: 0.1rem 0.2rem; text-decoration: underline dotted; text-underline-offset: 0.2em; cursor: pointer; }
  .runs-view button:focus-visible, .runs-view a:focus-visible, .runs-view input:focus-visible, .runs-view select:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); outline-offset: 1px; }
  .runs-table [aria-sort="ascending"] button::after { content: " ▲"; content: " ▲" / ""; }
  .runs-table [aria-sort="descending"] button::after { content: " ▼"; content: " ▼" / ""; }
  .runs-more { margin: 0.5rem 0; }
  .runs-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`
