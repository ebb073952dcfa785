// Small curves of what heads reach in validation, for the rows that are in sight.

import { fetchJson } from "../client/asking/fetch.js"
import { shape } from "../client/drawing/svg.js"
import { isShare } from "../client/saying/measures.js"
import { placeOf } from "./columns.js"

const [WIDTH, HEIGHT] = [60, 18] // px
const PAUSE = 2000 // ms between two questions about runs that still train

export class SmallCurves {
  /** @type {Map<string, { step: number, lanes: Record<string, (number | null)[][]> }>} */ known = new Map() // by run
  /** @type {Map<Element, any>} */ inSight = new Map() // what each row in sight is of
  most = 0 // runs in a question, as the server allows it
  isAsking = false
  /** @type {any} */ timer = 0

  // `draw` is called with what a row is of, once there are its curves.
  /** @param {Element} root @param {(made: any) => void} draw */
  constructor(root, draw) {
    this.drawRow = draw
    this.made = new WeakMap() // what a row is of
    this.observer = new IntersectionObserver(
      (entries) => {
        for (const { target, isIntersecting } of entries) {
          if (isIntersecting) this.inSight.set(target, this.made.get(target))
          else this.inSight.delete(target)
        }
        this.askSoon(0)
      },
      { root, rootMargin: "200px" },
    )
  }

  // Have an eye on a row; `made` has the `lane` that it is of.
  watch(row, made) {
    this.made.set(row, made)
    this.observer.observe(row)
  }

  // The points of a head's curve in a lane, null where it is not known.
  of(row, head) {
    const place = placeOf(row, head)
    const rows = this.known.get(row.run)?.lanes[row.lane ?? 0]
    return rows && place >= 0 ? pointsOf(rows, place, isShare(head)) : null
  }

  // All rows have gone.
  forget() {
    this.observer.disconnect()
    this.inSight.clear()
  }

  // New rows came in sight, or rows have moved on.
  askSoon(after = PAUSE) {
    if (this.isAsking || (this.timer && after)) return
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.ask(), after)
  }

  async ask() {
    this.timer = 0
    const rows = [...this.inSight].filter(([row]) => row.isConnected).map(([, made]) => made)
    const missing = new Map()
    for (const { lane } of rows) {
      const is = lane && !lane.points && lane.result && this.known.get(lane.run)?.step !== lane.step
      if (is && missing.size < this.most) missing.set(lane.run, lane.step)
    }
    if (!missing.size) return
    this.isAsking = true
    try {
      const { curves } = await fetchJson(`api/lanes/curves?runs=${[...missing.keys()].join(",")}`)
      for (const [run, step] of missing) this.known.set(run, { step, lanes: curves[run] ?? {} })
      for (const made of rows) this.drawRow(made)
    } catch {
      // The list itself says that the server does not answer, and asks again.
    }
    this.isAsking = false
    this.askSoon()
  }
}

// Of rows (step, what is measured of each head), as an SVG polyline has them: shares from 0 to 1, all
// else from the least to the greatest of its own.
/** @param {(number | null)[][]} rows @param {number} head @param {boolean} isOfShares */
export function pointsOf(rows, head, isOfShares) {
  const known = rows.flatMap((row) => (row[1 + head] === null ? [] : [[Number(row[0]), Number(row[1 + head])]]))
  const values = known.map(([, value]) => value)
  const [low, high] = isOfShares ? [0, 1] : [Math.min(...values), Math.max(...values)]
  const last = rows[rows.length - 1][0] || 1
  const height = (value) => (high > low ? (high - value) / (high - low) : 0.5)
  const at = (step, value) => `${((step / last) * WIDTH).toFixed(1)},${(1 + height(value) * (HEIGHT - 2)).toFixed(1)}`
  return known.map(([step, value]) => at(step, value)).join(" ")
}

// An empty small curve in a cell; what it shows is said by the number beside it.
export function smallCurve(cell, className) {
  const [width, height] = [WIDTH, HEIGHT]
  const viewBox = `0 0 ${width} ${height}`
  const svg = shape(cell, "svg", { viewBox, width, height, "aria-hidden": "true", class: className })
  return shape(svg, "polyline")
}
