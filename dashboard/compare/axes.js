// The axes of the parallel coordinates. Pure.

import { percent, round } from "../client/words.js"
import { results, weightsOf } from "./curves.js"

const TIGHT = 0.002 // accuracies nearer together than this are drawn as equal

// Of each axis the value of each curve, null where there is none, and the ends.
export function axesOf(heads, curves) {
  const weights = curves.map(({ line, weights }) => weightsOf(line, heads) ?? { first: weights, now: weights })
  const found = curves.map(({ line }) => results(line, "val_accuracy", heads, 1))
  const most = Math.max(...weights.flatMap(({ first }) => first)) || 1
  const ofWeights = heads.map((head, h) => ({
    title: `weight ${head}`,
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
  const ofAccuracy = [...heads, "worst head"].map((name, c) => {
    const values = found.map((one) => one?.last[c] ?? null)
    const known = values.filter((value) => value !== null)
    const [low, high] = known.length ? [Math.min(...known), Math.max(...known)] : [0, 1]
    const ends = high - low < TIGHT ? [Math.max(0, low - 0.01), Math.min(1, high + 0.01)] : [low, high]
    return {
      title: c < heads.length ? `accuracy ${name}` : "accuracy worst head",
      values,
      words: values.map((value) => (value === null ? "" : `accuracy ${name} ${percent(value, 1)}`)),
      low: ends[0],
      high: ends[1],
      ends: ends.map((end) => percent(end, 1)),
    }
  })
  return [...ofWeights, ...ofAccuracy]
}
