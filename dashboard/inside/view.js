// The view of a run's inside: asks what is measured, and shows who pulls and what the model sees.

import { FeatureMaps } from "./feature_maps.js"
import { Pairs } from "./pairs.js"
import { InsideSource } from "../client/inside_source.js"
import { STYLE } from "./style.js"
import { LayersChart, Prediction, TugChart } from "./tug.js"
import { Painter } from "../client/painter.js"
import { Pictures } from "../client/pictures.js"
import { Confusion, Distances, Plane, Roc } from "./snapshot_charts.js"
import { StatusLine, addStyle, capital, element, fetchJson, loadPlotly, radios, whole } from "../client/parts.js"

const MOST_LANES = 4
const NEWS_WAIT = 300 // ms: the script that made the news may be about to tell
const ASK_AGAIN = 1500 // ms between two questions for what is not known yet
const COLOURED = { class: "class", tens: "tens", ones: "ones" }

const views = new WeakMap()
const calls = new WeakMap()

// Called by Streamlit with each script run; the view is made by the first call and kept.
export async function show(component) {
  const root = component.parentElement.querySelector(".inside-view")
  const shown = JSON.parse(new TextDecoder().decode(component.data))
  const call = Symbol()
  calls.set(root, call)
  const plotly = await loadPlotly()
  if (calls.get(root) !== call) return // a later one has come meanwhile
  if (!views.has(root)) views.set(root, new InsideView(root, plotly, shown))
  views.get(root).set(shown, component.setTriggerValue)
}

class InsideView {
  constructor(root, plotly, { heads, figures }) {
    addStyle("inside-view-style", STYLE)
    root.replaceChildren()
    Object.assign(this, { root, plotly, heads, figures, start: null, by: "class", charts: [] })
    this.painter = new Painter()
    this.source = new InsideSource(MOST_LANES, (news) => this.take(news))
    this.pictures = new Pictures(() => this.painter.due("snapshot"))
    this.status = new StatusLine(root, "inside")
    this.notice = element(root, "p", "inside-notice")
    this.makeTug()
    this.makeSeen()
    new ResizeObserver(() => this.charts.forEach((chart) => chart.resize())).observe(root)
    document.addEventListener("visibilitychange", () => this.painter.start())
  }

  makeTug() {
    const section = element(this.root, "section", "inside-tug")
    element(section, "h2", "", "Tug of war")
    element(section, "p", "inside-note").textContent =
      "Each head's loss pulls on the trunk with the gradient of weight × loss. Where the cosine of two gradients is below 0, a step for the one undoes what the other wants. A head's share says how much of the step is its own; below 0, it is outvoted, and its loss rises."
    this.curves = element(section, "div", "inside-charts")
    const { lines } = this.source
    for (const name of ["weighted", "norm", "cosine", "share"]) this.chart(this.curves, name, "rows", TugChart, {}, lines)
    this.chart(this.curves, "layers", "rows", LayersChart, {}, lines)
    this.predicted = element(section, "div", "inside-predicted")
    this.prediction = this.chart(this.predicted, "prediction", "prediction", Prediction)
    this.nothing = element(section, "p", "inside-nothing")
  }

  makeSeen() {
    const section = (this.seen = element(this.root, "section", "inside-seen"))
    element(section, "h2", "", "What it sees")
    this.of = element(section, "p", "inside-of")
    const pick = (pair) => this.pick(pair)
    const cards = element(section, "div", "inside-pairs")
    this.pairs = new Pairs(cards, this.heads, this.pictures, pick)
    this.painter.add(cards, "snapshot", () => this.pairs.draw(this.source.snapshot, this.shown.pair))
    const charts = element(section, "div", "inside-charts")
    this.chart(charts, "histogram", "snapshot", Distances)
    this.chart(charts, "roc", "snapshot", Roc)
    const plane = element(section, "div", "inside-wide")
    this.colours = radios(plane, "Coloured by", COLOURED, "class", (by) => {
      this.by = by
      this.painter.due("snapshot")
    })
    this.chart(plane, "plane", "snapshot", Plane)
    const matrices = element(section, "div", "inside-charts")
    this.ofDigits = []
    for (const [kind, ofDigits] of [["confusion", false], ["digits", true]]) {
      for (const { name: head } of this.heads.slice(0, 2)) {
        const { box } = this.chart(matrices, `${kind}.${head}`, "snapshot", Confusion, { head, ofDigits })
        if (ofDigits) this.ofDigits.push(box)
      }
    }
    const maps = element(section, "div", "inside-maps")
    this.maps = new FeatureMaps(maps, this.heads, this.pictures)
    this.painter.add(maps, "snapshot", () => this.maps.draw(this.source.snapshot))
  }

  // A chart, with what it says in words below it.
  chart(parent, name, kind, Kind, more = {}, lines = undefined) {
    const box = element(parent, "div", "inside-box")
    const frame = element(box, "div", "inside-chart")
    Object.assign(frame.dataset, { quantity: name, head: more.head ?? "" })
    frame.setAttribute("role", "figure")
    frame.style.height = `${this.figures[name].layout.height}px`
    const words = element(box, "p", kind === "rows" ? "inside-unseen" : "inside-words")
    const chart = new Kind(this.plotly, frame, this.figures[name], lines)
    this.charts.push(chart)
    this.painter.add(box, kind, async () => {
      if (!this.canDraw(kind)) return
      chart.set({ ...this.options(), ...more, name })
      await chart.draw()
      const told = chart.inWords()
      frame.setAttribute("aria-label", kind === "rows" ? told : `${this.figures[name].layout.title.text}. ${told}`)
      if (kind !== "rows" && words.textContent !== told) words.textContent = told
    })
    return { box, chart }
  }

  canDraw(kind) {
    if (kind === "rows") return Boolean(this.source.lines.current(this.shown.lane)?.step.length)
    return Boolean(kind === "prediction" ? this.gram : this.source.snapshot)
  }

  options() {
    const { shown, source, by } = this
    const state = source.answer?.run.state
    const moving = state === "running" || state === "queued"
    const { weights } = source.answer?.lanes_now[shown.lane] ?? {}
    const now = weights && this.heads.map(({ name }) => weights[name])
    return { ...shown, moving, by, snapshot: source.snapshot, gram: this.gram, now }
  }

  // Inner products of the heads' gradients, in this run, or at the start of the next.
  get gram() {
    return this.shown.run ? (this.source.answer?.gram ?? null) : (this.start?.gram ?? null)
  }

  set(shown, tell) {
    const before = this.shown
    clearTimeout(this.teller)
    Object.assign(this, { shown, tell, told: `${shown.state} ${shown.nLanes}`, coming: null })
    this.source.set({ run: shown.run, lane: shown.lane, pair: shown.pair })
    this.source.watch(true)
    if (!shown.run && (before?.config !== shown.config || before.run)) this.askStart()
    this.source.poll() // at once: a command may have changed what the last answer said
    this.describe()
    this.painter.due("rows", "snapshot", "prediction")
  }

  // What the first step of the next run would be.
  async askStart() {
    clearTimeout(this.starter)
    const { config, run } = this.shown
    if (!this.root.isConnected || run) return
    let start
    try {
      if (!document.hidden) start = await fetchJson(`/api/start?config=${encodeURIComponent(config)}`)
    } catch (error) {
      start = { gram: null, told: `The server does not answer (${error.message}); trying again.` }
    }
    if (this.shown.config !== config || this.shown.run) return
    if (start) this.start = start
    this.describe()
    this.painter.due("prediction")
    if (!this.start?.gram) this.starter = setTimeout(() => this.askStart(), ASK_AGAIN)
  }

  pick(pair) {
    if (pair === this.shown.pair) return
    this.shown.pair = pair
    this.source.set({ pair })
    this.painter.due("snapshot")
    this.tell("pair", String(pair))
  }

  take({ rows, anew, snapshot }) {
    const { source, painter } = this
    if (!this.root.isConnected) return source.stop()
    for (const chart of this.charts) if (anew && chart instanceof TugChart) chart.append(anew)
    if (rows) painter.due("rows")
    if (snapshot) painter.due("snapshot")
    painter.due("prediction")
    if (snapshot) this.pictures.load(source.run)
    this.describe()
    const { answer } = source
    if (!answer || answer.run.id !== this.shown.run) return
    const news = `${answer.run.state} ${answer.lanes_now.length}`
    if (news !== this.told && news !== this.coming) {
      this.coming = news
      this.teller = setTimeout(() => this.tell("news", news), NEWS_WAIT)
    }
  }

  // What is told in words, and what there is to be shown at all.
  describe() {
    const { source, shown } = this
    const { answer, snapshot, fault } = source
    this.curves.hidden = !this.canDraw("rows")
    this.seen.hidden = !snapshot
    this.predicted.hidden = !this.gram
    this.colours.hidden = !snapshot?.digits
    for (const box of this.ofDigits) box.hidden = !snapshot?.digit_confusion?.ctg_out_1
    if (!snapshot?.digits) this.by = "class"
    if (snapshot) {
      const lane = shown.nLanes > 1 ? ` of lane ${snapshot.lane + 1}` : ""
      this.of.textContent = `The validation pairs as the model${lane} saw them at step ${whole(snapshot.step)}. Click a pair to look into it.`
    }
    this.notice.hidden = !answer?.broke
    if (answer?.broke) this.notice.textContent = `${answer.broke.why} What is shown below is the last state without it.`
    if (!shown.run) {
      this.nothing.textContent = this.start?.gram ? "" : (this.start?.told ?? "Looking at what the first step would be…")
      return this.status.say("Press **Train** to look inside a run. Until then: what its first step would be, at the sliders.")
    }
    if (fault) return this.status.say(`The server does not answer (${fault}); trying again.`, "fault", true)
    if (!answer) return this.status.say("Looking for the run…")
    this.nothing.textContent = answer.told
    const { run } = answer
    const parts = [`**${capital(run.state)}**`, `step ${whole(run.step)} of ${whole(run.config.steps)}`]
    if (run.state === "queued" && !answer.ready) parts.splice(1, 1, "TensorFlow is starting; training begins as soon as it has")
    const measured = source.lines.current(shown.lane)?.step.at(-1)
    if (measured !== undefined) parts.push(`measured at step ${whole(measured)}`)
    const text = answer.fault || parts.join(" · ") + (run.message ? `. ${run.message}` : "")
    this.status.say(text, run.state, Boolean(answer.fault) || ["diverged", "failed"].includes(run.state))
  }
}
