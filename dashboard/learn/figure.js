// A figure of the page Learn: controls, a chart, and a sentence that says in words what it shows.

import { ChartFrame, uid } from "../charts/frame.js"
import { hub } from "./hub.js"
import { fileName } from "../charts/toolbar.js"
import { addStyle, element } from "../client/parts.js"

// Where one of these colours is the ground, this is what is written on it.
export const onColour = (dark) => (dark ? "#111111" : "#ffffff")

export class LearnChart extends ChartFrame {
  constructor(plotly, element, figure, name) {
    super(plotly, element, figure)
    Object.assign(this, { name, options: {} })
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

  dress() {
    const dressed = super.dress()
    this.layout.uirevision = hub.run ?? "none"
    for (const name of ["xaxis2", "yaxis2"]) {
      if (this.layout[name]) Object.assign(this.layout[name], { gridcolor: dressed.grid, linecolor: dressed.grid })
    }
    return dressed
  }

  fill() {
    this.dark = this.dress().dark
    this.shown = this.traces
    this.paint?.(this)
  }
}

export class Figure {
  static needs = ["records"]

  constructor(root, plotly, shown) {
    addStyle("learn-view-style", STYLE)
    root.replaceChildren()
    root.dataset.figure = shown.figure
    Object.assign(this, { root, shown, isStale: true })
    this.controls = element(root, "div", "learn-controls")
    if (shown.chart) {
      this.box = element(root, "div", "learn-chart")
      this.box.style.height = `${shown.chart.layout.height}px`
      this.box.setAttribute("role", "figure")
      const { text } = shown.chart.layout.title
      this.box.setAttribute("aria-label", `${text}; the sentence below says it in words`)
      this.make(plotly, shown)
      new ResizeObserver(() => this.chart.resize()).observe(root)
    }
    this.told = element(root, "p", "learn-told")
  }

  make(plotly, shown) {
    this.madeOf = JSON.stringify(shown.chart)
    this.plotly = plotly
    this.chart = new LearnChart(plotly, this.box, shown.chart, shown.figure)
    this.chart.paint = () => this.paint(this.chart)
  }

  // Of another dataset the chart may be another.
  set(shown, tell) {
    Object.assign(this, { shown, tell, isStale: true })
    if (shown.chart && JSON.stringify(shown.chart) !== this.madeOf) {
      if (this.chart.made) this.plotly.purge(this.box)
      this.make(this.plotly, shown)
    }
    hub.join(this)
    hub.set(shown)
    hub.schedule()
  }

  // `paint` of each kind fills the traces, and says what they show.
  draw() {
    this.chart.draw()
  }

  say(text) {
    if (this.told.textContent !== text) this.told.textContent = text
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
    for (const { name } of this.shown.heads) {
      const option = element(choice, "option", "", name)
      option.value = name
    }
    choice.value = begin
    choice.addEventListener("change", () => this.draw())
    return choice
  }

  head(name) {
    return this.shown.heads.find((head) => head.name === name)
  }
}


const STYLE = `
  .learn-view { color: var(--st-text-color, inherit); min-width: 0; }
  .learn-view [hidden] { display: none; }
  .learn-controls { display: flex; flex-wrap: wrap; align-items: center; gap: 0.4rem 1rem; font-size: 0.9rem; }
  .learn-controls label { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem; }
  .learn-controls input[type=range] { width: min(20rem, 60vw); accent-color: currentColor; }
  .learn-controls output { font-variant-numeric: tabular-nums; min-width: 4em; }
  .learn-controls button, .learn-controls select, .learn-controls input[type=number] {
    font: inherit; color: inherit; background-color: transparent; border: 1px solid rgba(128, 128, 128, 0.7);
    border-radius: 4px; min-height: 1.9rem; padding: 0 0.5rem; }
  .learn-controls select option { color: #111111; background: #ffffff; }
  .learn-controls button { cursor: pointer; }
  .learn-controls button:hover { border-color: currentColor; }
  .learn-controls :focus-visible { outline: 2px solid currentColor; outline-offset: 1px; }
  .learn-chart { min-width: 0; }
  .learn-told { font-size: 0.9rem; margin: 0.3rem 0 0; min-height: 1.5em; font-variant-numeric: tabular-nums; }
  .learn-pictures { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-end; margin: 0.5rem 0; }
  .learn-pictures figure { margin: 0; max-width: 100%; }
  .learn-pictures canvas { width: calc(96px * var(--shape)); max-width: 100%; aspect-ratio: var(--shape); image-rendering: pixelated; border: 1px solid rgba(128, 128, 128, 0.5); display: block; }
  .learn-pictures figcaption { font-size: 0.85rem; }
  .learn-labels { font-size: 0.85rem; overflow-wrap: anywhere; margin: 0.3rem 0 0; padding-left: 1.2rem; }
`
