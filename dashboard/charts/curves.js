// The arithmetic of curves: smoothed, thinned out, cut to a window, marked where weights changed.
// Pure: whatever draws them comes elsewhere.

const WEIGHTS = "loss_weights."

// Exponential moving averages, corrected for their start as Adam's moments are; only new rows. A
// row without a value changes nothing.
export class Smoother {
  /** @type {Map<string, { out: number[], sum: number, weight: number }>} */ memories = new Map()

  // `key` names the values, which may only have grown since; `keep` is 0 (as they are) to below 1.
  smooth(key, values, keep) {
    if (keep === 0) return values
    let memory = this.memories.get(key)
    if (!memory) this.memories.set(key, (memory = { out: [], sum: 0, weight: 0 }))
    for (let i = memory.out.length; i < values.length; i++) {
      if (values[i] !== null) {
        memory.sum = keep * memory.sum + (1 - keep) * values[i]
        memory.weight = keep * memory.weight + (1 - keep)
      }
      memory.out.push(memory.sum / memory.weight)
    }
    return memory.out
  }

  forget() {
    this.memories.clear()
  }
}

const EXPLODED = 10 // times chance: no network that learns loses more
const READABLE = 3 // times the greatest loss before that

// Where a loss axis ends on which something has exploded, since nothing else could be read on one
// that shows it all; null where nothing has. `chance` is the loss of a guess.
/** @param {number[]} values @param {number} chance */
export function cutAt(values, chance) {
  if (!(chance > 0)) return null // there is nothing to compare with, or it may be negative
  let sound = chance
  let isCut = false
  for (const value of values) {
    if (value > EXPLODED * chance) isCut = true
    else if (value > sound) sound = value
  }
  return isCut ? READABLE * sound : null
}

// The same loss axis for charts side by side: from 0, or of a logarithmic axis from the least value,
// to the greatest that is not cut off. A chart that is zoomed keeps its own.
export function shareRange(charts, isLog) {
  const values = charts.flatMap(({ shown, cut }) =>
    shown.flatMap(({ meta, y }) => (meta.role === "changes" ? [] : y.map((value) => Math.min(value, cut ?? value)))),
  )
  const positive = values.filter((value) => value > 0)
  const [low, high] = positive.reduce(([low, high], y) => [Math.min(low, y), Math.max(high, y)], [Infinity, 0])
  // In coarse steps, since a new range undoes a zoom.
  const step = 10 ** Math.floor(Math.log10(high)) / 2
  const range = isLog
    ? [Math.floor(Math.log10(low) * 2) / 2, Math.ceil(Math.log10(high * 1.05) * 2) / 2]
    : [0, Math.ceil((high * 1.03) / step) * step]
  for (const chart of charts) if (!chart.isZoomed) chart.layout.yaxis.range = range
}

// Indices [first, last) of the rows inside a window, and one more on each side.
/** @param {number[]} x @param {number[]} window */
export function span(x, [from, to]) {
  let first = 0
  let last = x.length
  while (first < last && x[first + 1] < from) first++
  while (last > first && x[last - 2] > to) last--
  return [first, last]
}

// At most `most` of the indices: of each bucket the least and the greatest value, in order, so
// that no spike is lost.
export function thin(indices, values, most) {
  if (indices.length <= most) return indices
  const kept = [indices[0]]
  const inner = indices.slice(1, -1)
  for (const [from, to] of binsOf(inner.length, Math.floor((most - 2) / 2))) {
    let low = inner[from]
    let high = inner[from]
    for (let k = from; k < to; k++) {
      if (values[inner[k]] < values[low]) low = inner[k]
      if (values[inner[k]] > values[high]) high = inner[k]
    }
    kept.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]))
  }
  kept.push(indices[indices.length - 1])
  return kept
}

// At most `most` spans [from, to) of `n` rows.
export function binsOf(n, most) {
  const count = Math.min(n, most)
  return Array.from({ length: count }, (_, b) => [Math.floor((b * n) / count), Math.floor(((b + 1) * n) / count)])
}

const PAUSE = 1 // s between two changes of the same weights that are not of one drag

// Where the loss weights changed: rows are cut there, so it was at the end of the row before. A drag
// changes them many times, and is told once, from the first value to the last; `time` tells it from
// two changes, where it is known.
/** @param {Record<string, any[]>} rows @param {number[]} x @param {number[]} time */
export function changes(rows, x, time = []) {
  const names = Object.keys(rows).filter((name) => name.startsWith(WEIGHTS))
  const pick = (i) => Object.fromEntries(names.map((name) => [name.slice(WEIGHTS.length), rows[name][i]]))
  const found = []
  for (let i = 1; i < x.length; i++) {
    const moved = names.filter((name) => rows[name][i] !== rows[name][i - 1]).join()
    if (!moved) continue
    const last = found[found.length - 1]
    const at = time[i - 1]
    if (last?.moved === moved && at - last.at < PAUSE) Object.assign(last, { after: pick(i), at })
    else found.push({ x: x[i - 1], before: pick(i - 1), after: pick(i), moved, at })
  }
  const isReal = ({ before, after }) => Object.keys(after).some((name) => after[name] !== before[name])
  return found.filter(isReal).map(({ x, before, after }) => ({ x, before, after }))
}

// The columns of a line's loss weights, by name; none without a line.
/** @param {import("../client/asking/lines.js").Line | undefined} line */
export function weightColumns(line) {
  if (!line) return {}
  const names = Object.keys(line.lines.columns).filter((name) => name.startsWith(WEIGHTS))
  return Object.fromEntries(names.map((name) => [name, line.column(name)]))
}

// What a change moved, in words.
export function changeWords({ before, after }) {
  const moved = Object.keys(after).filter((name) => after[name] !== before[name])
  return moved.map((name) => `${name} ${round(before[name])} → ${round(after[name])}`).join(", ")
}

const round = (value) => String(Math.round(value * 1000) / 1000)
