// What a head that answers with numbers predicts, against what is true.

import { whole } from "../../client/saying/words.js"
import { SnapshotChart } from "../snapshot_chart.js"

const ROOM = 0.04 // of the axes beyond the numbers

export class Numbers extends SnapshotChart {
  put({ answers }) {
    const { true: x, given: y } = answers[this.options.head]
    Object.assign(this.role.points, { x, y })
    const ends = span([...x, ...y])
    Object.assign(this.role.equal, { x: ends, y: ends })
    if (!this.isZoomed) {
      const room = ROOM * (ends[1] - ends[0] || 1)
      for (const axis of ["xaxis", "yaxis"]) this.layout[axis].range = [ends[0] - room, ends[1] + room]
    }
  }

  // The axes are as long as the numbers reach, and not as Plotly would have them: that is no zoom.
  get isZoomed() {
    const { range } = this.element._fullLayout?.xaxis ?? {}
    return Boolean(range) && String(range) !== String(this.layout.xaxis.range)
  }

  inWords() {
    const { head, snapshot } = this.options
    const { true: is, given, n } = snapshot.answers[head]
    const of = is.length < n ? `${whole(is.length)} of ${whole(n)} numbers` : `${whole(n)} numbers`
    return `${head}: ${of}, off by ${off(is, given).toPrecision(3)} on average${explained(is, given)}.`
  }
}

/** @param {number[]} values */
const span = (values) =>
  values.reduce(([low, high], one) => [Math.min(low, one), Math.max(high, one)], [values[0], values[0]])

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, one) => sum + one, 0) / values.length

/** @param {number[]} is @param {number[]} given */
export const off = (is, given) => mean(is.map((one, i) => Math.abs(one - given[i])))

// The coefficient of determination in words, where it is defined.
/** @param {number[]} is @param {number[]} given */
export function explained(is, given) {
  const middle = mean(is)
  const whole = mean(is.map((one) => (one - middle) ** 2))
  if (!(whole > 0)) return ""
  const left = mean(is.map((one, i) => (one - given[i]) ** 2))
  return `; R² ${(1 - left / whole).toFixed(3)} (1 is all right, 0 no better than their mean)`
}
