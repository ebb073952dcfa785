// Loss against metric, and training against validation.

import { Figure } from "./figure.js"
import { cost, isRight, nats } from "./entropy.js"
import { hub } from "./hub.js"
import { places } from "./losses.js"
import { percent, whole } from "../client/parts.js"

const STANDS = 0.01 // an accuracy that moves less than this stands
const NOTABLE = 0.05 // nats
const RISEN = 1.25 // of its least, where a validation loss counts as risen

export class Histogram extends Figure {
  static needs = ["inside"]

  constructor(root, plotly, shown) {
    super(root, plotly, shown)
    this.choice = this.chooseHead("Head", "bin_out")
  }

  paint(chart) {
    const { snapshot } = hub
    const { heads, bins } = this.shown
    const name = this.choice.value
    const clear = () => chart.traces.forEach((trace) => Object.assign(trace, { x: [], y: [] }))
    if (!snapshot) return clear(), this.say(this.missing)
    const p = snapshot.right[name]
    const right = p.map((_, i) => isRight(snapshot, heads, name, i))
    const { counts, paid } = binned(p, right, bins)
    const total = p.reduce((sum, one) => sum + cost(one), 0)
    const x = Array.from({ length: bins }, (_, b) => (b + 0.5) / bins)
    for (const [index, kind] of [[1, "right"], [0, "wrong"]]) {
      Object.assign(chart.trace(`count ${kind}`), { x, y: counts[index] })
      Object.assign(chart.trace(`paid ${kind}`), { x, y: paid[index].map((one) => (total ? one / total : 0)) })
    }
    const nWrong = right.filter((one) => !one).length
    const ofWrong = paid[0].reduce((sum, one) => sum + one, 0)
    this.say(`${name} at step ${snapshot.step}: ${nWrong} of ${p.length} pairs are wrong, an accuracy of ${percent(1 - nWrong / p.length, 1)}; the mean loss is ${nats(total / p.length)} nats. The wrong ones are ${percent(nWrong / p.length, 1)} of the pairs and pay ${percent(total ? ofWrong / total : 0)} of the loss.${this.broke}`)
  }
}

// Number of pairs and sum of their losses by bin of p, [wrong, right].
export function binned(p, right, bins) {
  const counts = [new Array(bins).fill(0), new Array(bins).fill(0)]
  const paid = [new Array(bins).fill(0), new Array(bins).fill(0)]
  p.forEach((value, i) => {
    const b = Math.min(bins - 1, Math.floor(value * bins))
    counts[Number(right[i])][b] += 1
    paid[Number(right[i])][b] += cost(value)
  })
  return { counts, paid }
}

export class Standing extends Figure {
  constructor(root, plotly, shown) {
    super(root, plotly, shown)
    this.choice = this.chooseHead("Head", "bin_out")
  }

  paint(chart) {
    const name = this.choice.value
    const { step, columns } = validated(hub.line, [`val_accuracy.${name}`, `val_loss.${name}`])
    const [accuracy, loss] = columns
    Object.assign(chart.trace("accuracy"), { x: step, y: accuracy })
    Object.assign(chart.trace("loss"), { x: step, y: loss })
    const found = stand(accuracy, loss)
    chart.layout.shapes = found
      ? [{ type: "rect", xref: "x", yref: "paper", x0: step[found.from], x1: step[found.to], y0: 0, y1: 1, fillcolor: "rgba(128, 128, 128, 0.15)", line: { width: 0 }, layer: "below" }]
      : []
    if (!step.length) return this.say("Nothing is validated yet: the first look at the validation pairs comes after some steps of a run.")
    if (!found) return this.say(`${name}: there is no stretch yet in which the accuracy stands within ${percent(STANDS)} while the loss moves by ${NOTABLE} nats.`)
    const [from, to] = [found.from, found.to]
    const verb = loss[to] < loss[from] ? "fell" : "rose"
    this.say(`${name}, shaded: from step ${whole(step[from])} to ${whole(step[to])} the accuracy stood at ${percent(accuracy[from], 1)} to ${percent(accuracy[to], 1)}, while the loss ${verb} from ${nats(loss[from])} to ${nats(loss[to])} nats.`)
  }
}

// Steps and columns of a line, at those of its rows that have validation.
export function validated(line, names) {
  const looked = line?.column(names[0]) ?? []
  const at = [...looked.keys()].filter((k) => looked[k] !== null)
  const some = at.length > 400 ? at.filter((_, i) => i % Math.ceil(at.length / 400) === 0) : at
  return { step: some.map((k) => line.step[k]), columns: names.map((name) => some.map((k) => line.column(name)[k])), at: some }
}

// Of the stretches in which the accuracy stands, the one in which the loss moves the most.
export function stand(accuracy, loss) {
  let best = null
  for (let from = 0; from < accuracy.length; from++) {
    let [low, high] = [accuracy[from], accuracy[from]]
    for (let to = from + 1; to < accuracy.length; to++) {
      low = Math.min(low, accuracy[to])
      high = Math.max(high, accuracy[to])
      if (high - low > STANDS + 1e-9) break
      const moved = Math.abs(loss[to] - loss[from])
      if (moved >= NOTABLE && moved > (best?.moved ?? 0)) best = { from, to, moved }
    }
  }
  return best
}

export class Fit extends Figure {
  constructor(root, plotly, shown) {
    super(root, plotly, shown)
    this.choice = this.chooseHead("Head", "ctg_out_1")
  }

  paint(chart) {
    const name = this.choice.value
    const { line } = hub
    const { step, columns, at } = validated(line, [`val_loss.${name}`])
    const own = line?.column(`loss.${name}`) ?? []
    // Of training the mean since the last look, so that both curves are as smooth.
    const training = at.map((k, i) => mean(own.slice(i ? at[i - 1] + 1 : 0, k + 1)))
    const isEmpty = !at.length
    const early = isEmpty ? places(line) : []
    Object.assign(chart.trace("training"), isEmpty ? { x: early.map((k) => line.step[k]), y: early.map((k) => own[k]) } : { x: step, y: training })
    Object.assign(chart.trace("validation"), { x: step, y: columns[0] })
    if (isEmpty) return this.say("Nothing is validated yet: the first look at the validation pairs comes after some steps of a run.")
    this.say(verdict(this.head(name), step, training, columns[0], hub.records.answer.run.config))
  }
}

const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length

// What the two curves say, in words.
export function verdict({ name, classes }, step, training, validation, config) {
  const [own, other] = [training.at(-1), validation.at(-1)]
  const gap = other - own
  const told = [`${name} at step ${whole(step.at(-1))}: training ${nats(own)}, validation ${nats(other)}, a gap of ${gap < 0 ? "−" : "+"}${nats(Math.abs(gap))} nats.`]
  const smooth = validation.map((_, i) => mean(validation.slice(Math.max(0, i - 2), i + 1))) // one look is noisy
  const best = Math.min(...smooth)
  const at = smooth.indexOf(best)
  if (own > Math.log(classes)) told.push("Training is no better than a guess: neither is this overfitting nor has anything been learned.")
  else if (gap > 0 && smooth.at(-1) > RISEN * best) told.push(`The validation loss was least at step ${whole(step[at])}, with ${best.toFixed(3)} over three looks, and has risen since: overfitting.`)
  else if (gap > 0.1 && gap > own) told.push("The network does much better on what it was trained on: it has learned some of it by heart.")
  else if (gap < 0 && config.dropout > 0) told.push("Training lies above validation: dropout makes its task harder, and its value is a mean over steps that are past.")
  return told.join(" ")
}
