// The figures of the page Learn: which kind each is, and the status line that tells Python news.

import { Figure } from "./figure.js"
import { Curve, Terms } from "./entropy.js"
import { hub } from "./hub.js"
import { Reach, Start, Total } from "./losses.js"
import { Fit, Histogram, Standing } from "./metrics.js"
import { Memory, Weights } from "./process.js"
import { capital, loadPlotly, whole } from "../client/parts.js"

const NEWS_WAIT = 300 // ms, as on the page Explore

const views = new WeakMap()

// Called by Streamlit with each script run, for each figure; it is made by the first call and kept.
export async function show(component) {
  const root = component.parentElement.querySelector(".learn-view")
  const shown = JSON.parse(new TextDecoder().decode(component.data))
  const plotly = await loadPlotly()
  if (!views.has(root)) views.set(root, new KINDS[shown.figure](root, plotly, shown))
  views.get(root).set(shown, component.setTriggerValue)
}

class Status extends Figure {
  static isAlways = true // it tells news wherever the page is scrolled to

  constructor(root, plotly, shown) {
    super(root, plotly, shown)
    this.told.setAttribute("role", "status")
  }

  set(shown, tell) {
    clearTimeout(this.teller)
    this.coming = null
    super.set(shown, tell)
  }

  draw() {
    const { answer, fault } = hub.records ?? {}
    if (!hub.run) return this.say("No run is shown: the figures show a network that knows nothing. Press Train, and they show yours.")
    if (fault) return this.say(`The server does not answer (${fault}); trying again.`)
    if (!answer) return this.say("Looking for the run…")
    const { state, message, config } = answer.run
    const which = answer.lanes_now.length > 1 ? ` The figures show lane ${hub.lane + 1}, that of the sliders.` : ""
    const step = whole(hub.line?.step.at(-1) ?? 0)
    // Coarse, since a screen reader reads it out.
    const where = state === "running" || state === "queued" ? `, ${whole(config.steps)} steps` : ` at step ${step} of ${whole(config.steps)}`
    this.say(`Run ${answer.run.id}: ${capital(state)}${where}.${message ? ` ${message}` : ""}${which}`)
    const news = `${state} ${answer.lanes_now.length}`
    if (state === this.shown.state || news === this.coming) return
    this.coming = news
    clearTimeout(this.teller)
    this.teller = setTimeout(() => this.tell("news", news), NEWS_WAIT)
  }
}

const KINDS = {
  status: Status,
  curve: Curve, terms: Terms,
  total: Total, reach: Reach, start: Start,
  histogram: Histogram, standing: Standing, fit: Fit,
  memory: Memory, weights: Weights,
}
