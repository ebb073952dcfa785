// The picked point of a map: its weights and values, a run from it, and its curves.

import { LiveChart } from "../charts/live_chart.js"
import { Lines } from "../client/lines.js"
import { FINAL, element, fetchJson } from "../client/parts.js"
import { valueWords, weightWords } from "./charts.js"

const POLL = 1000 // ms
const CURVES = ["loss", "accuracy"]

export class PickedPoint {
  constructor(root, plotly, figures, onTrain) {
    Object.assign(this, { root, plotly, figures })
    this.words = element(root, "p")
    this.words.setAttribute("role", "status")
    const buttons = element(root, "div", "map-buttons")
    this.train = element(buttons, "button", "", "Train a run with these weights")
    this.curves = element(buttons, "button", "", "Show its curves")
    for (const button of [this.train, this.curves]) button.type = "button"
    this.train.addEventListener("click", () => onTrain(this.point))
    this.curves.addEventListener("click", () => this.toggle())
    this.charts = element(root, "div", "map-charts")
    this.isOpen = false
  }

  draw(shown, answer) {
    const weights = answer?.weights[shown.point]
    this.root.hidden = !weights
    if (!weights) return
    const isOther = this.point !== shown.point || this.run !== answer.run.id
    Object.assign(this, { point: shown.point, run: answer.run.id, answer })
    const said = this.sentence(shown, answer, weights)
    if (this.words.textContent !== said) this.words.textContent = said
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
    this.curves.setAttribute("aria-expanded", this.isOpen)
    if (this.isOpen) return this.follow()
    clearTimeout(this.timer)
    this.clear()
  }

  clear() {
    for (const chart of this.drawn ?? []) chart.remove()
    this.drawn = []
    this.charts.replaceChildren()
  }

  // Draw the curves of the point's first seed, from the start.
  follow() {
    this.clear()
    clearTimeout(this.timer)
    this.lines = new Lines(1)
    this.cursor = 0
    this.drawn = CURVES.map((quantity) => {
      const box = element(this.charts, "div", "map-curves")
      box.dataset.quantity = quantity
      box.setAttribute("role", "figure")
      box.setAttribute("aria-label", this.figures[quantity].layout.title.text)
      return new LiveChart(this.plotly, box, this.figures[quantity], this.lines)
    })
    this.poll(this.point)
  }

  async poll(point) {
    const { run } = this
    const url = `/api/runs/${run}/records?lane=${point}&after=${this.cursor}`
    const answer = await fetchJson(url).catch(() => null)
    if (!this.isOpen || point !== this.point || run !== this.run || !this.root.isConnected) return
    if (answer) this.take(answer)
    const more = answer?.more || !answer || !FINAL.includes(answer.run.state)
    if (more) this.timer = setTimeout(() => this.poll(point), answer?.more ? 0 : POLL)
  }

  // To the chart it is the only lane there is.
  take({ columns, cursor, run }) {
    this.cursor = cursor
    columns.lane.fill(0)
    const anew = this.lines.append({ columns, run: { branches: [0] }, lanes_now: [{ source: null, since: 0 }] })
    for (const chart of this.drawn) {
      chart.append(anew)
      chart.set({ run: run.id, of: `point-${this.point + 1}`, smoothing: 0, x: "step", logLoss: false, steps: run.config.steps, moving: false })
      chart.draw()
    }
  }

  resize() {
    for (const chart of this.drawn ?? []) chart.resize()
  }
}
