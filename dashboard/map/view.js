// The map view: asks what a weight map has found, and shows status, pictures, picked point, table.

/** @import { ShownMap, WeightMap } from "../client/types.js" */
import { element, figure } from "../client/elements.js"
import { ofRun } from "../client/fetch.js"
import { mount } from "../client/mount.js"
import { loadPlotly } from "../client/plotly.js"
import { Poll } from "../client/poll.js"
import { StatusLine } from "../client/status.js"
import { addStyle } from "../client/style.js"
import { percent, whole } from "../client/words.js"
import { Front, Triangle } from "./charts.js"
import { PickedPoint } from "./point.js"
import { MapTable } from "./table.js"
import { seen, timeLeft } from "./values.js"

class MapView {
  /** @type {ShownMap} */ shown
  /** @type {WeightMap | null} */ answer = null // the last one of `/api/runs/{id}/map`
  fault = "" // why there is no newer one
  /** @type {import("./values.js").Past} */ past = [] // of the run's progress
  drawn = "" // what of the answer is drawn
  drawing = Symbol() // the one that is under way

  constructor(root, { figures, heads, columns }, teller, plotly) {
    addStyle("map", STYLE)
    this.teller = teller
    this.poll = new Poll({
      question: () => this.shown.run && ofRun(this.shown.run, "map"),
      take: (answer) => this.take(answer),
      fail: (message) => {
        this.fault = message
        this.describe()
      },
      isWanted: () => root.isConnected,
      moving: 250,
      resting: 1000,
    })
    this.status = new StatusLine(root, "map")
    this.progress = element(root, "progress", "map-progress")
    this.progress.setAttribute("aria-label", "Progress of the weight map")
    const pictures = element(root, "div", "view-charts")
    const pick = (point) => this.pick(point)
    this.triangle = new Triangle(plotly, figure(pictures, "map-triangle"), figures.triangle, pick)
    this.front = new Front(plotly, figure(pictures, "map-front"), figures.front, pick)
    this.noise = element(root, "p", "map-noise")
    const train = (point) => teller.tell("train", point)
    this.point = new PickedPoint(element(root, "section", "map-point"), plotly, train)
    this.table = new MapTable(element(root, "section", "map-numbers"), heads, columns, pick)
    new ResizeObserver(() => {
      for (const part of [this.triangle, this.front, this.point]) part.resize()
    }).observe(pictures)
  }

  set(shown) {
    if (this.shown?.run !== shown.run) Object.assign(this, { answer: null, fault: "", past: [], drawn: "" })
    this.shown = shown
    this.poll.ask() // a command may have changed what the last answer said
    this.draw()
  }

  // Shown at once; Python puts the weights into the sliders and remembers the point.
  pick(point) {
    if (point === undefined || !this.answer) return
    this.shown.point = point
    this.draw()
    this.teller.tell("point", point)
  }

  take(answer) {
    Object.assign(this, { answer, fault: "" })
    const { run, step, n_seeds, model_steps: trained, all_model_steps: all } = answer
    this.past = run.is_moving ? seen(this.past, now(), trained / all) : []
    this.teller.news(this.shown.state, run.state)
    const drawn = JSON.stringify([step, n_seeds, run.state])
    if (drawn === this.drawn) return this.describe()
    this.drawn = drawn
    return this.draw()
  }

  // In two tasks, so that none holds the page up.
  async draw() {
    const { shown, answer } = this
    const asked = (this.drawing = Symbol())
    this.triangle.set({ shown, answer })
    this.triangle.draw()
    this.describe()
    await new Promise((resolve) => setTimeout(resolve))
    if (asked === this.drawing) this.drawRest()
  }

  drawRest() {
    const { shown, answer } = this
    this.front.set({ shown, answer })
    this.front.draw()
    this.point.draw(shown, answer)
    this.table.draw(shown, answer)
    this.noise.textContent = answer?.values[shown.quantity].noise[shown.column] ?? ""
    this.triangle.element.setAttribute("aria-label", this.inWords())
    this.front.element.setAttribute("aria-label", `${shown.axes.join(" against ")}: the table has the numbers`)
  }

  inWords() {
    const { shown, answer } = this
    const best = answer?.values[shown.quantity].best[shown.column] ?? null
    if (!answer || best === null) return `Triangle of loss weights, ${shown.title}: nothing measured yet`
    return `Triangle of loss weights, ${shown.title}: best at ${answer.weights[best].join(", ")}; the table has the numbers`
  }

  describe() {
    const { answer, fault, status, progress, shown } = this
    progress.hidden = !shown.run
    if (!shown.run) return status.say("Press **Train map** to begin.")
    if (fault) return status.fail(fault)
    if (!answer) return status.say("Looking for the map…")
    const { model_steps: trained, all_model_steps: all } = answer
    progress.value = trained / all
    const left = timeLeft(this.past, now())
    const parts = [`${percent(trained / all)}, ${whole(trained)} of ${whole(all)} model-steps trained`]
    status.sayRun(answer, left === null ? parts : [...parts, `about ${whole(Math.ceil(left))} s left`])
  }
}

const now = () => performance.now() / 1000 // s

export const show = mount("map", (root, shown, teller, loaded) => new MapView(root, shown, teller, loaded), loadPlotly)

const STYLE = `
  .map-progress { width: 100%; height: 0.6rem; accent-color: var(--st-primary-color); }
  .map-triangle, .map-front { min-width: 0; height: 520px; }
  .map-triangle .points path, .map-front .points path { cursor: pointer; }
  .map-curves { min-width: 0; height: 400px; }
  .map-noise { margin: 0.5rem 0; min-height: 1.5em; }
  .map-point { border-left: 3px solid #c2187a; padding-left: 0.7rem; margin: 0.5rem 0; }
  .map-point p { margin: 0 0 0.4rem; }
  .map-buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-bottom: 0.5rem; }
  .map-table-head { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; align-items: baseline; }
  .map-quiet { opacity: 0.8; }
  .map-numbers { content-visibility: auto; contain-intrinsic-size: auto 40rem; }
  .map-table caption { text-align: left; caption-side: top; padding-bottom: 0.3rem; }
  .map-table th, .map-table td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: right; }
  .map-table :is(th, td):first-child { position: sticky; left: 0; background: var(--st-background-color); }
  .map-table thead th:first-child { z-index: 2; }
  .map-table .map-picked { background: rgba(194, 24, 122, 0.18); }
  .map-table .map-tie td:nth-child(2) { font-weight: 700; }
  .map-table tbody button { padding: 0 0.5rem; line-height: 1.4; }
`
