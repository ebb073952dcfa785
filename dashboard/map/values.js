// What a weight map says in numbers and words: ranges of colours and axes, values with their noise.
// Pure.

import { percent, round } from "../client/words.js"

const KNOWN_AFTER = 1 // s of training that tell how fast it is
const RATE_OVER = 15 // s of training that the time left is told from
const CONTRAST = 3 // the colours reach as far below the median as this times what is above it

// From the best value to so far below the median that the good ones can be told apart; what is
// worse still has the last colour.
export function colourRange(values, sign) {
  if (!values.length) return [0, 1]
  const sorted = values.map((value) => sign * value).sort((a, b) => b - a)
  const [best, worst] = [sorted[0], sorted.at(-1)]
  const median = sorted[Math.floor(sorted.length / 2)]
  const last = median < best ? Math.max(worst, best - CONTRAST * (best - median)) : worst
  const [low, high] = sign > 0 ? [last, best] : [-best, -last]
  return low < high ? [low, high] : [low - 1e-3, high + 1e-3]
}

// While a map trains, colours must not shift under the eye: from what a guess scores to the best
// there can be. Of a map that has ended they tell the good ones apart.
export function colourScale(values, sign, chance, isMoving) {
  if (!isMoving) return { range: colourRange(values, sign), told: "scale fitted" }
  return { range: sign > 0 ? [chance, 1] : [0, chance], told: "scale fixed" }
}

// The axis of a Pareto scatter: while the map trains from chance to 1, then all of the front, and
// the settings near it.
export function frontRange(values, ofFront, chance, isMoving) {
  const fixed = 0.06 * (1 - chance)
  if (isMoving || !values.length) return [chance - fixed, 1 + fixed]
  const [low, high] = colourRange(values, 1)
  const least = Math.min(low, ...ofFront)
  const room = 0.06 * (high - least)
  return [least - room, high + room]
}

// Five ticks of the colour bar; an end beyond which there is more says so, and one that is chance.
export function ticks(low, high, values, isAccuracy, chance) {
  const tickvals = [0, 1, 2, 3, 4].map((k) => low + (k * (high - low)) / 4)
  const digits = high - low < 0.05 ? 1 : 0
  const ticktext = tickvals.map((value) =>
    isAccuracy ? percent(value, digits) : round(value, high - low < 0.1 ? 3 : 2),
  )
  for (const [k, end] of [low, high].entries()) if (end === chance) ticktext[4 * k] = `chance, ${ticktext[4 * k]}`
  if (Math.min(...values) < low) ticktext[0] = `≤ ${ticktext[0]}`
  if (Math.max(...values) > high) ticktext[4] = `≥ ${ticktext[4]}`
  return { tickvals, ticktext }
}

export const sum = (values) => values.reduce((total, value) => total + value, 0)

export const weightWords = (weights) => weights.map((weight) => round(weight, 4)).join(", ")

// A value with what is known of its noise: the spread over seeds, or else the sampling error.
export function valueWords(i, values, column, isAccuracy) {
  const mean = values.mean[column][i]
  if (mean === null) return "–"
  const spread = values.spread[column][i] ?? values.error?.[column][i] ?? null
  const form = isAccuracy ? (value) => (100 * value).toFixed(1) : (value) => value.toFixed(3)
  return `${form(mean)}${spread === null ? "" : ` ± ${form(spread)}`}${isAccuracy ? " %" : ""}`
}

// How far the value of a point is to be trusted, and when it was measured.
export function noiseWords(i, answer, column) {
  const { n_seeds: seeds, step, values } = answer
  const { spread } = values.val_accuracy
  const isKnown = (spread[column][i] ?? null) !== null
  const noise = isKnown ? `± spread of ${seeds[i]} seeds` : `${seeds[i]} seed, ± sampling error`
  return `${noise}, step ${step[i]}`
}

// A point in a few short lines: they stand beside the triangle.
export function lines(i, shown, answer) {
  if (!answer) return ["not trained yet"]
  const told = shown.heads.map(({ name }, h) => `${name} ${round(answer.weights[i][h], 4)}`)
  if (answer.diverged.includes(i)) told.push("diverged")
  const values = answer.values[shown.quantity]
  if (values.mean[shown.column][i] === null) return [...told, "not measured yet"]
  const isAccuracy = shown.quantity === "val_accuracy"
  const of = { worst: "worst head", mean: "mean" }[shown.column] ?? shown.column
  told.push(`${isAccuracy ? "accuracy" : "loss"}, ${of}`)
  told.push(`**${valueWords(i, values, shown.column, isAccuracy)}**`, `at step ${answer.step[i]}`)
  return told
}

export function pairWords(i, names, answer) {
  const values = answer.values.val_accuracy
  const lines = names.map((name) => `${name}: <b>${valueWords(i, values, name, true)}</b>`)
  lines.push(`weights ${weightWords(answer.weights[i])}`)
  lines.push(noiseWords(i, answer, names[0]))
  return lines.join("<br>")
}

// How a map has come on: when it was seen to have trained more.
/** @typedef {{ time: number, progress: number }[]} Past Seconds, and 0 to 1. */

/** @param {Past} past @returns {Past} with what is seen now, without what is too old to count */
export function seen(past, time, progress) {
  if (!progress || progress === past.at(-1)?.progress) return past
  const all = [...past, { time, progress }]
  while (all.length > 3 && time - all[2].time > RATE_OVER) all.shift()
  return all
}

// Seconds until the end at the speed of late, null while that is not known, and where it has turned
// out to be wrong. What was seen first does not count: until it has trained a chunk, much is made
// ready that is not made again.
/** @param {Past} past */
export function timeLeft(past, time) {
  const [first, last] = [past[1], past.at(-1)]
  if (!first || !last || last.time - first.time < KNOWN_AFTER) return null
  const rate = (last.progress - first.progress) / (last.time - first.time)
  const left = (1 - last.progress) / rate - (time - last.time)
  return left > 0 ? left : null
}
