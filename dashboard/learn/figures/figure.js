// A figure of the page Learn: controls, a chart, and a sentence that says in words what it shows.

/** @import { Head, ShownLearn } from "../../client/types.js" */
import { ChartFrame, uid } from "../../charts/frame.js"
import { element, figure, put } from "../../client/drawing/elements.js"
import { addStyle } from "../../client/drawing/style.js"
import { fileName } from "../../client/saying/words.js"
import { hub } from "./hub.js"

// Where one of these colours is the ground, this is what is written on it.
export const onColour = (dark) => (dark ? "#111111" : "#ffffff")

export class LearnChart extends ChartFrame {
  options = {}
  dark = false
  paint = () => {} // what fills the traces

  constructor(plotly, element, figure, name) {
    super(plotly, element, figure)
    this.name = name
    for (const trace of this.traces) trace.uid = uid(name, trace.meta.role, trace.meta.head, trace.name)
  }

  get fileName() {
    return fileName(hub.run ? `run-${hub.run}` : "no-run", "learn", this.name)
  }

  onRelayout() {} // nothing is thinned out, so that a zoom changes nothing

  // The trace of a role, and of a head if it is of one.
  trace(role, head) {
    return this.traces.find(({ meta }) => meta.role === role && (head === undefined || meta.head === head))
  }

  fill() {
    this.dark = this.dress().dark
    this.layout.uirevision = hub.run ?? "none"
    this.shown = this.traces
    this.paint()
    const isEmpty = this.traces.every(({ x, y, z }) => !(x?.length || y?.length || z?.length))
    this.element.hidden = !hub.run && isEmpty // or else there would be axes, and numbers on them of nothing
  }

  show() {
    return this.element.hidden ? undefined : super.show()
  }
}

export class Figure {
  static needs = ["records"]

  static isAlways = false // whether it is drawn wherever the page is scrolled to

  isStale = true // whether there is something to be drawn
  isSeen = false
  /** @type {any} */ box = null // of the chart, null if it has none
  /** @type {any} */ chart = null
  madeOf = "" // what the chart was made of

  /** @param {HTMLElement} root @param {any} plotly @param {ShownLearn} shown */
  constructor(root, plotly, shown) {
    addStyle("learn", STYLE)
    root.dataset.figure = shown.figure
    this.root = root
    this.plotly = plotly
    this.shown = shown
    this.controls = element(root, "div", "learn-controls")
    if (shown.chart) {
      const { layout } = shown.chart
      this.box = figure(root, "learn-chart")
      this.box.style.height = `${layout.height}px`
      this.box.setAttribute("aria-label", `${layout.title.text}; the sentence below says it in words`)
      this.make(shown)
      new ResizeObserver(() => this.chart.resize()).observe(root)
    }
    this.told = element(root, "p", "learn-told")
  }

  make(shown) {
    this.madeOf = JSON.stringify(shown.chart)
    this.chart = new LearnChart(this.plotly, this.box, shown.chart, shown.figure)
    this.chart.paint = () => this.paint(this.chart)
  }

  // Of another dataset the chart may be another.
  set(shown) {
    Object.assign(this, { shown, isStale: true })
    if (shown.chart && JSON.stringify(shown.chart) !== this.madeOf) {
      if (this.chart.made) this.plotly.purge(this.box)
      this.make(shown)
    }
    hub.join(this)
    hub.set(shown)
    hub.schedule()
  }

  draw() {
    this.chart.draw()
  }

  // Fill the traces of a chart, and say what they show: each kind does it its way.
  paint(_chart) {}

  say(text) {
    put(this.told, text)
  }

  // Why there is nothing of the present run, in a sentence.
  get missing() {
    if (!hub.run) return "No run is shown yet: press Train."
    return hub.inside?.fault || hub.inside?.answer?.told || "Waiting for the first measurement of this run…"
  }

  // Of a lane that diverged, at which step and why; its figures show the last finite state.
  get broke() {
    const { broke } = hub.inside?.answer ?? {}
    return broke ? ` This lane broke at step ${broke.step}: ${broke.why}` : ""
  }

  // A choice of a head.
  chooseHead(label, begin) {
    const choice = element(element(this.controls, "label", "", `${label} `), "select")
    for (const { name } of this.shown.heads) element(choice, "option", "", name).value = name
    choice.value = begin
    choice.addEventListener("change", () => this.draw())
    return choice
  }

  head(name) {
    return /** @type {Head} */ (this.shown.heads.find((head) => head.name === name))
  }
}

const STYLE = `
  .learn-controls { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 1rem; font-size: 0.9rem; }
  .learn-controls label { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
  .learn-controls input[type=range] { width: min(20rem, 60vw); accent-color: currentColor; }
  .learn-controls output { font-variant-numeric: tabular-nums; min-width: 4em; }
  .learn-controls button, .learn-controls select, .learn-controls input[type=number] {
    font: inherit; color: inherit; background-color: transparent; border: 1px solid rgba(128, 128, 128, 0.7);
    border-radius: 4px; min-height: 1.9rem; padding: 0 0.5rem; }
  .learn-controls select option { color: #111111; background: #ffffff; }
  .learn-chart { min-width: 0; }
  .learn-told { font-size: 0.9rem; margin: 0.3rem 0 0; min-height: 1.5em; font-variant-numeric: tabular-nums; }
  .learn-pictures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-end; margin: 0.5rem 0; }
  .learn-pictures figure { margin: 0; max-width: 100%; }
  .learn-pictures canvas { width: calc(96px * var(--shape)); max-width: 100%; aspect-ratio: var(--shape); image-rendering: pixelated; border: 1px solid rgba(128, 128, 128, 0.5); display: block; }
  .learn-pictures figcaption { font-size: 0.85rem; }
  .learn-labels { font-size: 0.85rem; overflow-wrap: anywhere; margin: 0.3rem 0 0; padding-left: 1.2rem; }
`
