// The arithmetic of the lessons: cross-entropy, what validation found, what each head pays. Pure.

import { nats, whole } from "../../client/saying/words.js"

const LEAST = 1e-7 // as Keras cuts probabilities off, so that no logarithm is infinite
const MOST = 300 // points a curve: their number is what a redraw costs
export const STANDS = 0.01 // an accuracy that moves less than this stands
export const NOTABLE = 0.05 // nats
const RISEN = 1.25 // of its least, where a validation loss counts as risen

export const cost = (p) => Math.abs(Math.log(Math.max(p, LEAST)))

// Whether a head's most probable class of pair `i` is the right one; one that shares the greatest
// probability counts as found, as in the recorded accuracy.
export function isRight(snapshot, heads, name, i) {
  const h = heads.findIndex((head) => head.name === name)
  if (name === "bin_out") return snapshot.right.bin_out[i] >= 0.5
  const { classes, p } = snapshot.top[name]
  return classes[i][0] === snapshot.labels[i][h] || snapshot.right[name][i] >= p[i][0]
}

// At most so many places of a line, evenly spread, its last among them.
export function places(line, most = MOST) {
  const n = line?.step.length ?? 0
  const every = Math.max(1, Math.ceil(n / most))
  return Array.from({ length: Math.ceil(n / every) }, (_, k) => n - 1 - k * every).reverse()
}

// What each head pays of the step that weights `w` make: w_h (K w)_h, K the gradients' inner products.
export function ofStep(gram, w) {
  return w.map((one, h) => one * gram[h].reduce((sum, inner, k) => sum + inner * w[k], 0))
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

// Steps and columns of a line, at those of its rows that have validation.
export function validated(line, names) {
  const looked = line?.column(names[0]) ?? []
  const at = [...looked.keys()].filter((k) => looked[k] !== null)
  const some = at.length > 400 ? at.filter((_, i) => i % Math.ceil(at.length / 400) === 0) : at
  return {
    step: some.map((k) => line.step[k]),
    columns: names.map((name) => some.map((k) => line.column(name)[k])),
    at: some,
  }
}

// Of the stretches in which the accuracy stands, the one in which the loss moves the most.
/** @param {number[]} accuracy @param {number[]} loss */
export function stand(accuracy, loss) {
  /** @type {{ from: number, to: number, moved: number } | null} */ let best = null
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

export const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length

// What the two curves say, in words.
export function verdict({ name, classes }, step, training, validation, config) {
  const [own, other] = [training.at(-1), validation.at(-1)]
  const gap = other - own
  const told = [
    `${name} at step ${whole(step.at(-1))}: training ${nats(own)}, validation ${nats(other)}, a gap of ${gap < 0 ? "−" : "+"}${nats(Math.abs(gap))} nats.`,
  ]
  const smooth = validation.map((_, i) => mean(validation.slice(Math.max(0, i - 2), i + 1))) // one look is noisy
  const best = Math.min(...smooth)
  const at = smooth.indexOf(best)
  if (own > Math.log(classes))
    told.push("Training is no better than a guess: neither is this overfitting nor has anything been learned.")
  else if (gap > 0 && smooth.at(-1) > RISEN * best)
    told.push(
      `The validation loss was least at step ${whole(step[at])}, with ${best.toFixed(3)} over three looks, and has risen since: overfitting.`,
    )
  else if (gap > 0.1 && gap > own)
    told.push("The network does much better on what it was trained on: it has learned some of it by heart.")
  else if (gap < 0 && config?.dropout > 0)
    told.push(
      "Training lies above validation: dropout makes its task harder, and its value is a mean over steps that are past.",
    )
  return told.join(" ")
}
