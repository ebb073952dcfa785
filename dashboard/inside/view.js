// The view of a run's inside: asks what is measured, and shows who pulls and what the model sees.

/** @import { ShownInside, Start } from "../client/types.js" */
import { element, figure, put } from "../client/elements.js"
import { mount } from "../client/mount.js"
import { Painter } from "../client/painter.js"
import { Pictures } from "../client/pictures.js"
import { loadPlotly } from "../client/plotly.js"
import { Poll } from "../client/poll.js"
import { onSliders, slidersNow } from "../client/sliders.js"
import { InsideSource } from "../client/sources.js"
import { StatusLine } from "../client/status.js"
import { addStyle } from "../client/style.js"
import { whole } from "../client/words.js"
import { Confusion } from "./confusion.js"
import { Contents } from "./contents.js"
import { FeatureMaps } from "./feature_maps.js"
import { InColour } from "./in_colour.js"
import { Pairs } from "./pairs.js"
import { Plane } from "./plane.js"
import { Distances, Roc } from "./snapshot_charts.js"
import { STYLE } from "./style.js"
import { LayersChart, Prediction, TugChart } from "./tug.js"

class InsideView {
  /** @type {ShownInside} */ shown
  /** @type {Start | null} */ start = null // the last answer of `/api/start`: what the first step of the next run would be
  /** @type {HTMLElement} */ curves // of gradients
  /** @type {HTMLElement} */ predicted // what the sliders would do
  /** @type {HTMLElement} */ nothing // why there is nothing
  /** @type {HTMLElement} */ of // of which state what is seen is
  /** @type {InColour} */ inColour
  /** @type {Pairs} */ pairs
  /** @type {any[]} */ charts = []
  /** @type {HTMLElement[]} */ ofDigits = [] // boxes of what is shown of digits only

  constructor(root, { heads, figures, mostLanes }, teller, plotly) {
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
      fail: (message) => this.takeStart({ gram: null, told: `The server does not answer (${message}); trying again.` }),
      pace: ({ gram }, _, resting) => (gram ? null : resting),
      isWanted: () => root.isConnected,
      resting: 1500,
    })
    onSliders(root, () => this.painter.due("prediction"))
    this.pictures = new Pictures(() => this.painter.due("snapshot"))
    this.status = new StatusLine(root, "inside")
    this.notice = element(root, "p", "inside-notice view-grave")
    this.contents = new Contents(root)
    this.makeTug()
    this.seen = element(root, "section", "inside-seen")
    this.makeSeen()
    new ResizeObserver(() => this.charts.forEach((chart) => chart.resize())).observe(root)
    document.addEventListener("visibilitychange", () => this.painter.start())
  }

  makeTug() {
    const section = element(this.root, "section", "inside-tug")
    element(section, "h2", "", "Tug of war")
    const note =
      "Each head's loss pulls on the trunk with the gradient of weight × loss. Where the cosine of two gradients is below 0, a step for the one undoes what the other wants. A head's share says how much of the step is its own; below 0, it is outvoted, and its loss rises."
    element(section, "p", "inside-note", note)
    this.curves = element(section, "div", "inside-charts view-charts")
    const { lines } = this.source
    for (const name of ["weighted", "norm", "cosine", "share"])
      this.chart(this.curves, name, "rows", TugChart, {}, lines)
    this.chart(this.curves, "layers", "rows", LayersChart, {}, lines)
    this.predicted = element(section, "div", "inside-predicted")
    this.chart(this.predicted, "prediction", "prediction", Prediction)
    this.nothing = element(section, "p", "inside-nothing")
    this.contents.add("Tug of war", this.curves)
    this.contents.add("What the sliders would do", this.predicted)
  }

  makeSeen() {
    const section = this.seen
    element(section, "h2", "", "What it sees")
    this.of = element(section, "p", "inside-of")
    const pick = (pair) => this.pick(pair)
    const cards = element(section, "div", "inside-pairs")
    this.pairs = new Pairs(cards, this.heads, this.pictures, pick)
    this.painter.add(cards, "snapshot", () => {
      if (this.source.snapshot) this.pairs.draw(this.source.snapshot, this.shown.pair)
    })
    // The layers of a pair beneath the cards, where it was clicked.
    const maps = element(section, "div", "inside-maps")
    const featureMaps = new FeatureMaps(maps, this.heads, this.pictures)
    this.painter.add(maps, "snapshot", () => this.source.snapshot && featureMaps.draw(this.source.snapshot))
    const charts = element(section, "div", "inside-charts view-charts")
    this.chart(charts, "histogram", "snapshot", Distances)
    this.chart(charts, "roc", "snapshot", Roc)
    const plane = element(section, "div", "inside-wide")
    this.inColour = new InColour(plane, () => this.painter.due("snapshot"))
    this.chart(plane, "plane", "snapshot", Plane)
    const matrices = element(section, "div", "inside-charts view-charts")
    for (const [kind, ofDigits] of [
      ["confusion", false],
      ["digits", true],
    ]) {
      for (const { name: head } of this.heads.slice(0, 2)) {
        const { box } = this.chart(matrices, `${kind}.${head}`, "snapshot", Confusion, { head, ofDigits })
        if (ofDigits) this.ofDigits.push(box)
      }
    }
    this.contents.add("Pairs", cards)
    this.contents.add("Layers of a pair", maps)
    this.contents.add("Distances", charts)
    this.contents.add("Embeddings", plane)
    this.contents.add("Confusions", matrices)
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
      frame.setAttribute("aria-label", kind === "rows" ? told : `${this.figures[name].layout.title.text}. ${told}`)
      if (kind !== "rows") put(words, told)
    })
    return { box, chart }
  }

  canDraw(kind) {
    if (kind === "rows") return Boolean(this.source.lines.current(this.shown.lane)?.step.length)
    return Boolean(kind === "prediction" ? this.gram : this.source.snapshot)
  }

  options() {
    const { shown, source } = this
    const { by, chosen } = this.inColour
    const moving = source.answer?.run.is_moving
    const { weights } = source.answer?.lanes_now[shown.lane] ?? {}
    const now = weights && this.heads.map(({ name }) => weights[name])
    return {
      ...shown,
      sliders: slidersNow(shown.sliders),
      moving,
      by,
      chosen,
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
    painter.due("prediction")
    if (snapshot) this.pictures.load(source.run)
    this.describe()
  }

  describe() {
    this.tell()
    this.contents.show()
  }

  // What is told in words, and what there is to be shown at all.
  tell() {
    const { source, shown } = this
    const { answer, snapshot, fault } = source
    this.curves.hidden = !this.canDraw("rows")
    this.seen.hidden = !snapshot
    this.predicted.hidden = !this.gram
    for (const box of this.ofDigits) box.hidden = !snapshot?.digit_confusion?.ctg_out_1
    if (snapshot) this.inColour.offer(snapshot)
    if (snapshot) {
      const lane = shown.nLanes > 1 ? ` of lane ${snapshot.lane + 1}` : ""
      const seen = `The validation pairs as the model${lane} saw them at step ${whole(snapshot.step)}.`
      put(this.of, `${seen} ${answer?.collapse ?? "Click a pair to look into it."}`)
      this.of.classList.toggle("view-grave", Boolean(answer?.collapse))
    }
    this.notice.hidden = !answer?.broke
    if (answer?.broke) this.notice.textContent = `${answer.broke.why} What is shown below is the last state without it.`
    if (!shown.run) {
      this.nothing.textContent = this.start?.gram
        ? ""
        : (this.start?.told ?? "Looking at what the first step would be…")
      return this.status.say(
        "Press **Train** to look inside a run. Until then: what its first step would be, at the sliders.",
      )
    }
    if (fault) return this.status.fail(fault)
    if (!answer) return this.status.say("Looking for the run…")
    this.nothing.textContent = answer.told
    const { run } = answer
    const parts = [`step ${whole(run.step)} of ${whole(run.config.steps)}`]
    const measured = source.lines.current(shown.lane)?.step.at(-1)
    if (measured !== undefined) parts.push(`measured at step ${whole(measured)}`)
    this.status.sayRun(answer, parts)
  }
}

export const show = mount(
  "inside",
  (root, shown, teller, loaded) => new InsideView(root, shown, teller, loaded),
  loadPlotly,
)
