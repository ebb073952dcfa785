// The map view: asks what a weight map has found, and shows status, pictures, picked point, table.

import { FINAL, addStyle, capital, element, fetchJson, loadPlotly, marked, percent, seconds } from "../client/parts.js"
import { Front, Triangle } from "./charts.js"
import { PickedPoint } from "./point.js"
import { MapTable } from "./table.js"

const MOVING_POLL = 250 // ms between two questions while the map trains
const RESTING_POLL = 1000
const BUSY = 0.2 // share of the time that may go into drawing
const SPOKEN_EVERY = 10000 // ms between two status lines read out by a screen reader
const RATE_OVER = 15 // s of training that the time left is told from

const views = new WeakMap()

// Called by Streamlit with each script run; the view is made by the first call and kept.
export async function show(component) {
  const root = component.parentElement.querySelector(".map-view")
  const shown = JSON.parse(new TextDecoder().decode(component.data))
  if (!views.has(root)) views.set(root, new MapView(root, await loadPlotly(), shown))
  views.get(root).set(shown, component.setTriggerValue)
}

class MapView {
  constructor(root, plotly, { figures, heads, columns }) {
    addStyle("map-view-style", STYLE)
    root.replaceChildren()
    this.root = root
    this.status = element(root, "p", "map-status")
    this.spoken = element(root, "p", "map-unseen map-spoken")
    this.spoken.setAttribute("role", "status")
    this.spokenAt = 0
    this.cost = 0 // ms of the last drawing
    this.progress = element(root, "progress", "map-progress")
    this.progress.setAttribute("aria-label", "Progress of the weight map")
    const pictures = element(root, "div", "map-charts")
    const box = (className) => {
      const made = element(pictures, "div", className)
      made.setAttribute("role", "figure")
      return made
    }
    const pick = (point) => this.pick(point)
    this.triangle = new Triangle(plotly, box("map-triangle"), figures.triangle, pick)
    this.front = new Front(plotly, box("map-front"), figures.front, pick)
    this.noise = element(root, "p", "map-noise")
    const train = (point) => this.tell("train", point)
    this.point = new PickedPoint(element(root, "section", "map-point"), plotly, figures, train)
    this.table = new MapTable(element(root, "section", "map-numbers"), heads, columns, pick)
    new ResizeObserver(() => this.resize()).observe(pictures)
  }

  set(shown, tell) {
    if (shown.leave) return location.assign(shown.leave)
    const sameRun = this.shown?.run === shown.run
    this.shown = shown
    this.point.figures = shown.figures // those of the map's dataset: they show chance
    this.tell = tell
    this.told = shown.state
    if (!sameRun || !this.answer) {
      this.answer = null
      this.past = []
      this.seen = ""
      clearTimeout(this.timer)
      this.poll()
    }
    this.draw()
  }

  // Shown at once; Python puts the weights into the sliders and remembers the point.
  pick(point) {
    if (point === undefined || !this.answer) return
    this.shown.point = point
    this.draw()
    this.tell("point", point)
  }

  async poll() {
    const { run } = this.shown
    if (!this.root.isConnected || !run) return
    let wait = RESTING_POLL
    try {
      if (!document.hidden) {
        const answer = await fetchJson(`/api/runs/${run}/map`)
        if (run !== this.shown.run) return
        this.take(answer)
        const moving = answer.run.state === "running" || answer.run.state === "queued"
        if (moving) wait = Math.max(MOVING_POLL, this.cost / BUSY)
        else if (FINAL.includes(answer.run.state)) wait = null
      }
    } catch (error) {
      this.say(`The server does not answer (${error.message}); trying again.`)
    }
    if (wait !== null && run === this.shown.run) this.timer = setTimeout(() => this.poll(), wait)
  }

  take(answer) {
    this.answer = answer
    const now = performance.now() / 1000
    if (answer.run.state !== "running") this.past = []
    else this.past.push({ time: now, progress: answer.progress })
    while (this.past.length > 2 && now - this.past[0].time > RATE_OVER) this.past.shift()
    const seen = JSON.stringify([answer.step, answer.n_seeds, answer.run.state])
    if (seen !== this.seen) {
      this.seen = seen
      this.draw()
    } else {
      this.describe()
    }
    if (answer.run.state !== this.told) {
      this.told = answer.run.state
      this.tell("state", answer.run.state)
    }
  }

  // In two tasks, so that none holds the page up.
  draw() {
    const began = performance.now()
    this.triangle.draw(this.shown, this.answer)
    this.describe()
    const took = performance.now() - began
    clearTimeout(this.second)
    this.second = setTimeout(() => {
      const resumed = performance.now()
      this.drawRest()
      this.cost = took + performance.now() - resumed
    })
  }

  drawRest() {
    const { shown, answer } = this
    this.front.draw(shown, answer)
    this.point.draw(shown, answer)
    this.table.draw(shown, answer)
    const noise = answer?.values[shown.quantity].noise[shown.column] ?? ""
    this.noise.textContent = noise
    this.triangle.element.setAttribute("aria-label", this.inWords())
    this.front.element.setAttribute("aria-label", `${shown.axes.join(" against ")}: the table has the numbers`)
  }

  inWords() {
    const { shown, answer } = this
    const best = answer?.values[shown.quantity].best[shown.column] ?? null
    if (best === null) return `Triangle of loss weights, ${shown.title}: nothing measured yet`
    return `Triangle of loss weights, ${shown.title}: best at ${answer.weights[best].join(", ")}; the table has the numbers`
  }

  describe() {
    const { answer } = this
    this.progress.hidden = !this.shown.run
    if (!this.shown.run) return this.say("Press **Train map** to begin.")
    if (!answer) return this.say("Looking for the map…")
    this.progress.value = answer.progress
    this.say(answer.fault || this.statusLine(), answer.run.state, Boolean(answer.fault))
  }

  statusLine() {
    const { run, ready, progress, n_seeds: seeds } = this.answer
    const parts = [`**${capital(run.state)}**`, percent(progress)]
    if (run.state === "queued" && !ready) parts.splice(1, 1, "TensorFlow is starting; training begins as soon as it has")
    const measured = seeds.filter((n) => n > 0).length
    parts.push(`${measured} of ${seeds.length} settings measured`)
    const left = timeLeft(this.past)
    if (left !== null) parts.push(`about ${seconds(left)} left`)
    return parts.join(" · ") + (run.message ? `. ${run.message}` : "")
  }

  say(text, state = "", isFault = false) {
    const plain = text.replaceAll("**", "")
    if (this.status.textContent !== plain) this.status.replaceChildren(...marked(text))
    this.status.classList.toggle("map-fault", isFault || ["diverged", "failed"].includes(state))
    const now = performance.now()
    if (state !== this.spokenState || now - this.spokenAt > SPOKEN_EVERY) {
      this.spoken.textContent = plain
      this.spokenState = state
      this.spokenAt = now
    }
  }

  resize() {
    this.triangle.resize()
    this.front.resize()
    this.point.resize()
  }
}

// Seconds until the end at the speed of late, null while that is not known.
export function timeLeft(past) {
  const [first, last] = [past[0], past.at(-1)]
  if (!first || last.progress <= first.progress) return null
  return ((1 - last.progress) * (last.time - first.time)) / (last.progress - first.progress)
}

const STYLE = `
  .map-view { color: var(--st-text-color, inherit); }
  .map-view [hidden] { display: none; }
  .map-status { margin: 0 0 0.5rem; font-variant-numeric: tabular-nums; min-height: 1.5em; }
  .map-fault { border-left: 3px solid #d33; padding-left: 0.6rem; }
  .map-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .map-progress { width: 100%; height: 0.6rem; accent-color: var(--st-primary-color); }
  .map-charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
  .map-triangle, .map-front { min-width: 0; height: 520px; }
  .map-triangle .points path, .map-front .points path { cursor: pointer; }
  .map-curves { min-width: 0; height: 400px; }
  .map-noise { margin: 0.5rem 0; min-height: 1.5em; }
  .map-point { border-left: 3px solid #c2187a; padding-left: 0.7rem; margin: 0.5rem 0; }
  .map-point p { margin: 0 0 0.4rem; }
  .map-buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; margin-bottom: 0.5rem; }
  .map-view button { font: inherit; color: inherit; background: none; border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.4rem; padding: 0.2rem 0.6rem; cursor: pointer; }
  .map-view button:hover { border-color: currentColor; }
  .map-view button:focus-visible, .map-view a:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); outline-offset: 1px; }
  .map-table-head { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; align-items: baseline; }
  .map-view h2 { font-size: 1rem; margin: 0.75rem 0 0.4rem; padding: 0; }
  .map-view a { color: var(--st-link-color, inherit); }
  .map-quiet { opacity: 0.8; }
  .map-table { overflow: auto; max-height: 34rem; }
  .map-numbers { content-visibility: auto; contain-intrinsic-size: auto 40rem; }
  .map-table table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
  .map-table caption { text-align: left; caption-side: top; padding-bottom: 0.3rem; }
  .map-table th, .map-table td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: right; font-weight: 400; border: 0; white-space: nowrap; }
  .map-table thead th { position: sticky; top: 0; background: var(--st-background-color); }
  .map-table thead button { border: 0; padding: 0.1rem 0.2rem; text-decoration: underline dotted; text-underline-offset: 0.2em; }
  .map-table [aria-sort="ascending"] button::after { content: " ▲"; content: " ▲" / ""; }
  .map-table [aria-sort="descending"] button::after { content: " ▼"; content: " ▼" / ""; }
  .map-table .map-picked { background: rgba(194, 24, 122, 0.18); }
  .map-table .map-tie td:nth-child(2) { font-weight: 700; }
  .map-table tbody button { padding: 0 0.5rem; line-height: 1.4; }
`
