// The arithmetic of comparing curves. Pure.

/** @import { Line } from "../client/asking/lines.js" */

const [FROM, TO] = [0.025, 0.975] // quantiles between which values are no outliers
const ROOM = 0.05 // of the range, above and below

// Of a curve through (xs, ys) with rising xs, the values at rising places x: linear in between,
// null outside.
export function interpolated(x, xs, ys) {
  let k = 1
  return x.map((at) => {
    if (!xs.length || at < xs[0] || at > xs.at(-1)) return null
    while (k < xs.length - 1 && xs[k] < at) k++
    if (xs.length === 1 || xs[k] === xs[k - 1]) return ys[Math.min(k, ys.length - 1)]
    const share = (at - xs[k - 1]) / (xs[k] - xs[k - 1])
    return ys[k - 1] + share * (ys[k] - ys[k - 1])
  })
}

// How far a curve is above another at the same x, null where the other has nothing to compare with.
export function above(x, y, xs, ys) {
  const others = interpolated(x, xs, ys)
  return y.map((value, k) => (others[k] === null ? null : value - others[k]))
}

// The axis that leaves outliers out of sight: from the 2.5 % to the 97.5 % quantile of the values,
// and some room. Of a logarithmic axis in powers of ten, as Plotly has it. Null where nothing is.
export function usualRange(values, isLog) {
  const known = values.filter((value) => value !== null && Number.isFinite(value) && (!isLog || value > 0))
  if (!known.length) return null
  const sorted = (isLog ? known.map(Math.log10) : known).sort((a, b) => a - b)
  const [low, high] = [quantile(sorted, FROM), quantile(sorted, TO)]
  const room = ROOM * (high - low) || Math.abs(low) * ROOM || 0.01
  return [low - room, high + room]
}

// Linear between the two nearest of the sorted values.
export function quantile(sorted, share) {
  const at = share * (sorted.length - 1)
  const k = Math.floor(at)
  return k + 1 < sorted.length ? sorted[k] + (at - k) * (sorted[k + 1] - sorted[k]) : sorted[k]
}

// What validation found along a line: of each column the last value and the best one, null where it has
// none. `signs` say whether more (1) or less (-1) of a column is better. With `guesses`, what a guess
// has by column, there is one value more: at each look that of the column that did worst, as its share
// of a guess, since a loss of ln 100 says as little as one of ln 2. Its sign is that of all.
/** @param {Line | undefined} line @param {string[]} names @param {number[]} signs @param {number[] | null} guesses */
export function results(line, names, signs, guesses = null) {
  const columns = names.map((name) => line?.column(name) ?? [])
  const places = line ? [...line.step.keys()] : []
  const looks = places.filter((k) => columns.some((column) => isKnown(column[k])))
  if (!looks.length) return null
  const worst = (row, shares) =>
    row.every(isKnown) ? signs[0] * Math.min(...row.map((v, h) => signs[0] * (v / shares[h]))) : null
  const rows = looks.map((k) => {
    const row = columns.map((column) => column[k] ?? null)
    return guesses ? [...row, worst(row, guesses)] : row
  })
  const best = rows[0].map((_, c) => {
    const sign = signs[c] ?? signs[0]
    const known = rows.map((row) => row[c]).filter(isKnown)
    return known.length ? sign * Math.max(...known.map((value) => sign * value)) : null
  })
  return { step: line?.step[Number(looks.at(-1))], last: rows[rows.length - 1], best }
}

// Whether there is a value: a run may lack a column, and a look a value.
export const isKnown = (value) => (value ?? null) !== null

// The loss weights of a line as it began, and as they are now.
export function weightsOf(line, heads) {
  const columns = heads.map((head) => line?.column(`loss_weights.${head}`) ?? [])
  const first = line?.from > -Infinity ? line.step.findIndex((step) => step > line.from) : 0
  if (!columns[0].length || first < 0) return null
  return { first: columns.map((column) => column[first]), now: columns.map((column) => column.at(-1)) }
}
