// The axes of the parallel coordinates. Pure.

/** @import { Measured } from "../client/saying/measures.js" */
import { called, haveOneMetric, isShare, looked, measured, signOf } from "../client/saying/measures.js"
import { round } from "../client/saying/words.js"
import { isKnown, results, weightsOf } from "./curves.js"

const TIGHT = 0.002 // accuracies nearer together than this are drawn as equal, and all else by its size

// Of each axis the value of each curve, null where there is none, and the ends: the worse one first.
/** @param {Measured[]} heads @param {any[]} curves */
export function axesOf(heads, curves) {
  const names = heads.map(({ name }) => name)
  const weights = curves.map(({ line, weights }) => weightsOf(line, names) ?? { first: weights, now: weights })
  const most = Math.max(...weights.flatMap(({ first }) => first)) || 1
  const ofWeights = names.map((head, h) => ({
    title: `weight ${head}`,
    lines: ["weight", head],
    values: weights.map(({ first }) => first[h]),
    moved: weights.map(({ first, now }) => first[h] !== now[h]),
    words: weights.map(({ first, now }) => {
      const later = first[h] === now[h] ? "" : `, moved to ${round(now[h], 4)} later`
      return `weight ${head} ${round(first[h], 4)}${later}`
    }),
    low: 0,
    high: most,
    ends: ["0", round(most, 4)],
  }))
  const haveWorst = heads.length > 1 && haveOneMetric(heads)
  const found = curves.map(({ line }) =>
    results(line, heads.map(looked), heads.map(signOf), haveWorst ? heads.map(() => 1) : null),
  )
  const measures = haveWorst ? [...heads, { ...heads[0], name: "worst head" }] : heads
  const ofMeasures = measures.map((head, c) => {
    const values = found.map((one) => one?.last[c] ?? null)
    const known = values.filter(isKnown)
    const ends = signOf(head) > 0 ? endsOf(head, known) : endsOf(head, known).reverse()
    const title = `${called(head)} ${head.name}`
    return {
      title,
      lines: [called(head), head.name],
      values,
      moved: null, // nothing that was set
      words: values.map((value) => (value === null ? "" : `${title} ${measured(head, value)}`)),
      low: ends[0],
      high: ends[1],
      ends: ends.map((end) => measured(head, end)),
    }
  })
  return [...ofWeights, ...ofMeasures]
}

// The least and the greatest of the values, and some room where they are as good as equal.
function endsOf(head, values) {
  const [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [0, 1]
  if (isShare(head)) return high - low < TIGHT ? [Math.max(0, low - 0.01), Math.min(1, high + 0.01)] : [low, high]
  const size = Math.max(Math.abs(low), Math.abs(high)) || 1
  return high - low < TIGHT * size ? [low - 0.01 * size, high + 0.01 * size] : [low, high]
}
