// The view of a run's inside: asks what is measured, and shows who pulls and what the model sees.

/** @import { ShownInside, Start } from "../client/types.js" */
import { Pictures } from "../client/asking/pictures.js"
import { Poll } from "../client/asking/poll.js"
import { InsideSource } from "../client/asking/sources.js"
import { element, figure, put } from "../client/drawing/elements.js"
import { Painter } from "../client/drawing/painter.js"
import { loadPlotly } from "../client/drawing/plotly.js"
import { StatusLine } from "../client/drawing/status.js"
import { addStyle } from "../client/drawing/style.js"
import { explained } from "../client/drawing/terms.js"
import { outOfChart, whole } from "../client/saying/words.js"
import { mount } from "../client/telling/mount.js"
import { onSliders, slidersNow } from "../client/telling/sliders.js"
import { Answers } from "./answers/answers.js"
import { Contents } from "./contents.js"
import { keep } from "./keep.js"
import { LayersChart, Prediction, TugChart } from "./pull/tug.js"
import { DigitsView } from "./seen/digits.js"
import { PairsView } from "./seen/pairs_view.js"
import { ScenesView } from "./seen/scenes.js"
import { STYLE } from "./style.js"

const FEW = 3 // heads whose cosines are all shown at once
const OWN = { pairs: PairsView, scenes: ScenesView, digits: DigitsView } // what problems show of their own, by its name

class InsideView {
  /** @type {ShownInside} */ shown
  /** @type {Start | null} */ start = null // the last answer of `/api/start`: what the first step of the next run would be
  /** @type {HTMLElement} */ curves // of gradients
  /** @type {HTMLElement} */ predicted // what the sliders would do
  /** @type {HTMLElement} */ unshared // that nothing is shared, in words
  /** @type {HTMLElement | undefined} */ choice // of the head that others are compared with
  /** @type {() => string | undefined} */ ofHead
  /** @type {any[]} */ charts = []
  predictedFrom = "" // what of the last answer the prediction is made of

  constructor(root, { heads, own, figures, mostLanes }, teller, plotly) {
    addStyle("inside", STYLE)
    this.root = root
    this.plotly = plotly
    this.heads = heads
    this.figures = figures
    this.teller = teller
    this.painter = new Painter()
    this.source = new InsideSource(
      mostLanes,
      (news) => this.take(news),
      () => root.isConnected,
    )
    this.starter = new Poll({
      question: () => (this.shown.run ? null : `api/start?config=${encodeURIComponent(this.shown.config)}`),
      take: (start) => this.takeStart(start),
      fail: (message) =>
        this.takeStart({ gram: null, is_final: false, told: `The server does not answer (${message}); trying again.` }),
      pace: ({ is_final: isFinal }, _, resting) => (isFinal ? null : resting),
      isWanted: () => root.isConnected,
      resting: 1500,
    })
    onSliders(root, () => this.painter.due("prediction"))
    this.pictures = new Pictures(() => this.painter.due("snapshot"))
    this.status = new StatusLine(root, "inside")
    this.contents = new Contents(root)
    this.notice = element(root, "p", "inside-notice")
    this.makeTug()
    const tools = {
      heads,
      pictures: this.pictures,
      pick: (pair) => this.pick(pair),
      redraw: () => this.painter.due("snapshot"),
      chart: (parent, name, Kind, more) => this.chart(parent, name, "snapshot", Kind, more),
    }
    // What the problem shows of its own; pairs tell of each head what there is to be told.
    this.sections = [OWN[own], own === "pairs" ? null : Answers].filter(Boolean).map((Kind) => new Kind(root, tools))
    for (const section of this.sections) {
      for (const { name, part, draw } of section.parts) {
        if (draw) this.painter.add(part, "snapshot", () => this.canDraw("snapshot") && draw(this.now))
        const isNever = () => Boolean(this.source.snapshot) && section.root.hidden
        this.contents.add(name, part, () => this.canDraw("snapshot") && !section.root.hidden, isNever)
      }
    }
    new ResizeObserver(() => this.charts.forEach((chart) => chart.resize())).observe(root)
    document.addEventListener("visibilitychange", () => this.painter.start())
  }

  makeTug() {
    const section = element(this.root, "section", "inside-tug")
    element(section, "h2", "", "Tug of war")
    const note =
      "Each head's loss pulls on the [shared layers] with the gradient of [loss weight|weight] × [loss]. Where the cosine of two gradients is below 0, a step for the one undoes what the other wants. A head's share says how much of the step is its own; below 0, it is outvoted, and its loss rises."
    explained(element(section, "p", "inside-note"), note)
    this.unshared = element(section, "p", "inside-note inside-unshared")
    // First what is there before a run, so that what comes with it comes below.
    this.predicted = element(section, "div", "inside-predicted")
    this.chart(this.predicted, "prediction", "prediction", Prediction)
    this.ofHead = this.chooseHead(section)
    this.curves = element(section, "div", "inside-charts view-charts")
    const { lines } = this.source
    for (const name of ["weighted", "norm", "cosine", "share"])
      this.chart(this.curves, name, "rows", TugChart, {}, lines)
    this.chart(this.curves, "layers", "rows", LayersChart, {}, lines)
    const isNever = () => Boolean(this.source.answer?.unshared)
    this.contents.add("What the sliders would do", this.predicted, () => this.canDraw("prediction"), isNever)
    this.contents.add("Tug of war", this.curves, () => this.canDraw("rows"), isNever)
  }

  // Of many heads one, with which the others are compared; undefined where there are few.
  chooseHead(section) {
    if (this.heads.length <= FEW) return () => undefined
    this.choice = element(section, "div", "inside-bar")
    const select = element(element(this.choice, "label", "", "Cosines with "), "select")
    for (const { name } of this.heads) element(select, "option", "", name).value = name
    select.addEventListener("change", () => this.painter.due("rows"))
    return () => select.value
  }

  // A chart, with what it says in words below it.
  /** @param {any} Kind @param {any} more @param {any} lines */
  chart(parent, name, kind, Kind, more = {}, lines = null) {
    const box = element(parent, "div", "inside-box")
    const frame = figure(box, "inside-chart", { quantity: name, head: more.head ?? "" })
    frame.style.height = `${this.figures[name].layout.height}px`
    const words = element(box, "p", kind === "rows" ? "view-unseen" : "inside-words")
    const chart = new Kind(this.plotly, frame, this.figures[name], lines)
    this.charts.push(chart)
    this.painter.add(box, kind, async () => {
      if (!this.canDraw(kind)) return
      chart.set({ ...this.options(), ...more, name })
      await chart.draw()
      const told = chart.inWords()
      frame.setAttribute(
        "aria-label",
        kind === "rows" ? told : `${outOfChart(this.figures[name].layout.title.text)}. ${told}`,
      )
      if (kind !== "rows") put(words, told)
    })
    return box
  }

  canDraw(kind) {
    if (kind === "rows") return Boolean(this.source.lines.current(this.shown.lane)?.step.length)
    return Boolean(kind === "prediction" ? this.gram && this.shown.sliders : this.source.snapshot)
  }

  // What is seen by now, and of it what is picked.
  get now() {
    const { shown, source } = this
    return { ...shown, snapshot: source.snapshot, collapse: source.answer?.collapse ?? "" }
  }

  options() {
    const { shown, source } = this
    const moving = source.answer?.run.is_moving
    const { weights } = source.answer?.lanes_now[shown.lane] ?? {}
    const now = weights && this.heads.map(({ name }) => weights[name])
    return {
      ...shown,
      ...Object.assign({}, ...this.sections.map((section) => section.options)),
      sliders: shown.sliders && slidersNow(shown.sliders),
      layers: source.answer?.layers ?? [],
      ofHead: this.ofHead(),
      moving,
      snapshot: source.snapshot,
      gram: this.gram,
      now,
    }
  }

  // Inner products of the heads' gradients, in this run, or at the start of the next.
  get gram() {
    return this.shown.run ? (this.source.answer?.gram ?? null) : (this.start?.gram ?? null)
  }

  set(shown) {
    const before = this.shown
    this.shown = shown
    this.source.watch(true)
    this.source.set(shown)
    this.source.poll.ask() // a command may have changed what the last answer said
    if (shown.run) this.starter.stop()
    else if (before?.config !== shown.config || before.run) this.starter.ask()
    this.describe()
    this.painter.due("rows", "snapshot", "prediction")
  }

  takeStart(start) {
    this.start = start
    this.describe()
    this.painter.due("prediction")
  }

  pick(pair) {
    if (pair === this.shown.pair) return
    this.shown.pair = pair
    this.source.set({ pair })
    this.painter.due("snapshot")
    this.teller.tell("pair", pair)
  }

  take({ rows, anew, snapshot }) {
    const { source, painter } = this
    for (const chart of this.charts) if (anew && chart instanceof TugChart) chart.append(anew)
    if (rows) painter.due("rows")
    if (snapshot) painter.due("snapshot")
    const { gram, layers, lanes_now, run } = source.answer ?? {}
    const predictedFrom = JSON.stringify([gram, layers, lanes_now, run?.is_moving])
    if (predictedFrom !== this.predictedFrom) painter.due("prediction") // or it would be drawn for nothing at rest
    this.predictedFrom = predictedFrom
    if (snapshot && source.snapshot.image) this.pictures.load(source.run)
    this.describe()
  }

  describe() {
    this.tell()
    this.contents.show()
  }

  // What is told in words, and what there is to be shown at all. What is to come has its place: nothing
  // moves when it is there.
  tell() {
    const { source, shown } = this
    const { answer, fault } = source
    const isComing = answer?.is_coming ?? true
    const unshared = answer?.unshared ?? ""
    put(this.unshared, unshared)
    this.unshared.hidden = !unshared
    keep(this.predicted, !unshared && (isComing || !shown.run), this.canDraw("prediction"))
    for (const part of [this.choice, this.curves])
      if (part) keep(part, !unshared && Boolean(shown.run) && isComing, this.canDraw("rows"))
    for (const section of this.sections) section.lay(this.now, Boolean(shown.run) && isComing)
    put(this.notice, this.noticed)
    this.notice.classList.toggle("view-grave", Boolean(answer?.broke))
    if (!shown.run) {
      return this.status.say(
        "Press **Train** to look inside a run. Until then: what its first step would be, at the sliders.",
      )
    }
    if (fault) return this.status.fail(fault)
    if (!answer) return this.status.say("Looking for the run…")
    const { run } = answer
    const parts = [`step ${whole(run.step)} of ${whole(run.config.steps)}`]
    const measured = source.lines.current(shown.lane)?.step.at(-1)
    if (measured !== undefined) parts.push(`measured at step ${whole(measured)}`)
    this.status.sayRun(answer, parts)
  }

  // Why there is nothing, or what broke the run.
  get noticed() {
    const { answer } = this.source
    if (!this.shown.run) return this.start?.gram ? "" : (this.start?.told ?? "Looking at what the first step would be…")
    if (answer?.broke) return `${answer.broke.why} What is shown below is the last state without it.`
    return answer?.told ?? ""
  }
}

export const show = mount(
  "inside",
  (root, shown, teller, loaded) => new InsideView(root, shown, teller, loaded),
  loadPlotly,
)
