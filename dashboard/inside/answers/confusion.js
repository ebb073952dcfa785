// Which class is taken for which, by one head; or of numbers of two digits, which digit for which.

import { count, inChart } from "../../client/saying/words.js"
import { short, ticks } from "../classes.js"
import { SnapshotChart } from "../snapshot_chart.js"

const TALL = 18 // px that a name on an axis takes
const UPRIGHT = 3 // letters of a name that stands upright below an axis
const WRITTEN = 12 // classes at most of whose cells the numbers are written
const TOLD = 3 // confusions that are told in words
const DIGITS = [..."0123456789"]

export class Confusion extends SnapshotChart {
  put(snapshot) {
    const { head } = this.options
    const names = this.names(snapshot)
    const n = names.length
    const isWritten = n <= WRITTEN
    const cells = this.cells(snapshot)
    const empty = (nothing = /** @type {any} */ (null)) => Array.from({ length: n }, () => new Array(n).fill(nothing))
    for (const role of ["right", "wrong"]) {
      const [z, text, hovertext] = [empty(), isWritten ? empty("") : undefined, empty()]
      const own = cells.filter(([is, says]) => (is === says) === (role === "right"))
      for (const [is, says, number] of own) {
        z[is][says] = Math.sqrt(number)
        if (text) text[is][says] = number
        hovertext[is][says] = `${inChart(names[is])} taken for ${inChart(names[says])}: ${count(number, this.what)}`
      }
      const most = Math.max(2, ...own.map(([, , number]) => number))
      Object.assign(this.role[role], {
        z,
        text,
        texttemplate: isWritten ? "%{text}" : null,
        hovertext,
        zmin: 1,
        zmax: Math.sqrt(most),
      })
    }
    this.layout.meta = { head }
    this.nameAxes(names)
  }

  // At whole places only, as many as there is room for.
  nameAxes(names) {
    const { layout, element } = this
    const full = element._fullLayout
    const isUpright = names.every((name) => name.length <= UPRIGHT)
    for (const [axis, room] of [
      ["xaxis", (full?._size.w ?? element.clientWidth) / (isUpright ? 1.5 : 1)],
      ["yaxis", full?._size.h ?? layout.height],
    ]) {
      const range = this.isZoomed ? full[axis].range : [0, names.length - 1]
      const places = ticks(range, names.length, Math.floor(room / TALL))
      Object.assign(layout[axis], { tickmode: "array", tickvals: places, ticktext: places.map((c) => short(names[c])) })
    }
    layout.xaxis.tickangle = isUpright ? 0 : -45
  }

  // Of heads of any model classes have no names but their numbers.
  names({ classes, answers }) {
    if (this.options.ofDigits) return DIGITS
    return classes ?? Array.from({ length: answers[this.options.head].n_classes }, (_, c) => String(c))
  }

  get what() {
    return this.options.snapshot.classes ? "image" : "example"
  }

  // True class, predicted class, number of examples; without those that are 0.
  cells({ confusion, digit_confusion: digits, answers }) {
    const { head, ofDigits } = this.options
    if (!ofDigits) return confusion?.[head] ?? answers[head].confusion
    return digits[head]
      .flatMap((row, is) => row.map((number, says) => [is, says, number]))
      .filter(([, , number]) => number)
  }

  inWords() {
    const { snapshot, head, ofDigits } = this.options
    const [cells, names] = [this.cells(snapshot), this.names(snapshot)]
    const all = cells.reduce((sum, [, , number]) => sum + number, 0)
    const right = cells.reduce((sum, [is, says, number]) => sum + (is === says ? number : 0), 0)
    const worst = cells.filter(([is, says]) => is !== says).sort((one, other) => other[2] - one[2])
    const told = worst.slice(0, TOLD).map(([is, says, number]) => `${names[is]} for ${names[says]} (${number})`)
    const often = told.length ? ` Most often taken for another: ${told.join(", ")}.` : ""
    return `${head}${ofDigits ? ", digits" : ""}: ${right} of ${all} right.${often}`
  }
}
