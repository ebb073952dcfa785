// The live view of one run: asks for new records, and shows status, charts and tables.

/** @import { Chart, ShownLive } from "../client/types.js" */
import { shareRange } from "../charts/curves.js"
import { LiveChart } from "../charts/live_chart.js"
import { RunSource } from "../client/asking/sources.js"
import { isDark, shade } from "../client/drawing/colours.js"
import { button, element, figure, put, putLines } from "../client/drawing/elements.js"
import { loadPlotly } from "../client/drawing/plotly.js"
import { StatusLine } from "../client/drawing/status.js"
import { addStyle } from "../client/drawing/style.js"
import { Drawing } from "../client/drawing/tasks.js"
import { explained } from "../client/drawing/terms.js"
import { outOfChart, seconds, whole } from "../client/saying/words.js"
import { mount } from "../client/telling/mount.js"
import { onSliders } from "../client/telling/sliders.js"
import { Teller } from "../client/telling/tell.js"
import { Race, Total } from "./tables.js"
import { TASK, Task } from "./task.js"

const NOTE =
  "Losses in [nats], before they are multiplied by their weights; dashed: [validation]; dotted: what guessing would get."
const NOTE_OF_ANY =
  "Losses before they are multiplied by their weights; dashed: [validation]; dotted: what an answer would get that does not look at the inputs."
const SETTLED = 1000 // ms after this view is there: so are all others by then
const PACES = { moving: 200, resting: 1000 } // ms between two questions
const CALM = { moving: PACES.moving, busy: 1 / 3 }
const HURRY = { moving: 80, busy: 0.6 } // while somebody drags, and for a second after

// The figures are those of the dataset: they show chance. Nothing is drawn by Plotly before there is a
// run: it is loaded then, or once the whole page is there and the browser has nothing else to do, since
// to run it holds the page up for half a second.
async function load({ run, figures: key }) {
  if (!run) {
    const idle = window.requestIdleCallback ?? setTimeout
    setTimeout(() => idle(() => loadPlotly()), SETTLED)
    return { plotly: null, figures: null }
  }
  const [plotly, { figures }] = await Promise.all([loadPlotly(), import(`../charts/figures-${key}.js`)])
  return { plotly, figures }
}

class LiveView {
  /** @type {LiveChart[]} */ charts = []
  /** @type {ShownLive} */ shown
  /** @type {{ one: Chart[], race: Chart[] } | null} */ figures = null // none without a run
  plotly = null
  /** @type {ReturnType<typeof setTimeout> | undefined} */ calm
  /** @type {Chart[] | null} */ laid = null // what the charts are made of

  /** @param {HTMLElement} root @param {ShownLive} shown @param {Teller} teller */
  constructor(root, { heads, hasNetwork, laneColours, examples }, teller) {
    addStyle("explore", STYLE + TASK)
    this.root = root
    this.teller = teller
    this.drawing = new Drawing(root)
    this.source = new RunSource(laneColours.length, (news) => this.take(news), {
      ...PACES,
      isWanted: () => root.isConnected,
    })
    onSliders(root, () => this.hurry())
    const top = element(root, "div", "live-top")
    this.status = new StatusLine(top, "live")
    this.again = button(top, "", () => teller.tell("again", this.source.answer?.calmer))
    this.task = new Task(element(root, "section", "task"), heads, hasNetwork, examples)
    this.legend = element(root, "ul", "live-legend")
    this.legend.setAttribute("aria-label", "What the curves are")
    this.grid = element(root, "div", "live-charts view-charts")
    this.note = element(root, "p", "view-note live-note")
    explained(this.note, hasNetwork ? NOTE : NOTE_OF_ANY)
    this.rewind = new Rewind(element(root, "div", "live-rewind"), (step) => teller.tell("rewind", step))
    this.hints = element(root, "ul", "live-hints") // below what they would move when they come
    this.race = new Race(element(root, "section", "live-race"), heads, laneColours)
    this.total = new Total(element(root, "section", "live-total"), heads)
    new ResizeObserver(() => this.charts.forEach((chart) => chart.resize())).observe(this.grid)
  }

  // Somebody moves a slider and looks at the curves.
  hurry() {
    const { how } = this.source.poll
    clearTimeout(this.calm)
    Object.assign(how, HURRY)
    this.calm = setTimeout(() => Object.assign(how, CALM), 1000)
  }

  set(shown, { figures, plotly }) {
    const isOther = this.shown?.run !== shown.run
    Object.assign(this, { shown, figures, plotly })
    this.source.set(shown.run, { hints: shown.lane }) // a command may have changed what the last answer said
    if (isOther) for (const chart of this.charts) chart.reset()
    this.draw()
  }

  take({ rows, anew, changed }) {
    for (const chart of this.charts) chart.append(anew)
    if (rows || changed) return this.draw()
    this.describe()
  }

  // Loss weights of the lanes there are now; without a run, of those there would be.
  get weights() {
    const { source, shown } = this
    const lanes = source.answer ? source.answer.lanes_now.map((lane) => lane.weights) : shown.lanes
    return lanes.slice(0, source.lines.most)
  }

  async draw() {
    const { shown, figures } = this
    this.root.toggleAttribute("data-task", !figures)
    const parts = figures ? this.filled(figures) : [() => this.task.draw(shown.sliders)]
    if (await this.drawing.run(parts)) this.describe()
  }

  // The charts, with all in them that there is to be seen: what is left is to draw each.
  /** @param {{ one: Chart[], race: Chart[] }} figures */
  filled(figures) {
    const { shown, source } = this
    const { answer, lines } = source
    const steps = answer ? answer.run.config.steps : shown.steps
    const nLanes = Math.max(this.weights.length, ...lines.lanes.map((lane) => lane + 1))
    const laid = figures[nLanes > 1 ? "race" : "one"]
    const isMany = nLanes > 1 || laid.length > 2
    this.lay(laid)
    this.grid.dataset.layout = isMany ? "many" : "one"
    const n = nLanes > 1 ? shown.heads.length : laid.length
    this.grid.style.setProperty("--columns", String(n === 4 ? 2 : Math.min(3, n)))
    for (const chart of this.charts) {
      chart.set({ ...shown, steps, moving: answer?.run.is_moving })
      chart.fill()
    }
    if (nLanes > 1) for (const alike of this.alike()) shareRange(alike, shown.logLoss)
    this.explain(nLanes, isMany)
    return this.charts.map((chart) => () => chart.show())
  }

  // The loss charts of a race that have one axis: all of them, or those of heads whose guess costs the
  // same.
  alike() {
    const losses = this.charts.filter(({ element }) => element.dataset.quantity === "loss")
    if (this.shown.sameAxes) return [losses]
    return [...Map.groupBy(losses, ({ element }) => element.dataset.alike).values()]
  }

  // One lane has a large chart a quantity; a race has a small one a head and quantity.
  lay(laid) {
    if (this.laid === laid) return
    this.laid = laid
    for (const chart of this.charts) chart.remove()
    this.charts = laid.map(({ quantity, head, alike, figure: one }) => {
      const box = figure(this.grid, "live-chart", { quantity, head, alike })
      box.setAttribute("aria-label", outOfChart(one.layout.title.text))
      return new LiveChart(this.plotly, box, one, this.source.lines)
    })
  }

  // The legend that small charts share: of lanes in a race, else of heads.
  explain(nLanes, isMany) {
    const { lines } = this.source
    const dark = isDark(this.root)
    const { laneColours, heads } = this.shown
    const lanes = laneColours.slice(0, nLanes).map((colours, i) => ({ name: `Lane ${i + 1}`, colours }))
    const curves = nLanes > 1 ? lanes : isMany ? heads : []
    const keys = curves.map(({ name, colours }) => [name, "solid", shade(colours, dark)])
    if (isMany) keys.push(["training", "solid"], ["validation", "dashed"])
    if (lines.lanes.some((lane) => lines.abandoned(lane).length)) keys.push(["abandoned by a rewind", "faint"])
    this.legend.hidden = !keys.length
    this.legend.replaceChildren()
    for (const [text, kind, colour] of keys) {
      const key = element(this.legend, "li", "", text)
      key.dataset.kind = kind
      if (colour) key.style.setProperty("--swatch", colour)
    }
  }

  // All that is told in words and figures.
  describe() {
    const { shown, source, weights, status } = this
    const { answer, fault, lines } = source
    const line = lines.current(shown.lane)
    this.total.draw(line?.last(), line?.lastValidated, weights.length > 1 ? `lane ${shown.lane + 1}` : "")
    this.race.draw(
      weights.map((of, lane) => ({ weights: of, last: lines.current(lane)?.lastValidated })),
      shown.lane,
    )
    const calmer = answer?.calmer ?? null
    this.again.hidden = calmer === null
    put(this.again, `Again with learning rate ${calmer}`)
    this.rewind.draw(answer && lines.columns.step?.length ? answer.checkpoints : [])
    putLines(this.hints, "li", answer?.hints ?? [])
    if (!shown.run) return status.say("Press **Train** to begin.")
    if (fault) return status.fail(fault)
    if (!answer) return status.say("Looking for the run…")
    status.sayRun(answer, progress(answer.run, lines.furthest))
  }
}

export const show = mount("explore", (root, shown, teller) => new LiveView(root, shown, teller), load)

// How far a run has come, by the line that has come furthest.
function progress({ config: { steps }, is_moving: isMoving }, line) {
  const step = line?.step.at(-1) ?? 0
  const time = line?.column("time").at(-1) ?? 0
  const parts = [`step ${whole(step)} of ${whole(steps)}`]
  const rate = stepsPerSecond(line)
  if (rate) parts.push(`${whole(rate)} steps/s`)
  if (time) parts.push(`${seconds(time)} elapsed`)
  if (rate && isMoving) parts.push(`about ${seconds((steps - step) / rate)} left`)
  return parts
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
  /** @type {Map<number, HTMLButtonElement>} */ buttons = new Map() // by step

  constructor(root, onPress) {
    this.root = root
    this.onPress = onPress
    root.setAttribute("role", "group")
    root.setAttribute("aria-label", "Rewind to step")
    element(root, "span", "", "Rewind to step")
  }

  draw(steps) {
    this.root.hidden = !steps.length
    for (const [step, old] of this.buttons) {
      if (steps.includes(step)) continue
      old.remove()
      this.buttons.delete(step)
    }
    steps.forEach((step, i) => {
      if (this.buttons.has(step)) return
      const made = button(this.root, whole(step), () => this.onPress(step))
      made.setAttribute("aria-label", `Rewind to step ${whole(step)}`)
      this.root.insertBefore(made, this.root.children[i + 1] ?? null)
      this.buttons.set(step, made)
    })
  }
}

const STYLE = `
  .explore-view:not([data-task]) .task, .explore-view[data-task] :is(.live-hints, .live-note, .live-legend, .live-charts, .live-rewind, .live-race, .live-total) { display: none; }
  .live-top { display: flex; gap: 0 1rem; align-items: flex-start; min-height: 3.75rem; }
  .live-top button { flex: none; }
  @media (max-width: 900px) { .live-top { flex-wrap: wrap; } .live-top button { margin-bottom: 0.5rem; } }
  .live-hints { margin: 0.3rem 0 0.5rem; padding-left: 1.2rem; }
  .live-charts[data-layout=many] { grid-template-columns: repeat(var(--columns), minmax(0, 1fr)); gap: 0.5rem; }
  @media (max-width: 900px) { .live-charts[data-layout=many] { grid-template-columns: minmax(0, 1fr); } }
  .live-chart { min-width: 0; height: 400px; }
  .live-charts[data-layout=many] .live-chart { height: 250px; }
  .live-legend { display: flex; flex-wrap: wrap; gap: 0.1rem 1.2rem; margin: 0 0 0.25rem; padding: 0; list-style: none; font-size: 0.9rem; }
  .live-legend li { display: flex; align-items: center; margin: 0; font-size: inherit; }
  .live-legend li::before { content: ""; width: 1.6em; margin-right: 0.4em; border-top: 3px solid var(--swatch, currentColor); }
  .live-legend li[data-kind=dashed]::before { border-top: 2px dashed; }
  .live-legend li[data-kind=faint]::before { opacity: 0.35; }
  .live-legend li[data-kind=solid]:not([style])::before { border-top-width: 2px; }
  .live-rewind { display: flex; flex-wrap: wrap; min-height: 1.75rem; align-items: center; gap: 0.3rem; margin-top: 0.4rem; font-size: 0.9rem; }
  .live-rewind span { margin-right: 0.3rem; }
  .live-rewind button { min-height: 1.75rem; min-width: 2rem; padding: 0 0.5rem; font: inherit; font-variant-numeric: tabular-nums; color: inherit; background: none; border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 4px; cursor: pointer; }
  .live-selected th { font-weight: 700 !important; }
  .live-bar { display: flex; height: 1.7rem; border-radius: 4px; overflow: hidden; background: rgba(128, 128, 128, 0.2); }
  .live-bar span { overflow: hidden; white-space: nowrap; font-size: 0.8rem; line-height: 1.7rem; text-align: center; transition: width 0.2s; }
`
