// What a weight map says in numbers and words: ranges of colours and axes, values with their noise.
// Pure.

import { ACCURACY } from "../client/saying/measures.js"
import { count, inChart, percent, round } from "../client/saying/words.js"

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

// From what a guess scores to the best there can be; null where one of both is not known.
/** @param {{ kind: string, sign: number, chance: number | null }} measure */
export function fixedRange({ kind, sign, chance }) {
  if (chance === null) return null
  if (sign > 0) return kind === ACCURACY ? [chance, 1] : null
  return chance > 0 ? [0, chance] : null
}

// While a map trains, colours must not shift under the eye, if that can be. Of a map that has ended
// they tell the good ones apart.
export function colourScale(values, measure, isMoving) {
  const fixed = isMoving ? fixedRange(measure) : null
  if (fixed) return { range: fixed, told: "scale fixed" }
  return { range: colourRange(values, measure.sign), told: "scale fitted" }
}

// The axis of a Pareto scatter: while the map trains from chance to the best there can be, then all
// of the front, and the settings near it.
export function frontRange(values, ofFront, measure, isMoving) {
  const fixed = fixedRange(measure)
  if (fixed && (isMoving || !values.length)) return spaced(fixed)
  const [low, high] = colourRange(values, measure.sign)
  return spaced(measure.sign > 0 ? [Math.min(low, ...ofFront), high] : [low, Math.max(high, ...ofFront)])
}

// The axis of the values along a line: all of them with their noise, and while the map trains from
// chance to the best there can be.
export function lineRange(values, noise, measure, isMoving) {
  const ends = values.flatMap((value, k) => [value - (noise[k] ?? 0), value + (noise[k] ?? 0)])
  const fixed = isMoving || !values.length ? (fixedRange(measure) ?? []) : []
  const all = [...ends, ...fixed]
  if (!all.length) return [0, 1]
  const [low, high] = [Math.min(...all), Math.max(...all)]
  return spaced(low < high ? [low, high] : [low - 1e-3, high + 1e-3])
}

/** @param {number[]} range */
const spaced = ([low, high]) => [low - 0.06 * (high - low), high + 0.06 * (high - low)]

// Five ticks of the colour bar; an end beyond which there is more says so, and one that is chance.
export function ticks(low, high, values, kind, chance) {
  const tickvals = [0, 1, 2, 3, 4].map((k) => low + (k * (high - low)) / 4)
  const ticktext = tickvals.map((value) => tick(kind, value, high - low))
  for (const [k, end] of [low, high].entries()) if (end === chance) ticktext[4 * k] = `chance, ${ticktext[4 * k]}`
  if (Math.min(...values) < low) ticktext[0] = `≤ ${ticktext[0]}`
  if (Math.max(...values) > high) ticktext[4] = `≥ ${ticktext[4]}`
  return { tickvals, ticktext }
}

function tick(kind, value, span) {
  if (kind === ACCURACY) return percent(value, span < 0.05 ? 1 : 0)
  if (kind === "nats") return round(value, span < 0.1 ? 3 : 2)
  return round(value, Math.min(12, Math.max(0, 2 - Math.floor(Math.log10(span)))))
}

// Words in at most two lines of so many letters: the first ends where the middle is nearest.
/** @param {string} text @param {number} most */
export function inTwoLines(text, most) {
  if (text.length <= most) return text
  const gaps = [...text.matchAll(/ /g)].map(({ index }) => index)
  const off = (index) => Math.abs(index - text.length / 2)
  const [middle] = gaps.sort((one, other) => off(one) - off(other))
  return middle === undefined ? text : `${text.slice(0, middle)}<br>${text.slice(middle + 1)}`
}

// Words cut in their middle to so many letters.
/** @param {string} text @param {number} most */
export function cutShort(text, most) {
  if (text.length <= most) return text
  const kept = Math.max(2, most - 1)
  return `${text.slice(0, Math.ceil(kept / 2))}…${text.slice(text.length - Math.floor(kept / 2))}`
}

export const sum = (values) => values.reduce((total, value) => total + value, 0)

export const weightWords = (weights) => weights.map((weight) => round(weight, 4)).join(", ")

// What is known of the noise of a value: the spread over seeds, or else the sampling error; or null.
export const noiseOf = (i, values, column) => values.spread[column][i] ?? values.error?.[column]?.[i] ?? null

// A value with what is known of its noise.
export function valueWords(i, values, column, kind) {
  const mean = values.mean[column][i]
  if (mean === null) return "–"
  const noise = noiseOf(i, values, column)
  return `${form(kind, mean)}${noise === null ? "" : ` ± ${form(kind, noise)}`}${kind === ACCURACY ? " %" : ""}`
}

function form(kind, value) {
  if (kind === ACCURACY) return (100 * value).toFixed(1)
  if (kind === "nats") return value.toFixed(3)
  if (kind === "rank") return value.toFixed(1)
  const size = Math.abs(value)
  return size >= 1e4 || (size > 0 && size < 0.01) ? value.toExponential(2).replace("e+", "e") : value.toFixed(3)
}

// The quantity that the heads are judged by.
export const judged = (shown) => Object.keys(shown.measures)[0]

// How far the value of a point is to be trusted, and when it was measured.
export function noiseWords(i, shown, answer, column) {
  const { n_seeds: seeds, step, values } = answer
  const quantity = judged(shown)
  const isKnown = (values[quantity].spread[column][i] ?? null) !== null
  const error = shown.measures[quantity][column].kind === ACCURACY ? ", ± sampling error" : ""
  const noise = isKnown ? `± spread of ${seeds[i]} seeds` : `${count(seeds[i], "seed")}${error}`
  return `${noise}, step ${step[i]}`
}

// What a column is of a quantity, in a word or two: "accuracy", "loss", "mean absolute error".
export function kindWords({ kind, of, isLoss }) {
  if (of === "rank") return "mean rank"
  return isLoss ? "loss" : kind.replaceAll("_", " ")
}

export const columnWords = (column, { of }) => ({ worst: "worst head", mean: "mean of the heads" })[of] ?? column

// A point in a few short lines: they stand beside the triangle, and above the line.
export function lines(i, shown, answer) {
  if (!answer) return ["not trained yet"]
  const told = shown.varied.map((h) => `${shown.heads[h].name} ${round(answer.weights[i][h], 4)}`)
  if (answer.diverged.includes(i)) told.push("diverged")
  const values = answer.values[shown.quantity]
  if (values.mean[shown.column][i] === null) return [...told, "not measured yet"]
  const measure = shown.measures[shown.quantity][shown.column]
  const of = { worst: ", worst head", mean: ", mean", rank: "" }[measure.of] ?? `, ${shown.column}`
  told.push(`${kindWords(measure)}${of}`)
  told.push(`**${valueWords(i, values, shown.column, measure.kind)}**`, `at step ${answer.step[i]}`)
  return told
}

export function pairWords(i, shown, answer) {
  const quantity = judged(shown)
  const [values, measures] = [answer.values[quantity], shown.measures[quantity]]
  const lines = shown.pair.map((name) => `${inChart(name)}: <b>${valueWords(i, values, name, measures[name].kind)}</b>`)
  lines.push(`weights ${weightWords(answer.weights[i])}`)
  lines.push(noiseWords(i, shown, answer, shown.pair[0]))
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

// Progress in a second, of late; null while that is not known. What was seen first does not count:
// until it has trained a chunk, much is made ready that is not made again.
/** @param {Past} past */
function speed(past) {
  const [first, last] = [past[1], past.at(-1)]
  if (!first || !last || last.time - first.time < KNOWN_AFTER) return null
  return (last.progress - first.progress) / (last.time - first.time)
}

// Seconds until the end at that speed, null while it is not known, and where it has turned out to be
// wrong.
/** @param {Past} past */
export function timeLeft(past, time) {
  const [rate, last] = [speed(past), past.at(-1)]
  if (!rate || !last) return null
  const left = (1 - last.progress) / rate - (time - last.time)
  return left > 0 ? left : null
}

// Milliseconds in which there is more to be seen: a percent of the map, if that is not very little or
// very long.
/** @param {Past} past @param {{ least: number, most: number }} between */
export function paceOf(past, { least, most }) {
  return Math.min(most, Math.max(least, 10 / (speed(past) ?? Infinity)))
}
