// The picked point of a map, in a panel beside the picture: its weights and values, what to do with
// it, and its curves. Before one is picked the panel says how to.

/** @import { Figure, Head, ShownMap } from "../client/types.js" */
import { LiveChart } from "../charts/live_chart.js"
import { RunSource } from "../client/asking/sources.js"
import { isDark, swatch } from "../client/drawing/colours.js"
import { button, element, figure, marked, put } from "../client/drawing/elements.js"
import { table, tableRow } from "../client/drawing/tables.js"
import { outOfChart, round } from "../client/saying/words.js"
import { columnWords, kindWords, noiseWords, valueWords, weightWords } from "./values.js"

const PACES = { moving: 1000, resting: 1000 } // ms between two questions
const SAME = 1e-4 // what a slider may differ by from a weight that it has taken

export class PickedPoint {
  /** @type {number | null} */ point = null
  /** @type {string | null} */ run = null
  /** @type {LiveChart[]} */ drawn = []
  /** @type {string | null} */ drawnFor = null // the run of whose dataset they show chance
  steps = 0 // of the run
  isDark = false // when the curves were drawn last

  /** @param {HTMLElement} root @param {any} plotly @param {ShownMap} shown */
  constructor(root, plotly, { heads, columns, measures }, { onUse, onTrain }) {
    this.root = root
    this.plotly = plotly
    /** @type {Head[]} */ this.heads = heads
    this.measures = Object.entries(measures)
    // Where the heads differ in a quantity, each value says what it is.
    this.isMixed = this.measures.map(([, of]) => new Set(heads.map(({ name }) => of[name].kind)).size > 1)
    root.setAttribute("aria-label", "The picked point")
    element(root, "h2", "", "The picked point")
    this.words = element(root, "p")
    this.words.setAttribute("role", "status")
    this.body = element(root, "div")
    const titles = this.measures.map(([quantity, of], k) => {
      const first = of[columns[0]]
      if (quantity === "val_loss") return first.kind === "nats" && !this.isMixed[k] ? "loss, nats" : "loss"
      return this.isMixed[k] ? "metric" : kindWords(first)
    })
    const rows = table(this.body, ["head", "weight", ...titles])
    this.rows = columns.map((name) => {
      const cells = tableRow(rows, columnWords(name, this.measures[0][1][name]), 1 + titles.length)
      return { name, cells }
    })
    this.noise = element(this.body, "p", "map-quiet")
    const buttons = element(this.body, "div", "map-buttons")
    this.use = button(buttons, "Use these weights", () => onUse(this.point))
    button(buttons, "Train a run with these weights", () => onTrain(this.point))
    this.charts = element(this.body, "div", "map-pair")
    const isWanted = () => this.point !== null && root.isConnected
    this.source = new PointSource(1, (news) => this.take(news), { ...PACES, isWanted })
  }

  // `isOnItsWay`: whether its weights are about to come into the sliders.
  draw(shown, answer, isOnItsWay) {
    const weights = answer?.weights[shown.point]
    this.body.hidden = !weights
    if (!weights) {
      this.follow(null, null)
      const told = answer ? "Click a point, or press **Use** in the table below" : "**Train map**, then click a point"
      const text = `${told}: its numbers and curves come here, and its weights into the sliders above.`
      if (this.words.textContent !== text.replaceAll("**", "")) this.words.replaceChildren(...marked(text))
      return
    }
    const isInSliders = weights.every((weight, h) => Math.abs(weight - shown.sliders[h]) < SAME)
    const where = isInSliders || isOnItsWay ? "now in the sliders" : "not in the sliders"
    put(this.words, `Picked: weights ${weightWords(weights)}, ${where}.`)
    this.use.disabled = isInSliders || isOnItsWay
    this.fill(shown, answer, weights)
    this.steps = answer.run.config.steps
    if (this.drawnFor !== answer.run.id) this.make(answer.run.id, shown.figures)
    this.follow(answer.run.id, shown.point)
    // Curves follow the run by themselves, and the page's theme with this.
    if (this.isDark !== isDark(this.root)) this.drawCurves(false)
    this.isDark = isDark(this.root)
  }

  fill(shown, answer, weights) {
    this.rows.forEach(({ name, cells }, h) => {
      const head = this.heads[h]
      if (head) swatch(/** @type {HTMLElement} */ (cells[0].parentElement?.firstElementChild), head.colours)
      put(cells[0], head ? round(weights[h], 4) : "")
      this.measures.forEach(([quantity, of], k) => {
        const text = valueWords(shown.point, answer.values[quantity], name, of[name].kind)
        const isNamed = this.isMixed[k] && quantity !== "val_loss" && of[name].of === "head" && text !== "–"
        put(cells[1 + k], isNamed ? `${kindWords(of[name])} ${text}` : text)
      })
    })
    const noise = noiseWords(shown.point, shown, answer, shown.column)
    const isLost = answer.diverged.includes(shown.point)
    put(this.noise, isLost ? `${noise}: diverged. Try a smaller total or learning rate.` : `${noise}.`)
  }

  // The charts of a map, which are kept from point to point.
  /** @param {string} run @param {{ curves: { quantity: string, figure: Figure }[] }} figures */
  make(run, figures) {
    for (const chart of this.drawn) chart.remove()
    this.drawnFor = run
    this.drawn = figures.curves.map(({ quantity, figure: empty }) => {
      const box = figure(this.charts, "map-curves", { quantity })
      box.setAttribute("aria-label", outOfChart(empty.layout.title.text))
      const chart = new LiveChart(this.plotly, box, empty, this.source.lines)
      return Object.assign(chart, { canZoom: false }) // there is no room for the buttons
    })
  }

  // Draw the curves of a point's first seed from the start; none without a run.
  follow(run, point) {
    if (this.run === run && this.point === point) return
    Object.assign(this, { run, point })
    this.source.follow(null)
    this.source.set(run, run === null ? {} : { lane: point })
    if (run !== null) this.drawCurves(true)
  }

  take({ rows, anew, changed }) {
    if (this.source.answer && (rows || changed)) this.drawCurves(anew)
  }

  drawCurves(anew) {
    const { run, steps } = this
    const of = `point-${Number(this.point) + 1}`
    for (const chart of this.drawn) {
      chart.append(anew)
      chart.set({ run, of, smoothing: 0, x: "step", logLoss: false, steps, moving: false })
      chart.draw()
    }
  }

  resize() {
    for (const chart of this.drawn) chart.resize()
  }
}

// To the charts a point is the only lane there is, and begins nowhere else.
class PointSource extends RunSource {
  take(answer) {
    const { run, columns } = answer
    columns.lane.fill(0)
    return super.take({ ...answer, run: { ...run, branches: [0] }, lanes_now: [{ source: null, since: 0 }] })
  }
}
