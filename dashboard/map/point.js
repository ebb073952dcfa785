// The picked point of a map: its weights and values, a run from it, and its curves.

/** @import { Figure } from "../client/types.js" */
import { LiveChart } from "../charts/live_chart.js"
import { button, element, figure, put } from "../client/elements.js"
import { RunSource } from "../client/sources.js"
import { valueWords, weightWords } from "./values.js"

const CURVES = ["loss", "accuracy"]
const PACES = { moving: 1000, resting: 1000 } // ms between two questions

export class PickedPoint {
  isOpen = false // whether its curves are shown
  /** @type {number | null} */ point = null
  /** @type {string | null} */ run = null
  /** @type {Record<string, Figure>} */ figures = {} // those of the map's dataset: they show chance
  /** @type {LiveChart[]} */ drawn = []

  constructor(root, plotly, onTrain) {
    this.root = root
    this.plotly = plotly
    this.words = element(root, "p")
    this.words.setAttribute("role", "status")
    const buttons = element(root, "div", "map-buttons")
    button(buttons, "Train a run with these weights", () => onTrain(this.point))
    this.curves = button(buttons, "Show its curves", () => this.toggle())
    this.charts = element(root, "div", "view-charts")
    const isWanted = () => this.isOpen && root.isConnected
    this.source = new PointSource(1, (news) => this.take(news), { ...PACES, isWanted })
  }

  draw(shown, answer) {
    const weights = answer?.weights[shown.point]
    this.root.hidden = !weights
    if (!weights) return
    const isOther = this.point !== shown.point || this.run !== answer.run.id
    Object.assign(this, { point: shown.point, run: answer.run.id, figures: shown.figures })
    put(this.words, this.sentence(shown, answer, weights))
    if (isOther && this.isOpen) this.follow()
  }

  sentence(shown, answer, weights) {
    const values = answer.values[shown.quantity]
    const isAccuracy = shown.quantity === "val_accuracy"
    const parts = shown.columns.map((name) => `${name} ${valueWords(this.point, values, name, isAccuracy)}`)
    const what = isAccuracy ? "Validation accuracy" : "Validation loss in nats"
    return `Picked: weights ${weightWords(weights)}, now in the sliders. ${what}: ${parts.join(", ")}.`
  }

  toggle() {
    this.isOpen = !this.isOpen
    this.curves.textContent = this.isOpen ? "Hide its curves" : "Show its curves"
    this.curves.setAttribute("aria-expanded", String(this.isOpen))
    if (this.isOpen) return this.follow()
    this.source.poll.stop()
    this.clear()
  }

  clear() {
    for (const chart of this.drawn) chart.remove()
    this.drawn = []
  }

  // Draw the curves of the point's first seed, from the start.
  follow() {
    this.clear()
    this.drawn = CURVES.map((quantity) => {
      const box = figure(this.charts, "map-curves", { quantity })
      box.setAttribute("aria-label", this.figures[quantity].layout.title.text)
      return new LiveChart(this.plotly, box, this.figures[quantity], this.source.lines)
    })
    this.source.follow(null)
    this.source.set(this.run, { lane: this.point })
  }

  take({ rows, anew, changed }) {
    const { answer } = this.source
    if (!answer || !(rows || changed)) return
    const { id, config } = answer.run
    const options = {
      run: id,
      of: `point-${Number(this.point) + 1}`,
      smoothing: 0,
      x: "step",
      logLoss: false,
      steps: config.steps,
      moving: false,
    }
    for (const chart of this.drawn) {
      chart.append(anew)
      chart.set(options)
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
