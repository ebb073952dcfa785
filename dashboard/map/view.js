// The map view: asks what a weight map has found, and shows status, pictures, picked point, table.

/** @import { ShownMap, WeightMap } from "../client/types.js" */
import { ofRun } from "../client/asking/fetch.js"
import { Poll, usual } from "../client/asking/poll.js"
import { element, figure, put } from "../client/drawing/elements.js"
import { Painter } from "../client/drawing/painter.js"
import { loadPlotly } from "../client/drawing/plotly.js"
import { StatusLine } from "../client/drawing/status.js"
import { addStyle } from "../client/drawing/style.js"
import { Drawing } from "../client/drawing/tasks.js"
import { capital, percent, whole } from "../client/saying/words.js"
import { mount } from "../client/telling/mount.js"
import { Front } from "./pictures/front.js"
import { Line } from "./pictures/line.js"
import { Readout } from "./pictures/readout.js"
import { Triangle } from "./pictures/triangle.js"
import { PickedPoint } from "./point.js"
import { STYLE } from "./style.js"
import { MapTable } from "./table.js"
import { paceOf, seen, timeLeft } from "./values.js"

const PACES = { least: 250, most: 1000 } // ms between two questions

class MapView {
  /** @type {ShownMap} */ shown
  /** @type {WeightMap | null} */ answer = null // the last one of `/api/runs/{id}/map`
  fault = "" // why there is no newer one
  /** @type {import("./values.js").Past} */ past = [] // of the run's progress

  constructor(root, shown, teller, plotly) {
    const { figures, heads, columns, shape, others } = shown
    addStyle("map", STYLE)
    this.teller = teller
    this.drawing = new Drawing(root)
    this.poll = new Poll({
      question: () => this.shown.run && ofRun(this.shown.run, "map", { known: this.answer?.edition ?? null }),
      take: (answer) => this.take(answer),
      fail: (message) => {
        this.fault = message
        this.describe()
      },
      isWanted: () => root.isConnected,
      resting: PACES.most,
      pace: (answer, _, resting) => usual(answer, paceOf(this.past, PACES), resting),
    })
    this.status = new StatusLine(root, "map")
    this.progress = element(root, "progress", "map-progress")
    this.progress.setAttribute("aria-label", "Progress of the weight map")
    const pictures = element(root, "div", "map-main")
    const onPick = (point) => this.pick(point)
    const box = element(pictures, "div", "map-picture")
    const place = figure(box, `map-${shape}`)
    const readout = new Readout(box)
    /** @type {Line | Triangle} */ this.picture = figures.triangle
      ? new Triangle(place, figures.triangle, onPick, readout)
      : new Line(plotly, place, figures.line, onPick, readout)
    this.others = others ? element(box, "p", "map-others") : null
    const onTrain = (point) => teller.tell("train", point)
    const panel = element(pictures, "section", "map-point")
    this.point = new PickedPoint(panel, plotly, shown, { onUse: onPick, onTrain })
    this.noise = element(root, "p", "map-noise")
    this.front = new Front(plotly, figure(root, "map-front"), figures.front, onPick)
    const onLook = (point) => this.picture.pointer.look(point)
    const numbers = element(root, "section", "map-numbers")
    this.table = new MapTable(numbers, heads, columns, { onPick, onLook })
    // While the map trains, of its parts those on screen are drawn, one after another.
    this.painter = new Painter()
    this.painter.add(box, "map", () => this.drawPicture())
    this.painter.add(panel, "map", () => this.drawPoint())
    this.painter.add(this.front.element, "map", () => this.drawFront())
    this.painter.add(numbers, "map", () => this.drawTable())
    document.addEventListener("visibilitychange", () => this.painter.start())
    new ResizeObserver(() => {
      for (const part of [this.picture, this.front, this.point]) part.resize()
    }).observe(pictures)
  }

  set(shown) {
    if (this.shown?.run !== shown.run) Object.assign(this, { answer: null, fault: "", past: [] })
    this.shown = shown
    this.poll.ask() // a command may have changed what the last answer said
    this.draw()
  }

  // Shown at once; Python puts the weights into the sliders and remembers the point.
  pick(point) {
    if (point === undefined || !this.answer) return
    this.shown.point = point
    this.teller.tell("point", point)
    this.draw()
  }

  // An answer that knows of nothing new has no more than how far the map is.
  take(answer) {
    const before = this.answer
    Object.assign(this, { answer: { ...before, ...answer }, fault: "" })
    const { run, edition, model_steps: trained, all_model_steps: all } = answer
    this.past = run.is_moving ? seen(this.past, now(), trained / all) : []
    this.teller.news(this.shown.state, run.state)
    if (edition === before?.edition) return this.describe()
    if (!before || !run.is_moving) return this.draw()
    this.describe()
    return this.painter.due("map")
  }

  draw() {
    const first = () => {
      this.drawPicture()
      this.describe()
    }
    const rest = () => {
      this.drawFront()
      this.drawPoint()
      this.drawTable()
    }
    return this.drawing.run([first, rest])
  }

  drawPicture() {
    const { shown, answer } = this
    this.picture.set({ shown, answer })
    this.picture.element.setAttribute("aria-label", this.inWords())
    if (this.others) put(this.others, shown.others)
    put(this.noise, answer?.values[shown.quantity].noise[shown.column] ?? "")
    return this.picture.draw()
  }

  drawFront() {
    const { shown, answer } = this
    this.front.set({ shown, answer })
    this.front.element.setAttribute("aria-label", `${shown.axes.join(" against ")}: the table has the numbers`)
    return this.front.draw()
  }

  drawPoint() {
    this.point.draw(this.shown, this.answer, this.teller.isWaiting("point"))
  }

  drawTable() {
    this.table.draw(this.shown, this.answer)
  }

  inWords() {
    const { shown, answer } = this
    const best = answer?.values[shown.quantity].best[shown.column] ?? null
    const picture = `${capital(shown.shape)} of loss weights, ${shown.title}`
    if (!answer || best === null) return `${picture}: nothing measured yet`
    return `${picture}: best at ${answer.weights[best].join(", ")}; the table has the numbers`
  }

  describe() {
    const { answer, fault, status, progress, shown } = this
    progress.style.visibility = shown.run ? "visible" : "hidden"
    if (!shown.run) return status.say("Press **Train map** to begin.")
    if (fault) return status.fail(fault)
    if (!answer) return status.say("Looking for the map…")
    const { run, model_steps: trained, all_model_steps: all, parts, parts_done: done } = answer
    progress.value = trained / all
    const left = timeLeft(this.past, now())
    const told = [`${percent(trained / all)}, ${whole(trained)} of ${whole(all)} model-steps trained`]
    if (parts > 1 && !run.is_finished) told.push(`part ${Math.min(done + 1, parts)} of ${parts}`)
    if (left !== null) told.push(`about ${whole(Math.ceil(left))} s left`)
    status.sayRun(answer, told)
  }
}

const now = () => performance.now() / 1000 // s

export const show = mount("map", (root, shown, teller, loaded) => new MapView(root, shown, teller, loaded), loadPlotly)
