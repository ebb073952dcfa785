// Loss against metric, and training against validation.

import { nats, percent, whole } from "../../client/saying/words.js"
import { binned, cost, isRight, mean, NOTABLE, places, STANDS, stand, validated, verdict } from "./arithmetic.js"
import { Figure } from "./figure.js"
import { hub } from "./hub.js"

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
    if (!snapshot) {
      for (const trace of chart.traces) Object.assign(trace, { x: [], y: [] })
      return this.say(this.missing)
    }
    const p = snapshot.right[name]
    const right = p.map((_, i) => isRight(snapshot, heads, name, i))
    const { counts, paid } = binned(p, right, bins)
    const total = p.reduce((sum, one) => sum + cost(one), 0)
    const x = Array.from({ length: bins }, (_, b) => (b + 0.5) / bins)
    for (const [index, kind] of [
      [1, "right"],
      [0, "wrong"],
    ]) {
      Object.assign(chart.trace(`count ${kind}`), { x, y: counts[index] })
      Object.assign(chart.trace(`paid ${kind}`), { x, y: paid[index].map((one) => (total ? one / total : 0)) })
    }
    const nWrong = right.filter((one) => !one).length
    const ofWrong = paid[0].reduce((sum, one) => sum + one, 0)
    this.say(
      `${name} at step ${snapshot.step}: ${nWrong} of ${p.length} pairs are wrong, an accuracy of ${percent(1 - nWrong / p.length, 1)}; the mean loss is ${nats(total / p.length)} nats. The wrong ones are ${percent(nWrong / p.length, 1)} of the pairs and pay ${percent(total ? ofWrong / total : 0)} of the loss.${this.broke}`,
    )
  }
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
      ? [
          {
            type: "rect",
            xref: "x",
            yref: "paper",
            x0: step[found.from],
            x1: step[found.to],
            y0: 0,
            y1: 1,
            fillcolor: "rgba(128, 128, 128, 0.15)",
            line: { width: 0 },
            layer: "below",
          },
        ]
      : []
    if (!step.length)
      return this.say(
        "Nothing is validated yet: the first look at the validation pairs comes after some steps of a run.",
      )
    if (!found)
      return this.say(
        `${name}: there is no stretch yet in which the accuracy stands within ${percent(STANDS)} while the loss moves by ${NOTABLE} nats.`,
      )
    const [from, to] = [found.from, found.to]
    const verb = loss[to] < loss[from] ? "fell" : "rose"
    this.say(
      `${name}, shaded: from step ${whole(step[from])} to ${whole(step[to])} the accuracy stood at ${percent(accuracy[from], 1)} to ${percent(accuracy[to], 1)}, while the loss ${verb} from ${nats(loss[from])} to ${nats(loss[to])} nats.`,
    )
  }
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
    Object.assign(
      chart.trace("training"),
      isEmpty ? { x: early.map((k) => line.step[k]), y: early.map((k) => own[k]) } : { x: step, y: training },
    )
    Object.assign(chart.trace("validation"), { x: step, y: columns[0] })
    if (isEmpty)
      return this.say(
        "Nothing is validated yet: the first look at the validation pairs comes after some steps of a run.",
      )
    this.say(verdict(this.head(name), step, training, columns[0], hub.records?.answer?.run.config))
  }
}
