// Several losses: how the total is made, which layers each loss reaches, who has a say at the start.

import { Poll } from "../../client/asking/poll.js"
import { nats, percent, round } from "../../client/saying/words.js"
import { onSliders, slidersNow } from "../../client/telling/sliders.js"
import { ofStep, places } from "./arithmetic.js"
import { Figure, onColour } from "./figure.js"
import { hub } from "./hub.js"

export class Total extends Figure {
  paint(chart) {
    const { line } = hub
    const at = places(line)
    const parts = this.shown.heads.map(({ name }) => {
      const [loss, weight] = [line?.column(`loss.${name}`), line?.column(`loss_weights.${name}`)]
      const y = at.map((k) => weight[k] * loss[k])
      Object.assign(chart.trace("part", name), { x: at.map((k) => line.step[k]), y })
      return y[y.length - 1]
    })
    if (!at.length) return this.say("No run is shown, or nothing of it is recorded yet: press Train.")
    const total = parts.reduce((sum, part) => sum + part, 0)
    const last = line.last()
    const words = this.shown.heads.map(
      ({ name }) => `${round(last[`loss_weights.${name}`], 3)} × ${nats(last[`loss.${name}`])} (${name})`,
    )
    this.say(`At step ${last.step}: total ${nats(total)} = ${words.join(" + ")}.`)
  }
}

export class Reach extends Figure {
  static needs = ["inside"]

  paint(chart) {
    const { heads, trunkLayers } = this.shown
    const names = heads.map(({ name }) => name)
    const { measured } = hub
    const last = measured?.last()
    const layers = last ? (hub.inside?.answer?.layers ?? []).map(({ name }) => name) : [...trunkLayers, ...names]
    const norm = (layer, head) =>
      last ? (last[`layer_norm.${layer}.${head}`] ?? 0) : !names.includes(layer) || layer === head ? 1 : 0
    const z = layers.map((layer) => names.map((head) => norm(layer, head)))
    const reached = (value) => (last ? value.toPrecision(2) : "reached")
    const isNever = (l, h) => names.includes(layers[l]) && layers[l] !== names[h]
    const text = z.map((row, l) => row.map((value, h) => (value ? reached(value) : isNever(l, h) ? "0, never" : "0")))
    const largest = Math.log10(Math.max(...z.flat(), 1e-12))
    // By the logarithm, over four powers of ten; what is not reached has no colour.
    const shade = (value) => (value ? Math.min(1, Math.max(0.15, 1 + (Math.log10(value) - largest) / 4)) : 0)
    const trace = chart.trace("reach")
    Object.assign(trace, { x: names, y: layers, z: z.map((row) => row.map(shade)), text, zmin: 0, zmax: 1 })
    const rgb = chart.dark ? "86, 180, 233" : "0, 114, 178"
    trace.colorscale = [
      [0, "rgba(128, 128, 128, 0.12)"],
      [0.01, `rgba(${rgb}, 0.05)`],
      [1, `rgba(${rgb}, 0.45)`],
    ]
    trace.textfont = { ...trace.textfont, color: chart.layout.font.color }
    const structure = "Each loss reaches the trunk and the layer of its own head, and the layer of no other head."
    if (!last) return this.say(`${structure} ${this.missing}`)
    const shares = names.map((head) => last[`share.${head}`])
    const words = names.map(
      (head, h) => `${head} ${shares[h] === null ? "nothing, there is no gradient" : percent(shares[h])}`,
    )
    this.say(
      `${structure} The numbers are norms of unweighted gradients, measured at step ${last.step}. Of that step on the trunk, with the weights, each head paid for: ${words.join(", ")}.${this.broke}`,
    )
  }
}

// At equal weights, at the sliders', at 1 / ln C: shares of the total, and of the first step.
export class Start extends Figure {
  /** @type {number[][] | null} */ gram = null // inner products of the heads' gradients at the start, null while they are not known
  gramTold = "" // why they are not
  askedOf = "" // the settings of which they are
  isAsked = false

  constructor(root, plotly, shown) {
    super(root, plotly, shown)
    onSliders(root, () => {
      this.isStale = true
      hub.schedule()
    })
    const take = (gram, told) => {
      Object.assign(this, { gram, gramTold: told, isStale: true })
      hub.schedule()
    }
    this.poll = new Poll({
      question: () => `api/start?config=${encodeURIComponent(this.askedOf)}`,
      take: ({ gram, told }) => take(gram ?? null, told),
      fail: (message) => take(null, `The server does not answer (${message}).`),
      pace: ({ gram }, _, resting) => (gram ? null : resting),
      isWanted: () => root.isConnected && !this.gram,
    })
  }

  set(shown) {
    const asked = JSON.stringify(shown.config)
    if (asked !== this.askedOf) Object.assign(this, { askedOf: asked, gram: null, gramTold: "", isAsked: false })
    super.set(shown)
  }

  paint(chart) {
    const { heads, sliders, inverseLog, classes } = this.shown
    if (!this.isAsked) this.poll.ask() // not before somebody sees it
    this.isAsked = true
    /** @type {[string, number[]][]} */
    const settings = [
      ["equal", heads.map(() => 1)],
      ["sliders", slidersNow(sliders)],
      ["1 / ln C", inverseLog],
    ]
    const guess = classes.map((n) => Math.log(n))
    /** @type {[string, number[]][]} */
    const rows = []
    for (const [name, w] of settings) {
      rows.push([`${name}: total`, w.map((one, h) => one * guess[h])])
      if (this.gram) rows.push([`${name}: step`, ofStep(this.gram, w)])
    }
    const shares = rows.map(([, parts]) => parts.map((part) => part / (parts.reduce((sum, one) => sum + one, 0) || 1)))
    heads.forEach(({ name }, h) => {
      const trace = chart.trace("share", name)
      const x = shares.map((row) => row[h])
      Object.assign(trace, {
        y: rows.map(([row]) => row),
        x,
        text: x.map((one) => (Math.abs(one) > 0.09 ? percent(one) : "")),
      })
      trace.insidetextfont = { color: onColour(chart.dark) }
      if (chart.dark === false) trace.marker.line = { color: "#ffffff", width: 1 }
    })
    chart.layout.yaxis.range = undefined
    const words = ([, w], k) => {
      const row = shares[rows.findIndex(([title]) => title.startsWith(`${settings[k][0]}: total`))]
      return `${settings[k][0]} (${w.map((one) => round(one, 3)).join(", ")}): ${row.map((one) => percent(one)).join(", ")}`
    }
    const first = firstRecord(hub.line, heads)
    const seen = first ? ` This run's first record, at step ${first.step}: ${first.words}.` : ""
    const steps = rows.flatMap(([title], r) =>
      title.endsWith(": step") ? [`${title.split(":")[0]}: ${shares[r].map((one) => percent(one)).join(", ")}`] : [],
    )
    const about = this.gram
      ? ` Of the first step they pay, at ${steps.join("; at ")}.`
      : ` Of the first step: ${this.gramTold || "asking…"}`
    this.say(
      `Shares of the total of ${heads.map(({ name }) => name).join(", ")} for heads that guess, at ${settings.map(words).join("; at ")}.${seen}${about}`,
    )
  }
}

function firstRecord(line, heads) {
  if (!line?.step.length) return null
  const words = heads.map(
    ({ name, classes }) =>
      `${name} ${nats(line.column(`loss.${name}`)[0])} (ln ${classes} = ${nats(Math.log(classes))})`,
  )
  return { step: line.step[0], words: words.join(", ") }
}
