// What the heads of any model answer to the validation examples, each by its kind: a confusion matrix of
// a head with classes, predicted against true of one with numbers, and nothing of any other.

import { element, put } from "../../client/drawing/elements.js"
import { explained } from "../../client/drawing/terms.js"
import { whole } from "../../client/saying/words.js"
import { keep } from "../keep.js"
import { Confusion } from "./confusion.js"
import { Numbers } from "./numbers.js"

const KINDS = { classes: Confusion, numbers: Numbers }

export class Answers {
  isLaid = false
  options = {}
  /** @type {(parent: HTMLElement, name: string, Kind: any, more: any) => HTMLElement} */ makeChart
  /** @type {() => void} */ redraw
  /** @type {{ name: string, part: HTMLElement, draw?: (now: any) => void }[]} */ parts

  constructor(root, { chart, redraw }) {
    this.makeChart = chart
    this.redraw = redraw
    this.root = element(root, "section", "inside-answers")
    explained(element(this.root, "h2"), "What the heads answer in [validation]")
    this.of = element(this.root, "p", "inside-note")
    this.charts = element(this.root, "div", "inside-charts view-charts")
    this.parts = [{ name: "Answers of the heads", part: this.root }]
  }

  // With the first snapshot it is known of which kinds the heads are.
  lay({ snapshot, nLanes }, isComing) {
    const answers = Object.entries(snapshot?.answers ?? {})
    keep(this.root, isComing && (this.isLaid || answers.length > 0), answers.length > 0)
    if (!answers.length) return
    const lane = nLanes > 1 ? ` of lane ${snapshot.lane + 1}` : ""
    const said = `What the model${lane} answers at step ${whole(snapshot.step)}, not in training mode`
    put(this.of, `${said}: which class is taken for which; of numbers, what is predicted against what is true.`)
    if (this.isLaid) return
    this.isLaid = true
    for (const [head, { kind }] of answers) this.makeChart(this.charts, `${kind}.${head}`, KINDS[kind], { head })
    this.redraw()
  }
}
