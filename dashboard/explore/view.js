// The live view of one run: asks for new records, and shows status, charts and tables.

import { LiveChart, shareRange } from "../charts/live_chart.js"
import { Lines } from "../client/lines.js"
import { TABLE_STYLE, isDark } from "../client/tables.js"
import { Race, Total } from "./tables.js"
import { FINAL, addStyle, capital, element, fetchJson, loadPlotly, marked, seconds, whole } from "../client/parts.js"

const MOVING_POLL = 200 // ms between two questions while the run trains
const RESTING_POLL = 1000
const NEWS_WAIT = 300 // ms: the script that made the news may be about to tell; old widgets went along
const SPOKEN_EVERY = 10000 // ms between two status lines read out by a screen reader
const LOOKED = "val_accuracy.bin_out"

const views = new WeakMap()
const calls = new WeakMap()

// Called by Streamlit with each script run; the view is made by the first call and kept.
export async function show(component) {
  const root = component.parentElement.querySelector(".live-view")
  const shown = JSON.parse(new TextDecoder().decode(component.data))
  const call = Symbol()
  calls.set(root, call)
  const ofClasses = import(`../charts/figures-${shown.nClasses}.js`)
  const [plotly, { figures }] = await Promise.all([loadPlotly(), ofClasses])
  if (calls.get(root) !== call) return // a later one has come meanwhile
  if (!views.has(root)) views.set(root, new LiveView(root, plotly, shown))
  views.get(root).set({ ...shown, figures }, component.setTriggerValue)
}

class LiveView {
  constructor(root, plotly, { heads, laneColours }) {
    addStyle("live-view-style", STYLE)
    root.replaceChildren()
    Object.assign(this, { root, plotly, charts: [], spokenAt: 0 })
    this.lines = new Lines(laneColours.length)
    this.status = element(root, "p", "live-status")
    this.spoken = element(root, "p", "live-spoken")
    this.spoken.setAttribute("role", "status")
    this.hints = element(root, "ul", "live-hints")
    this.legend = element(root, "ul", "live-legend")
    this.legend.setAttribute("aria-label", "What the curves are")
    this.grid = element(root, "div", "live-charts")
    this.rewind = new Rewind(element(root, "div", "live-rewind"), (step) => this.tell("rewind", step))
    this.race = new Race(element(root, "section", "live-race"), heads, laneColours)
    this.total = new Total(element(root, "section", "live-total"), heads)
    new ResizeObserver(() => this.charts.forEach((chart) => chart.resize())).observe(this.grid)
  }

  set(shown, tell) {
    const isSame = this.shown?.run === shown.run
    clearTimeout(this.teller)
    Object.assign(this, { shown, tell, told: `${shown.state} ${shown.lanes.length}`, coming: null })
    if (!isSame) {
      this.cursor = 0
      this.answer = null
      this.lines.reset()
      for (const chart of this.charts) chart.reset()
    }
    this.draw()
    this.poll() // at once: a command may have changed what the last answer said
  }

  async poll() {
    clearTimeout(this.timer)
    const asked = (this.asked = Symbol())
    const { run, lane } = this.shown
    if (!this.root.isConnected || !run) return
    let answer
    try {
      if (!document.hidden) answer = await fetchJson(`/api/runs/${run}/records?hints=${lane}&after=${this.cursor}`)
    } catch (error) {
      if (asked === this.asked) this.say(`The server does not answer (${error.message}); trying again.`)
    }
    if (asked !== this.asked) return // another question is under way
    const state = answer?.run.state
    const began = performance.now()
    if (answer) this.take(answer)
    if (!answer?.more && FINAL.includes(state)) return
    // Of the browser's time, drawing takes a third at most.
    const moving = Math.max(MOVING_POLL, 2 * (performance.now() - began))
    const moves = state === "running" || state === "queued"
    this.timer = setTimeout(() => this.poll(), answer?.more ? 0 : moves ? moving : RESTING_POLL)
  }

  take(answer) {
    const isNew = answer.columns.step.length > 0
    const changed = !this.answer || this.answer.run.state !== answer.run.state
    this.answer = answer
    this.cursor = answer.cursor
    const anew = this.lines.append(answer)
    for (const chart of this.charts) chart.append(anew)
    if (isNew || anew || changed) this.draw()
    else this.describe()
    const news = `${answer.run.state} ${answer.lanes_now.length}`
    if (news !== this.told && news !== this.coming) {
      this.coming = news
      this.teller = setTimeout(() => this.tell("news", news), NEWS_WAIT)
    }
  }

  // Loss weights of the lanes there are now; without a run, of those there would be.
  get weights() {
    const { answer, shown } = this
    const lanes = answer ? answer.lanes_now.map((lane) => lane.weights) : shown.lanes
    return lanes.slice(0, this.lines.most)
  }

  draw() {
    const { shown, answer, lines } = this
    const moving = answer ? !FINAL.includes(answer.run.state) && answer.run.state !== "paused" : false
    const steps = answer ? answer.run.config.steps : shown.steps
    const nLanes = Math.max(this.weights.length, ...lines.lanes.map((lane) => lane + 1))
    this.lay(nLanes > 1 ? "race" : "one")
    for (const chart of this.charts) {
      chart.set({ ...shown, steps, moving })
      chart.fill()
    }
    if (nLanes > 1) shareRange(this.charts.slice(0, shown.heads.length), shown.logLoss)
    for (const chart of this.charts) chart.show()
    this.explain(nLanes)
    this.describe()
  }

  // One lane has a large chart a quantity; a race has a small one a head and quantity.
  lay(layout) {
    const { figures } = this.shown // those of the dataset: they show chance
    if (this.grid.dataset.layout === layout && this.figures === figures) return
    this.grid.dataset.layout = layout
    this.figures = figures
    for (const chart of this.charts) chart.remove()
    this.charts = figures[layout].map(({ quantity, head, figure }) => {
      const box = element(this.grid, "div", "live-chart")
      Object.assign(box.dataset, { quantity, head })
      box.setAttribute("role", "figure")
      box.setAttribute("aria-label", figure.layout.title.text)
      return new LiveChart(this.plotly, box, figure, this.lines)
    })
  }

  // The legend that all charts of a race share.
  explain(nLanes) {
    const dark = isDark(this.root)
    const colours = this.shown.laneColours.map((pair) => pair[dark ? 1 : 0])
    const keys = nLanes > 1 ? colours.slice(0, nLanes).map((colour, i) => [`Lane ${i + 1}`, "solid", colour]) : []
    if (nLanes > 1) keys.push(["training", "solid"], ["validation", "dashed"])
    if (this.lines.lanes.some((lane) => this.lines.abandoned(lane).length)) keys.push(["abandoned by a rewind", "faint"])
    this.legend.hidden = !keys.length
    this.legend.replaceChildren(
      ...keys.map(([text, kind, colour]) => {
        const key = document.createElement("li")
        key.textContent = text
        key.dataset.kind = kind
        if (colour) key.style.setProperty("--swatch", colour)
        return key
      }),
    )
  }

  // All that is told in words and figures.
  describe() {
    const { answer, shown, lines, weights } = this
    const line = lines.current(shown.lane)
    this.total.draw(line?.last(), line?.last(LOOKED), weights.length > 1 ? `lane ${shown.lane + 1}` : "")
    this.race.draw(weights.map((of, lane) => ({ weights: of, last: lines.current(lane)?.last(LOOKED) })), shown.lane)
    this.rewind.draw(answer && lines.columns.step.length ? answer.checkpoints : [])
    this.hints.replaceChildren()
    if (!shown.run) return this.say("Press **Train** to begin.")
    if (!answer) return this.say("Looking for the run…")
    this.say(answer.fault || statusLine(answer, lines), answer.run.state, Boolean(answer.fault))
    for (const hint of answer.hints) element(this.hints, "li").append(...marked(hint))
  }

  say(text, state = "", isFault = false) {
    const plain = text.replaceAll("**", "")
    if (this.status.textContent !== plain) this.status.replaceChildren(...marked(text))
    this.status.dataset.state = state
    this.status.classList.toggle("live-fault", isFault || ["diverged", "failed"].includes(state))
    const now = performance.now()
    if (state !== this.spokenState || now - this.spokenAt > SPOKEN_EVERY) {
      this.spoken.textContent = plain
      this.spokenState = state
      this.spokenAt = now
    }
  }
}

function statusLine({ run, ready }, lines) {
  const { steps } = run.config
  const line = lines.furthest
  const last = { step: line?.step.at(-1) ?? 0, time: line?.column("time").at(-1) ?? 0 }
  const parts = [`**${capital(run.state)}**`, `step ${whole(last.step)} of ${whole(steps)}`]
  if (run.state === "queued" && !ready) parts.splice(1, 1, "TensorFlow is starting; training begins as soon as it has")
  const rate = stepsPerSecond(line)
  if (rate) parts.push(`${whole(rate)} steps/s`)
  if (last.time) parts.push(`${seconds(last.time)} elapsed`)
  if (rate && run.state === "running") parts.push(`about ${seconds((steps - last.step) / rate)} left`)
  return parts.join(" · ") + (run.message ? `. ${run.message}` : "")
}

// Over the last second of training.
function stepsPerSecond(line) {
  const step = line?.step ?? []
  if (step.length < 2) return 0
  const time = line.column("time")
  let i = step.length - 2
  while (i > 0 && time.at(-1) - time[i] < 1) i--
  return (step.at(-1) - step[i]) / Math.max(time.at(-1) - time[i], 1e-9)
}

// Buttons that bring the run back to a checkpoint; those that stay keep the focus.
class Rewind {
  constructor(root, onPress) {
    Object.assign(this, { root, onPress, buttons: new Map() })
    root.setAttribute("role", "group")
    root.setAttribute("aria-label", "Rewind to step")
    element(root, "span", "", "Rewind to step")
  }

  draw(steps) {
    this.root.hidden = !steps.length
    for (const [step, button] of this.buttons) {
      if (steps.includes(step)) continue
      button.remove()
      this.buttons.delete(step)
    }
    steps.forEach((step, i) => {
      if (this.buttons.has(step)) return
      const button = element(this.root, "button", "", whole(step))
      button.type = "button"
      button.setAttribute("aria-label", `Rewind to step ${whole(step)}`)
      button.addEventListener("click", () => this.onPress(step))
      this.root.insertBefore(button, this.root.children[i + 1] ?? null)
      this.buttons.set(step, button)
    })
  }
}

const STYLE = `
    ${TABLE_STYLE}
    .live-view { color: var(--st-text-color, inherit); }
    .live-status { margin: 0 0 0.5rem; font-variant-numeric: tabular-nums; min-height: 1.5em; }
    .live-fault { border-left: 3px solid #d33; padding-left: 0.6rem; }
    .live-spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .live-hints { margin: 0 0 0.5rem; padding-left: 1.2rem; min-height: 1.5em; }
    .live-charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
    .live-charts[data-layout=race] { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 0.5rem; }
    @media (max-width: 900px) { .live-charts[data-layout=race] { grid-template-columns: minmax(0, 1fr); } }
    .live-chart { min-width: 0; height: 400px; }
    .live-charts[data-layout=race] .live-chart { height: 250px; }
    .live-view [hidden] { display: none; }
    .live-legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.2rem; margin: 0 0 0.25rem; padding: 0; list-style: none; font-size: 0.9rem; }
    .live-legend li { display: flex; align-items: center; margin: 0; font-size: inherit; }
    .live-legend li::before { content: ""; width: 1.6em; margin-right: 0.4em; border-top: 3px solid var(--swatch, currentColor); }
    .live-legend li[data-kind=dashed]::before { border-top: 2px dashed; }
    .live-legend li[data-kind=faint]::before { opacity: 0.35; }
    .live-legend li[data-kind=solid]:not([style])::before { border-top-width: 2px; }
    .live-rewind { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem; margin-top: 0.4rem; font-size: 0.9rem; }
    .live-rewind span { margin-right: 0.3rem; }
    .live-rewind button { min-height: 1.75rem; min-width: 2rem; padding: 0 0.5rem; font: inherit; font-variant-numeric: tabular-nums; color: inherit; background: none; border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 4px; cursor: pointer; }
    .live-rewind button:hover { border-color: currentColor; }
    .live-rewind button:focus-visible { outline: 2px solid currentColor; outline-offset: 1px; }
    .live-note { font-size: 0.85rem; margin: 0.2rem 0 0; }
    .live-selected th { font-weight: 700 !important; }
    .live-view h2 { font-size: 1rem; margin: 0.75rem 0 0.4rem; padding: 0; }
    .live-bar { display: flex; height: 1.7rem; border-radius: 4px; overflow: hidden; background: rgba(128, 128, 128, 0.2); }
    .live-bar span { overflow: hidden; white-space: nowrap; font-size: 0.8rem; line-height: 1.7rem; text-align: center; transition: width 0.2s; }
  `
