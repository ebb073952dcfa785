// Which tables of results there are, of metrics and of losses, and what stands in them. Pure.

/** @import { CurveFacts, Head } from "../client/types.js" */
import { called, haveOneMetric, isShare, looked, signOf } from "../client/saying/measures.js"
import { results } from "./curves.js"

const WORST = "The head that does worst by its loss is the one with the most of what a guess costs there"

// `heads` have what is told of them as their metric: none where that is the loss. `names` are what the
// columns are called; with `guesses`, what a guess has in a curve, there is one more, of the worst head.
/** @typedef {{ title: string, heads: Head[], names: string[], guesses: ((curve: CurveFacts) => number[]) | null }} Kind */

/** @param {Head[]} heads @param {CurveFacts[]} curves @returns {Kind[]} */
export function kindsOf(heads, curves) {
  const measured = heads.filter(({ metric }) => metric)
  return [...(measured.length ? [ofMetrics(heads, measured)] : []), ofLosses(heads, curves)]
}

function ofMetrics(heads, measured) {
  const isOne = haveOneMetric(measured)
  const title = isOne ? inFull(measured[0]) : "metrics"
  const names = measured.map((head) => (isOne ? head.name : `${head.name}: ${inFull(head)}`))
  const hasWorst = heads.length > 1 && haveOneMetric(heads)
  return {
    title: `[validation|Validation] ${title}`,
    heads: measured,
    names: [...names, ...(hasWorst ? ["worst head"] : [])],
    guesses: hasWorst ? () => heads.map(() => 1) : null,
  }
}

function ofLosses(heads, curves) {
  const units = [...new Set(heads.map(({ unit }) => unit))]
  const isOne = units.length === 1
  const inUnit = isOne && units[0] ? `, [${units[0]}]` : ""
  const hasWorst = isOne && heads.length > 1 && curves.every(({ chance }) => chance.every((loss) => Number(loss) > 0))
  const names = heads.map(({ name, unit }) => (isOne || !unit ? name : `${name} (${unit})`))
  return {
    title: `[validation|Validation] loss (unweighted${inUnit})`,
    heads: heads.map((head) => ({ ...head, metric: null })),
    names: [...names, ...(hasWorst ? ["worst head ÷ chance"] : [])],
    guesses: hasWorst ? ({ chance }) => chance : null,
  }
}

const inFull = (head) => called(head) + (isShare(head) || signOf(head) > 0 ? "" : " (less is better)")

// What a curve has reached, as `results` gives it.
/** @param {Kind} kind @param {CurveFacts & { line?: any }} curve */
export const reached = ({ heads, guesses }, curve) =>
  results(curve.line, heads.map(looked), heads.map(signOf), guesses?.(curve) ?? null)

// What is said below the tables.
/** @param {Head[]} heads @param {Kind[]} kinds @param {CurveFacts[]} curves @param {CurveFacts | undefined} baseline */
export function noteOf(heads, kinds, curves, baseline) {
  const parts = [baseline ? `In brackets: the difference from ${baseline.name}${unitsOf(heads)}.` : PIN]
  if (kinds[kinds.length - 1].guesses)
    parts.push(`${WORST}${areOfClasses(curves) ? ", ln of its classes" : ""}: 1 is chance.`)
  return parts.join(" ")
}

const PIN = "Pin a baseline to see differences from it."

function unitsOf(heads) {
  if (heads.every((head) => isShare(head) && head.unit === "nats")) return ", in points or in nats"
  return heads.some(isShare) ? "; of accuracies in points" : ""
}

// Whether guesses cost what they do where classes come up alike.
const areOfClasses = (curves) =>
  curves.every(({ chance }) => chance.every((loss) => Math.abs(Math.exp(loss) - Math.round(Math.exp(loss))) < 1e-6))
