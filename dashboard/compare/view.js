// The compare view: asks for the records of several runs, and lays their curves over one another.

/** @import { ShownCompare } from "../client/types.js" */
import { RunSource } from "../client/asking/sources.js"
import { element, figure } from "../client/drawing/elements.js"
import { loadPlotly } from "../client/drawing/plotly.js"
import { StatusLine } from "../client/drawing/status.js"
import { addStyle } from "../client/drawing/style.js"
import { Drawing } from "../client/drawing/tasks.js"
import { isShare } from "../client/saying/measures.js"
import { count, outOfChart } from "../client/saying/words.js"
import { mount } from "../client/telling/mount.js"
import { CompareChart } from "./chart.js"
import { Parallel } from "./parallel.js"
import { Legend, Results, Settings } from "./tables.js"

const LEAST_REST = 200 // ms between two drawings
const BUSY = 1 / 3 // share of the time that may go into drawing
const PATIENCE = 1500 // ms that the first drawing waits for runs that are still being asked for

const MOST_COLUMNS = 3 // of charts
const ABOUT_WEIGHTS =
  "Weights as each curve began with them, all on one scale; an open symbol is one that was moved later. "
const ABOUT_AXES = `${ABOUT_WEIGHTS}An accuracy axis reaches from the least to the greatest of the curves.`
const ABOUT_AXES_OF_ANY = `${ABOUT_WEIGHTS}Each other axis reaches from the worst of the curves to the best, which is where it ends: less, where less is better.`

class CompareView {
  /** @type {ShownCompare} */ shown
  /** @type {CompareChart[]} */ charts = []
  /** @type {Parallel | null} */ parallel = null
  /** @type {Map<string, RunSource>} */ sources = new Map() // by run
  /** @type {Set<string>} */ hidden = new Set() // keys of curves
  made = "" // of which figures the charts are
  /** @type {any} */ due = 0 // timer of the next drawing
  restedAt = 0
  askedAt = performance.now()

  constructor(root, { most }, teller, plotly) {
    addStyle("compare", STYLE)
    this.root = root
    this.drawing = new Drawing(root)
    this.plotly = plotly
    this.teller = teller
    this.most = most
    this.status = new StatusLine(root, "compare")
    this.legend = new Legend(element(root, "div", "compare-legend"), (key) => this.toggle(key))
    this.grid = element(root, "div", "compare-charts")
    this.box = figure(root, "compare-parallel")
    this.note = element(root, "p", "view-note")
    this.sections = ["settings", "results"].map((name) => element(root, "section", `compare-${name}`))
    this.settings = new Settings(this.sections[0])
    this.results = new Results(this.sections[1])
    new ResizeObserver(() => {
      for (const chart of [...this.charts, this.parallel]) chart?.resize()
    }).observe(this.grid)
  }

  set(shown) {
    this.shown = shown
    const wanted = new Set(shown.curves.map(({ run }) => run))
    for (const [run, source] of this.sources) {
      if (wanted.has(run)) continue
      source.poll.stop()
      this.sources.delete(run)
    }
    for (const run of wanted) {
      if (this.sources.has(run)) continue
      const source = new RunSource(this.most, (news) => this.onNews(news), { isWanted: () => this.root.isConnected })
      this.sources.set(run, source)
      source.set(run)
    }
    this.lay()
    this.drawSoon(true)
  }

  onNews({ rows, anew, changed }) {
    if (anew) for (const chart of this.charts) chart.smoother.forget()
    if (rows || changed) this.drawSoon()
  }

  // Draw, as soon as there is time and something to draw.
  drawSoon(isUrgent = false) {
    const now = performance.now()
    const missing = [...this.sources.values()].some(({ isWhole }) => !isWhole)
    const first = missing ? this.askedAt + PATIENCE : now
    if (this.due && !isUrgent && missing) return
    clearTimeout(this.due)
    this.due = setTimeout(() => this.draw(), Math.max(first, isUrgent ? now : this.restedAt) - now)
  }

  lay() {
    const { figures, heads } = this.shown
    this.grid.style.setProperty("--columns", String(Math.min(MOST_COLUMNS, heads.length)))
    this.note.textContent = heads.every(isShare) ? ABOUT_AXES : ABOUT_AXES_OF_ANY
    const made = JSON.stringify(figures)
    if (made === this.made) return
    this.made = made
    for (const chart of this.charts) chart.remove()
    this.charts = figures.curves.map(({ quantity, head, figure: one }) => {
      const box = figure(this.grid, "compare-chart", { quantity, head })
      box.setAttribute(
        "aria-label",
        `${outOfChart(one.layout.title.text)} of the compared curves; the tables below have numbers`,
      )
      return new CompareChart(this.plotly, box, one)
    })
    this.box.setAttribute(
      "aria-label",
      `${outOfChart(figures.parallel.layout.title.text)}; the tables below have the numbers`,
    )
    this.parallel ??= new Parallel(this.plotly, this.box, figures.parallel)
    this.parallel.layout.title.text = figures.parallel.layout.title.text
  }

  toggle(key) {
    if (!this.hidden.delete(key)) this.hidden.add(key)
    this.drawSoon(true)
  }

  // One chart after the other; begun anew by whatever comes in between.
  async draw() {
    const began = performance.now()
    this.due = 0
    const { shown, hidden } = this
    const { heads } = shown
    const curves = shown.curves.map((curve) => ({
      ...curve,
      line: this.sources.get(curve.run)?.lines.current(curve.lane),
    }))
    const seen = curves.filter(({ key }) => !hidden.has(key))
    const baseline = curves.find(({ key }) => key === shown.baseline)
    for (const part of [this.grid, this.box, this.note, ...this.sections]) part.hidden = !curves.length
    this.describe(curves)
    this.legend.draw(
      curves,
      hidden,
      shown.figures.curves.some(({ figure: one }) => one.data.some(({ meta }) => meta.role === "chance")),
    )
    if (!curves.length) return
    const parts = this.charts.map((chart) => () => {
      chart.set(shown.options, seen, baseline)
      chart.draw()
    })
    parts.push(() => {
      this.parallel?.set(heads, seen)
      this.parallel?.draw()
    })
    parts.push(() => {
      this.settings.draw(curves, shown.settings)
      this.results.draw(heads, curves, baseline)
    })
    if (!(await this.drawing.run(parts))) return
    this.root.dataset.drawn = String(curves.filter(({ line }) => line?.step.length).length)
    this.restedAt = performance.now() + Math.max(LEAST_REST, (performance.now() - began) / BUSY)
    this.tellNews()
  }

  describe(curves) {
    const sources = [...this.sources.values()]
    const moving = sources.filter(({ answer }) => answer && !answer.run.is_finished).length
    const parts = [
      curves.length
        ? `${count(curves.length, "curve")} of ${count(sources.length, "run")}`
        : "Choose runs above: each lane becomes a curve. The page Explore trains them.",
    ]
    if (moving) parts.push(`${moving} still in training`)
    const loading = sources.filter(({ isWhole }) => !isWhole).length
    if (loading) parts.push(`${loading} on the way`)
    for (const { run, label } of this.shown.told) {
      const { fault } = this.sources.get(run) ?? {}
      if (fault) parts.push(`${label} does not answer (${fault}); trying again`)
    }
    const text = parts.join(" · ")
    this.status.say(text, text)
  }

  // Python has told settings and lanes as they were: it must look again when a run has others.
  tellNews() {
    const { told } = this.shown
    const words = (run, state, lanes) => `${run} ${state} ${lanes}`
    const now = told.map(({ run, state, lanes }) => {
      const { answer } = this.sources.get(run) ?? {}
      return answer ? words(run, answer.run.state, answer.lanes_now.length) : words(run, state, lanes)
    })
    this.teller.news(told.map(({ run, state, lanes }) => words(run, state, lanes)).join(), now.join())
  }
}

export const show = mount(
  "compare",
  (root, shown, teller, loaded) => new CompareView(root, shown, teller, loaded),
  loadPlotly,
)

const STYLE = `
  .compare-legend { display: flex; flex-wrap: wrap; gap: 0.2rem 0.4rem; align-items: center; margin-bottom: 0.5rem; font-size: 0.9rem; }
  .compare-legend button { font: inherit; color: inherit; background: none; border: 1px solid transparent; border-radius: 4px; padding: 0.1rem 0.4rem; min-height: 1.75rem; cursor: pointer; text-align: left; }
  .compare-legend button:hover { border-color: currentColor; }
  .compare-legend button[aria-pressed=false] { text-decoration: line-through; }
  .compare-legend button[aria-pressed=false] .compare-symbol { visibility: hidden; }
  .compare-symbol { color: var(--swatch); display: inline-block; margin-right: 0.4em; border-bottom: 3px solid var(--swatch); line-height: 1.1; padding: 0 0.3em; }
  .compare-kinds { margin-left: 0.4rem; }
  .compare-charts { display: grid; gap: 0.5rem; grid-template-columns: repeat(var(--columns, 3), minmax(0, 1fr)); }
  @media (max-width: 900px) { .compare-charts { grid-template-columns: minmax(0, 1fr); } }
  .compare-chart { min-width: 0; height: 300px; }
  .compare-parallel { min-width: 0; margin-top: 0.5rem; }
  .compare-view tr[aria-current] th { font-weight: 700; }
  .compare-view .view-table td { white-space: nowrap; }
  .compare-view .view-table:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
  .view-table .compare-group { text-align: left; border-bottom: 1px solid rgba(128, 128, 128, 0.4) !important; }
`
