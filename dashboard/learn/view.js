// The figures of the page Learn: which kind each is, and the status line.

import { loadPlotly } from "../client/drawing/plotly.js"
import { capital, whole } from "../client/saying/words.js"
import { mount } from "../client/telling/mount.js"
import { Curve, Terms } from "./figures/entropy.js"
import { Figure } from "./figures/figure.js"
import { hub } from "./figures/hub.js"
import { Reach, Start, Total } from "./figures/losses.js"
import { Fit, Histogram, Standing } from "./figures/metrics.js"
import { Memory, Weights } from "./figures/process.js"

class Status extends Figure {
  static isAlways = true // a screen reader hears it wherever the page is scrolled to

  constructor(root, plotly, shown) {
    super(root, plotly, shown)
    this.told.setAttribute("role", "status")
  }

  draw() {
    const { answer, fault } = hub.records ?? {}
    if (fault) return this.say(`The server does not answer (${fault}); trying again.`)
    if (!answer) return this.say("Looking for the run…")
    if (this.shown.isExample)
      return this.say(
        "No run is shown yet: the figures show an example, the default run. Press Train, and they show yours.",
      )
    const { state, is_moving: isMoving, message, config } = answer.run
    const which = answer.lanes_now.length > 1 ? ` The figures show lane ${hub.lane + 1}, that of the sliders.` : ""
    const step = whole(hub.line?.step.at(-1) ?? 0)
    // Coarse, since a screen reader reads it out.
    const where = isMoving ? `, ${whole(config.steps)} steps` : ` at step ${step} of ${whole(config.steps)}`
    this.say(`${capital(state)}${where}.${message ? ` ${message}` : ""}${which}`)
  }
}

const KINDS = {
  status: Status,
  curve: Curve,
  terms: Terms,
  total: Total,
  reach: Reach,
  start: Start,
  histogram: Histogram,
  standing: Standing,
  fit: Fit,
  memory: Memory,
  weights: Weights,
}

export const show = mount(
  "learn",
  (root, shown, _teller, plotly) => new KINDS[shown.figure](root, plotly, shown),
  loadPlotly,
)
