// The training process over its runs, and the loss weights over the steps of one.

import { changes, changeWords } from "../../charts/curves.js"
import { count, whole } from "../../client/saying/words.js"
import { Figure } from "./figure.js"
import { hub } from "./hub.js"

const TOLD = 4 // changes that are told in words

export class Memory extends Figure {
  static needs = ["memory"]

  paint(chart) {
    const { memory, memoryFault } = hub
    const { runs = [], megabytes = [], told = "" } = memory ?? {}
    Object.assign(chart.trace("memory"), { x: runs, y: megabytes })
    chart.layout.xaxis.dtick = (runs.at(-1) ?? 0) < 10 ? 1 : undefined
    if (memoryFault || told) return this.say(memoryFault || told)
    if (!runs.length) return this.say("Asking the server…")
    const [first, last, n] = [megabytes[0], megabytes[megabytes.length - 1], runs[runs.length - 1]]
    const now = `The training process holds ${whole(last)} MB after ${count(n, "run", whole)} of this server.`
    const since =
      runs.length > 1
        ? ` After ${count(runs[0], "run", whole)} it was ${whole(first)} MB; TensorFlow alone takes some hundred, and the first run compiles what later ones use.`
        : " TensorFlow alone takes some hundred of them. Train several times to see the line."
    this.say(now + since)
  }
}

export class Weights extends Figure {
  paint(chart) {
    const { line } = hub
    const names = this.shown.heads.map(({ name }) => `loss_weights.${name}`)
    const rows = Object.fromEntries(names.map((name) => [name, line?.column(name) ?? []]))
    const step = line?.step ?? []
    const found = changes(rows, step, line?.column("time"))
    // Only where a weight changes, and the ends.
    const at = [...step.keys()].filter(
      (k) =>
        k === 0 ||
        k === step.length - 1 ||
        names.some((name) => rows[name][k] !== rows[name][k + 1] || rows[name][k] !== rows[name][k - 1]),
    )
    for (const { name } of this.shown.heads) {
      const x = at.map((k) => step[k])
      const y = at.map((k) => rows[`loss_weights.${name}`][k])
      Object.assign(chart.trace("weight", name), x.length ? { x: [0, ...x], y: [y[0], ...y] } : { x: [], y: [] })
    }
    if (!step.length)
      return this.say("No run is shown, or nothing of it is recorded yet: press Train, then move a slider.")
    if (!found.length) return this.say("No loss weight was changed in this run so far: move a slider while it trains.")
    const words = found.slice(-TOLD).map((change) => `at step ${whole(change.x)} ${changeWords(change)}`)
    this.say(
      `Loss weights were changed ${found.length === 1 ? "once" : `${found.length} times`}: ${found.length > TOLD ? "last " : ""}${words.join("; ")}.`,
    )
  }
}
