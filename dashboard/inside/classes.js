// Classes as classes: which of many have a colour, where an axis names them, and in what form. Pure.

import { inChart } from "../client/saying/words.js"

const [FIRST, LAST] = [8, 6] // letters of a name that are left on an axis or in a legend, where it is long

// A name as Plotly is given it where there is little room: without its middle, since names often begin
// alike.
/** @param {string} name */
export const short = (name) =>
  inChart(name.length > FIRST + LAST + 1 ? `${name.slice(0, FIRST)}…${name.slice(-LAST)}` : name)

// Places [0, n) between two ends of an axis, evenly spaced and at most so many: classes have no halves.
/** @param {number[]} range @param {number} n @param {number} most */
export function ticks(range, n, most) {
  const low = Math.max(0, Math.ceil(Math.min(...range)))
  const high = Math.min(n - 1, Math.floor(Math.max(...range)))
  const needed = (high - low + 1) / Math.max(most, 1)
  const step = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].find((one) => one >= needed) ?? n
  const places = []
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) places.push(at)
  return places
}

// Up to `most` classes, those first that the two class heads take for others or others for most often;
// among equals those that come up most, as all do that are never confused.
/** @param {{ labels: number[][], confusion: Record<string, number[][]> }} snapshot @param {number} most */
export function confused({ labels, confusion }, most) {
  const [wrong, seen] = [new Map(), new Map()]
  const add = (counts, c, n) => counts.set(c, (counts.get(c) ?? 0) + n)
  for (const pair of labels) for (const c of pair.slice(0, 2)) add(seen, c, 1)
  for (const [is, says, n] of Object.values(confusion).flat())
    if (is !== says) for (const c of [is, says]) add(wrong, c, n)
  const by = (counts, one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0)
  const all = [...new Set([...wrong.keys(), ...seen.keys()])]
  return all.sort((one, other) => by(wrong, one, other) || by(seen, one, other) || one - other).slice(0, most)
}

// The wanted classes in the places of a legend: those that had one keep it, and so their colour.
/** @param {(number | null)[]} before @param {number[]} wanted @param {number} n */
export function seated(before, wanted, n) {
  const kept = Array.from({ length: n }, (_, k) => (wanted.includes(before[k] ?? -1) ? before[k] : null))
  const rest = wanted.filter((c) => !kept.includes(c))
  return kept.map((c) => c ?? rest.shift() ?? null)
}
