// The columns of the list of runs: those that are always there, settings to be chosen, and what the
// heads of the problem reach. Pure.

/** @import { Measured } from "../client/saying/measures.js" */
/** @import { Lane } from "../client/types.js" */
/** @import { Shown } from "./problems.js" */
import { called, isShare, measured, signOf } from "../client/saying/measures.js"
import { round, seconds, whole } from "../client/saying/words.js"
import { ALL } from "./problems.js"

export const NOTE = "runs-note"
export const CURVE = "runs-curve"
const NUMERIC = { className: "runs-number", falls: true }

// `head` is the one whose small curve stands in the cell, if any, `place` its place among the heads.
/** @typedef {{ title: string, key: (row: Lane) => any, text?: (row: Lane) => string, help?: string, hint?: (row: Lane) => string, className?: string, falls?: boolean, head?: Measured, place?: number }} Column */

/** @param {Shown} shown @param {string[]} chosen Settings. @returns {Column[]} */
export function columnsOf(shown, chosen) {
  const { heads, worst } = shown
  const names = [...new Set(heads.map(({ name }) => name))]
  const setting = (name) => {
    const key = (row) => shown.setting(row, name)
    return { title: titleOf(name), key, text: (row) => String(key(row) ?? ""), ...NUMERIC }
  }
  const problem = { title: "Problem", key: (row) => row.problem, text: (row) => row.problem }
  return distinct([
    { title: "Run", key: (row) => row.number },
    { title: "State", key: (row) => row.state, text: (row) => row.state },
    ...(shown.chosen === ALL ? [problem] : []),
    ...shown.settings.filter((name) => chosen.includes(name)).map(setting),
    ...names.map((name, h) => ({
      title: `w ${name}`,
      help: `Loss weight of ${name} in force, or at the end; * where it was another one before`,
      key: (row) => row.weights?.[row.heads.indexOf(name)],
      text: (row) => weight(row, row.heads.indexOf(name), !h),
      hint: (row) => began(row, row.heads.indexOf(name)),
      ...NUMERIC,
    })),
    ...heads.map((head) => ({
      ...ofHead(head, titleOfHead(head), (row) => row.result?.last[placeOf(row, head)]),
      help: `Last validation ${inFull(head)}, and how it came there`,
      className: `${NUMERIC.className} ${CURVE}`,
      place: names.indexOf(head.name),
      head,
    })),
    ...(worst ? [worstHead(worst)] : []),
    { title: "Started", key: (row) => row.created, text: (row) => started(row.created), ...NUMERIC },
    {
      title: "Duration",
      key: (row) => row.seconds,
      text: (row) => duration(row.seconds),
      ...NUMERIC,
      help: "Of training, pauses not counted; of a weight map from its start to its end",
    },
    {
      title: "Steps",
      key: (row) => row.step,
      text: (row) => (row.step < row.steps ? `${whole(row.step)} of ${whole(row.steps)}` : whole(row.step)),
      ...NUMERIC,
    },
    ...heads
      .filter(({ metric }) => metric)
      .map((head) => ({
        ...ofHead(head, `best ${titleOfHead(head)}`, (row) => row.result?.best[placeOf(row, head)]),
        help: `Best validation ${inFull(head)} in the run`,
      })),
    ...(worst
      ? [
          {
            ...ofHead(worst, "best worst", (row) => row.result?.best_worst),
            help: `Best validation ${called(worst)}, at one look, of the head that did worst there`,
          },
        ]
      : []),
    {
      title: "Note",
      key: (row) => row.note.toLowerCase() || undefined,
      text: (row) => row.note.split("\n")[0],
      hint: (row) => row.note.split("\n")[0],
      className: NOTE,
    },
  ])
}

// Where a row has the values of a head; -1 if it has no such head, or one with another metric.
/** @param {Lane} row @param {Measured} head */
export const placeOf = (row, { name, metric }) =>
  row.heads.findIndex((one, place) => one === name && row.metrics[place] === metric)

// A column of what is measured of a head; best first, when it is chosen to sort by.
function ofHead(head, title, key) {
  const text = (row) => {
    const value = key(row) ?? null
    return value === null ? "" : measured(head, value)
  }
  return { title, key, text, ...NUMERIC, falls: signOf(head) > 0 }
}

// Where all heads have the metric of this one: the value of the head that does worst, and its name.
function worstHead(head) {
  const sign = signOf(head)
  const key = (row) => {
    const last = row.result?.last ?? []
    return last.length && !last.includes(null) ? sign * Math.min(...last.map((value) => sign * value)) : undefined
  }
  const column = ofHead(head, "Worst head", key)
  return {
    ...column,
    text: (row) =>
      key(row) === undefined ? "" : `${column.text(row)} ${row.heads[row.result.last.indexOf(key(row))]}`,
    help: `Last validation ${called(head)} of the head that does worst`,
  }
}

const weight = (row, place, isFirst) =>
  row.weights && place >= 0
    ? `${round(row.weights[place], 4)}${row.moved[place] ? "*" : ""}`
    : row.points && isFirst
      ? `${row.points} settings`
      : ""

const began = (row, place) => (row.moved?.[place] ? `${round(row.began[place], 4)} at the start, moved since` : "")

// An accuracy goes by the name of its head alone.
/** @param {Measured} head */
const titleOfHead = (head) => (isShare(head) ? head.name : `${called(head)} ${head.name}`)

// Such as "accuracy of department".
/** @param {Measured} head */
function inFull(head) {
  const direction = isShare(head) || signOf(head) > 0 ? "" : "; less is better"
  return `${called(head)} of ${head.name}${head.metric ? "" : ", which has no metric"}${direction}`
}

// Columns are told apart by their titles, and a head may be called like another column.
/** @param {Column[]} columns */
function distinct(columns) {
  const seen = new Set()
  for (const column of columns) {
    const { title } = column
    for (let n = 2; seen.has(column.title); n++) column.title = `${title} (${n})`
    seen.add(column.title)
  }
  return columns
}

// What a column of a setting is called: "learning_rate" is Learning rate.
/** @param {string} name */
export const titleOf = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("_", " ")

function started(created) {
  return new Date(created * 1000).toLocaleString("en-GB", {
    day: "2-digit",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  })
}

function duration(value) {
  return value < 120 ? seconds(value) : value < 7200 ? `${round(value / 60, 1)} min` : `${round(value / 3600, 1)} h`
}
