// Cross-entropy: the curve -ln p, and the terms of one validation picture.

import { Pictures } from "../../client/asking/pictures.js"
import { button, element, put } from "../../client/drawing/elements.js"
import { nats, percent } from "../../client/saying/words.js"
import { cost, isRight } from "./arithmetic.js"
import { Figure } from "./figure.js"
import { hub } from "./hub.js"

const GUESSED = 37 // the right class of the example while there is no run

export class Curve extends Figure {
  constructor(root, plotly, shown) {
    super(root, plotly, shown)
    const label = element(this.controls, "label", "", "Drag the probability p of the right class")
    this.slider = element(label, "input")
    Object.assign(this.slider, { type: "range", min: "0.001", max: "1", step: "0.001", value: "0.25" })
    this.output = element(label, "output")
    this.slider.addEventListener("input", () => this.draw())
  }

  paint(chart) {
    const p = Number(this.slider.value)
    const loss = cost(p)
    this.output.textContent = p.toFixed(3)
    this.slider.setAttribute("aria-valuetext", `p ${p.toFixed(3)}, loss ${loss.toFixed(3)} nats`)
    Object.assign(chart.trace("chosen"), { x: [p], y: [loss] })
    const reach = Math.min(0.15, 1.2 * p)
    const ends = [Math.max(0, p - reach), Math.min(1.02, p + reach)]
    Object.assign(chart.trace("tangent"), { x: ends, y: ends.map((x) => loss - (x - p) / p) })
    const told = [
      `At p = ${p.toFixed(3)} the loss is −ln ${p.toFixed(3)} = ${loss.toFixed(3)} nats; 0.01 more of p takes about ${(0.01 / p).toFixed(3)} off.`,
    ]
    const last = hub.line?.last()
    for (const { name } of this.shown.heads) {
      const trace = chart.trace("head", name)
      const own = last ? last[`loss.${name}`] : null
      Object.assign(trace, own === null ? { x: [], y: [] } : { x: [Math.exp(-own)], y: [own] })
    }
    if (last) {
      const parts = this.shown.heads.map(
        ({ name }) =>
          `${name} ${nats(last[`loss.${name}`])}, as if each right class had had ${percent(Math.exp(-last[`loss.${name}`]), 1)}`,
      )
      told.push(`This run at step ${last.step}: ${parts.join("; ")}.`)
    } else told.push("Once a run is there, its three heads are on the curve too.")
    this.say(told.join(" "))
  }
}

export class Terms extends Figure {
  static needs = ["inside"]

  constructor(root, plotly, shown) {
    super(root, plotly, shown)
    this.choice = this.chooseHead("Head", "ctg_out_1")
    const label = element(this.controls, "label", "", "Validation pair")
    this.number = element(label, "input")
    Object.assign(this.number, {
      type: "number",
      min: "0",
      max: String(shown.pairs - 1),
      step: "1",
      value: String(hub.pair),
    })
    this.number.addEventListener("change", () => this.pick(Number(this.number.value)))
    button(this.controls, "Next pair", () => this.pick(hub.pair + 1))
    this.wrong = button(this.controls, "Next wrong one", () => this.pick(this.nextWrong()))
    this.pictures = element(root, "div", "learn-pictures")
    this.pictures.hidden = true
    root.insertBefore(this.pictures, this.box)
    this.sides = [0, 1].map((side) => {
      const box = element(this.pictures, "figure")
      const canvas = element(box, "canvas")
      canvas.setAttribute("role", "img")
      canvas.setAttribute("aria-label", `Image ${side + 1}, not drawn yet`)
      return { canvas, caption: element(box, "figcaption") }
    })
    this.labels = element(root, "ul", "learn-labels")
    this.sprite = new Pictures(() => this.draw())
  }

  pick(pair) {
    const { pairs } = this.shown
    hub.pick(Number.isInteger(pair) ? ((pair % pairs) + pairs) % pairs : 0)
    this.number.value = String(hub.pair)
    this.draw()
  }

  // The next pair that the chosen head gets wrong, the present one if there is none.
  nextWrong() {
    const { snapshot } = hub
    const n = snapshot.labels.length
    for (let k = 1; k < n; k++) {
      const i = (hub.pair + k) % n
      if (!isRight(snapshot, this.shown.heads, this.choice.value, i)) return i
    }
    return hub.pair
  }

  paint(chart) {
    const { snapshot } = hub
    const h = this.shown.heads.findIndex(({ name }) => name === this.choice.value)
    const head = this.shown.heads[h]
    const own = snapshot?.pair ?? null
    this.wrong.disabled = !own
    this.number.disabled = !own
    const p = own ? own.probabilities[head.name] : new Array(head.classes).fill(1 / head.classes)
    const right = own ? snapshot.labels[own.index][h] : Math.min(GUESSED, head.classes - 1)
    const oneHot = p.map((_, c) => (c === right ? 1 : 0))
    const terms = p.map((value, c) => (oneHot[c] ? oneHot[c] * cost(value) : 0))
    const classes = p.map((_, c) => c)
    chart.layout.xaxis.range = [-0.5, p.length - 0.5]
    chart.layout.uirevision = `${hub.run} ${head.name}`
    chart.layout.yaxis.range = [0, 1.05 * Math.max(...p)]
    chart.layout.yaxis2.range = [0, 1.05 * Math.max(0.1, ...terms)]
    Object.assign(chart.trace("probability"), { x: classes, y: p })
    Object.assign(chart.trace("term"), { x: classes, y: terms })
    this.drawPictures(snapshot, own)
    const sum = terms.reduce((all, one) => all + one, 0)
    const what = own
      ? `Pair ${own.index} at step ${snapshot.step}, ${head.name}`
      : `${this.missing} Meanwhile, a network that knows nothing`
    const best = p.indexOf(Math.max(...p))
    const verdict = !own
      ? ""
      : best === right
        ? " It is right."
        : ` It is wrong: its most probable class is ${best}, with ${percent(p[best], 1)}.`
    this.say(
      `${what}: the right class, ${right}, has p = ${p[right].toFixed(4)}. The sum of all ${p.length} terms is ${sum.toFixed(4)} nats, and −ln ${p[right].toFixed(4)} = ${cost(p[right]).toFixed(4)}; the label of each of the other ${p.length - 1} is 0, and so is its term.${verdict}${this.broke}`,
    )
    this.drawLabels(oneHot, right, sum, cost(p[right]))
  }

  drawLabels(oneHot, right, categorical, sparse) {
    const near = oneHot.slice(Math.max(0, right - 2), right + 3)
    const row = `[${right > 2 ? "…, " : ""}${near.join(", ")}${right + 3 < oneHot.length ? ", …" : ""}]`
    const texts = [
      `Categorical label: ${row}, ${oneHot.length} numbers with a 1 at place ${right}; loss ${categorical.toFixed(4)}`,
      `Sparse label: ${right}, one number; loss ${sparse.toFixed(4)}`,
    ]
    if (this.labels.textContent === texts.join("")) return
    this.labels.replaceChildren()
    for (const text of texts) element(this.labels, "li", "", text)
  }

  drawPictures(snapshot, own) {
    this.pictures.hidden = !own
    if (!own) return
    this.sprite.load(hub.run)
    this.sides.forEach(({ canvas, caption }, side) => {
      const is = snapshot.classes[snapshot.labels[own.index][side]]
      canvas.setAttribute("aria-label", `Image ${side + 1} of pair ${own.index}: ${is}`)
      put(caption, `Image ${side + 1}: ${is}`)
      this.sprite.draw(canvas, own.index, side, snapshot.image)
    })
  }
}
