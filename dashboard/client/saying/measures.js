// How what is measured of a head is called and written, whatever its metric is. Pure.

import { nats, percent, signed } from "./words.js"

/** @typedef {{ name: string, metric: string | null, better: string }} Measured A head, as far as its metric goes. */

export const ACCURACY = "accuracy" // the metric from 0 to 1 that is told in percent

/** @param {{ metric: string | null }} head */
export const isShare = ({ metric }) => metric === ACCURACY

// What is told of it besides the loss, or else that.
/** @param {{ metric: string | null }} head */
export const called = ({ metric }) => (metric ?? "loss").replaceAll("_", " ")

// The column with the same at a look.
/** @param {{ metric: string | null, name: string }} head */
export const looked = ({ metric, name }) => `val_${metric ?? "loss"}.${name}`

// What to multiply it with, so that more of it is better.
/** @param {{ metric: string | null, better: string }} head */
export const signOf = ({ metric, better }) => (metric && better === "higher" ? 1 : -1)

/** @param {{ metric: string | null }} head @param {number} value */
export const measured = (head, value) => (isShare(head) ? percent(value, 1) : nats(value))

// A difference of two of them: of accuracies in points.
/** @param {{ metric: string | null }} head @param {number} value */
export const apart = (head, value) => (isShare(head) ? signed(100 * value) : signed(value, 3))

// Whether all of them have one and the same metric, so that one of them does worst.
/** @param {Measured[]} heads */
export function haveOneMetric([first, ...others]) {
  const isAlike = ({ metric, better }) => metric === first.metric && better === first.better
  return Boolean(first?.metric) && others.every(isAlike)
}
