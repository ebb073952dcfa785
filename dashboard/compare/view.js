// The compare view: asks for the records of several runs, and lays their curves over one another.

import { CompareChart } from "./chart.js"
import { Legend, Results, Settings } from "./tables.js"
import { TABLE_STYLE } from "../client/tables.js"
import { Parallel } from "./parallel.js"
import { RunSource } from "../client/run_source.js"
import { FINAL, addStyle, element, loadPlotly } from "../client/parts.js"

const LEAST_REST = 200 // ms between two drawings
const BUSY = 1 / 3 // share of the time that may go into drawing
const PATIENCE = 1500 // ms that the first drawing waits for runs that are still being asked for
const NEWS_WAIT = 300 // ms, as on the page Explore

const ABOUT_AXES =
  "Weights as each curve began with them, all on one scale; an open symbol is one that was moved later. " +
  "An accuracy axis reaches from the least to the greatest of the curves."

const views = new WeakMap()

// Called by Streamlit with each script run; the view is made by the first call and kept.
export async function show(component) {
  const root = component.parentElement.querySelector(".compare-view")
  const shown = JSON.parse(new TextDecoder().decode(component.data))
  if (!views.has(root)) views.set(root, new CompareView(root, await loadPlotly(), shown))
  views.get(root).set(shown, component.setTriggerValue)
}

class CompareView {
  constructor(root, plotly, { heads, most }) {
    addStyle("compare-view-style", STYLE)
    root.replaceChildren()
    Object.assign(this, { root, plotly, heads, most, charts: [], sources: new Map(), hidden: new Set(), restedAt: 0 })
    this.status = element(root, "p", "compare-status")
    this.status.setAttribute("role", "status")
    this.legend = new Legend(element(root, "div", "compare-legend"), (key) => this.toggle(key))
    this.grid = element(root, "div", "compare-charts")
    this.box = element(root, "div", "compare-parallel")
    this.box.setAttribute("role", "figure")
    this.note = element(root, "p", "live-note", ABOUT_AXES)
    this.settings = new Settings(element(root, "section", "compare-settings"))
    this.results = new Results(element(root, "section", "compare-results"), heads)
    new ResizeObserver(() => this.resize()).observe(this.grid)
  }

  set(shown, tell) {
    clearTimeout(this.teller)
    Object.assign(this, { shown, tell, coming: null })
    const wanted = new Set(shown.curves.map(({ run }) => run))
    for (const [run, source] of this.sources) {
      if (wanted.has(run)) continue
      source.stop()
      this.sources.delete(run)
    }
    for (const run of wanted) {
      if (!this.sources.has(run)) this.sources.set(run, new RunSource(run, this.most, (anew) => this.onNews(anew)))
    }
    this.askedAt ??= performance.now()
    this.lay()
    this.onNews(false, true)
  }

  // Draw, as soon as there is time and something to draw.
  onNews(anew, isUrgent = false) {
    if (anew) for (const chart of this.charts) chart.smoothed.clear()
    const now = performance.now()
    const missing = [...this.sources.values()].some(({ isWhole }) => !isWhole)
    const first = missing ? this.askedAt + PATIENCE : now
    if (this.due && !isUrgent && missing) return
    clearTimeout(this.due)
    this.due = setTimeout(() => this.draw(), Math.max(first, isUrgent ? now : this.restedAt) - now)
  }

  lay() {
    const { figures } = this.shown
    const made = JSON.stringify(figures)
    if (made === this.made) return
    this.made = made
    for (const chart of this.charts) chart.remove()
    this.charts = figures.curves.map(({ quantity, head, figure }) => {
      const box = element(this.grid, "div", "compare-chart")
      Object.assign(box.dataset, { quantity, head })
      box.setAttribute("role", "figure")
      box.setAttribute("aria-label", `${figure.layout.title.text} of the compared curves; the tables below have numbers`)
      return new CompareChart(this.plotly, box, figure)
    })
    this.box.setAttribute("aria-label", `${figures.parallel.layout.title.text}; the tables below have the numbers`)
    this.parallel ??= new Parallel(this.plotly, this.box, figures.parallel)
  }

  toggle(key) {
    if (!this.hidden.delete(key)) this.hidden.add(key)
    this.onNews(false, true)
  }

  // One chart after the other; begun anew by whatever comes in between.
  async draw() {
    const began = performance.now()
    this.due = null
    const { shown, heads, hidden } = this
    const curves = shown.curves.map((curve) => ({ ...curve, line: this.sources.get(curve.run).lines.current(curve.lane) }))
    const seen = curves.filter(({ key }) => !hidden.has(key))
    const baseline = curves.find(({ key }) => key === shown.baseline)
    for (const part of [this.grid, this.box, this.note, this.settings.root.parentElement, this.results.note.parentElement]) {
      part.hidden = !curves.length
    }
    this.describe(curves)
    this.legend.draw(curves, hidden)
    if (!curves.length) return
    const tasks = this.charts.map((chart) => () => {
      chart.set(shown.options, seen, baseline)
      chart.draw()
    })
    tasks.push(() => {
      this.parallel.set(heads, seen)
      this.parallel.draw()
    })
    tasks.push(() => {
      this.settings.draw(curves, shown.settings)
      this.results.draw(curves, baseline)
    })
    const asked = (this.drawing = Symbol())
    for (const task of tasks) {
      task()
      await new Promise((resolve) => setTimeout(resolve)) // no task holds the page up for long
      if (asked !== this.drawing) return
    }
    this.root.dataset.drawn = curves.filter(({ line }) => line?.step.length).length
    this.restedAt = performance.now() + Math.max(LEAST_REST, (performance.now() - began) / BUSY)
    this.tellNews()
  }

  describe(curves) {
    const sources = [...this.sources.values()]
    const moving = sources.filter(({ answer }) => answer && !FINAL.includes(answer.run.state)).length
    const parts = [curves.length ? `${count(curves.length, "curve")} of ${count(sources.length, "run")}` : "Choose runs above: each lane becomes a curve. The page Explore trains them."]
    if (moving) parts.push(`${moving} still in training`)
    const loading = sources.filter(({ isWhole }) => !isWhole).length
    if (loading) parts.push(`${loading} on the way`)
    for (const { run, fault } of sources) if (fault) parts.push(`${run} does not answer: ${fault} Trying again`)
    const text = parts.join(" · ")
    if (this.status.textContent !== text) this.status.textContent = text
  }

  // Python has told settings and lanes as they were: it must look again when a run has others.
  tellNews() {
    const news = this.shown.told
      .filter(({ run, state, lanes }) => {
        const { answer } = this.sources.get(run) ?? {}
        return answer && (answer.run.state !== state || answer.lanes_now.length !== lanes)
      })
      .map(({ run }) => `${run} ${this.sources.get(run).answer.run.state} ${this.sources.get(run).answer.lanes_now.length}`)
      .join()
    if (!news || news === this.coming) return
    this.coming = news
    clearTimeout(this.teller)
    this.teller = setTimeout(() => this.tell("news", news), NEWS_WAIT)
  }

  resize() {
    for (const chart of this.charts) chart.resize()
    this.parallel?.resize()
  }
}

const count = (n, word) => `${n} ${word}${n === 1 ? "" : "s"}`

const STYLE = `
  ${TABLE_STYLE}
  .compare-view { color: var(--st-text-color, inherit); }
  .compare-view [hidden] { display: none; }
  .compare-status { margin: 0 0 0.5rem; min-height: 1.5em; font-variant-numeric: tabular-nums; }
  .compare-legend { display: flex; flex-wrap: wrap; gap: 0.2rem 0.4rem; align-items: center; margin-bottom: 0.5rem; font-size: 0.9rem; }
  .compare-legend button { font: inherit; color: inherit; background: none; border: 1px solid transparent; border-radius: 4px; padding: 0.1rem 0.4rem; min-height: 1.75rem; cursor: pointer; text-align: left; }
  .compare-legend button:hover { border-color: currentColor; }
  .compare-legend button:focus-visible { outline: 2px solid currentColor; outline-offset: 1px; }
  .compare-legend button[aria-pressed=false] { text-decoration: line-through; }
  .compare-legend button[aria-pressed=false] .compare-symbol { visibility: hidden; }
  .compare-symbol { color: var(--swatch); display: inline-block; margin-right: 0.4em; border-bottom: 3px solid var(--swatch); line-height: 1.1; padding: 0 0.3em; }
  .compare-kinds { margin-left: 0.4rem; }
  .compare-charts { display: grid; gap: 0.5rem; grid-template-columns: repeat(3, minmax(0, 1fr)); }
  @media (max-width: 900px) { .compare-charts { grid-template-columns: minmax(0, 1fr); } }
  .compare-chart { min-width: 0; height: 300px; }
  .compare-parallel { min-width: 0; margin-top: 0.5rem; }
  .compare-view h2 { font-size: 1rem; margin: 0.9rem 0 0.3rem; padding: 0; }
  .compare-view .live-note { font-size: 0.85rem; margin: 0.3rem 0 0; max-width: 60rem; }
  .compare-view tr[aria-current] th { font-weight: 700; }
  .compare-view .live-table td { white-space: nowrap; }
  .compare-view .live-table:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
  .live-table .compare-group { text-align: left; border-bottom: 1px solid rgba(128, 128, 128, 0.4) !important; }
`
