// Parallel coordinates: what weights each curve began with, and what came of them in validation.

/** @import { CurveFacts, Head } from "../client/types.js" */
import { ChartFrame, uid } from "../charts/frame.js"
import { fileName, inChart } from "../client/saying/words.js"
import { axesOf } from "./axes.js"

const NARROW = 640 // px, below which the axes lie on top of one another
const APART = 90 // px between two axes side by side, at least
const LONGEST = 14 // letters of a title above an axis that stay apart from the next one's

export class Parallel extends ChartFrame {
  canZoom = false
  /** @type {Head[]} */ heads = []
  /** @type {CurveFacts[]} */ curves = []
  isNarrow = false

  get fileName() {
    return fileName("compare", ...new Set(this.curves.slice(0, 3).map(({ run }) => run)), "parallel")
  }

  set(heads, curves) {
    Object.assign(this, { heads, curves, options: {} })
  }

  onRelayout() {}

  async resize() {
    await super.resize()
    if (this.made && this.isNarrow !== this.isNarrowFor(2 * this.heads.length + 1)) this.draw()
  }

  // Whether so many axes have no room beside one another.
  isNarrowFor(n) {
    return this.element.clientWidth < Math.max(NARROW, APART * n)
  }

  fill() {
    const { heads, curves, layout } = this
    const axes = axesOf(heads, curves)
    const n = axes.length
    this.isNarrow = this.isNarrowFor(2 * heads.length + 1)
    this.traces = curves.map((curve, i) => {
      const places = axes.map(({ values, low, high }) =>
        values[i] === null ? null : high !== low ? (values[i] - low) / (high - low) : 0.5,
      )
      const along = axes.map((_, k) => (this.isNarrow ? n - 1 - k : k))
      return {
        type: "scatter",
        mode: "lines+markers",
        name: inChart(curve.label),
        uid: uid("curve", curve.key),
        x: this.isNarrow ? places : along,
        y: this.isNarrow ? along : places,
        text: axes.map(({ words }) => inChart(words[i])),
        hovertemplate: `%{text}<extra>${inChart(curve.label)}</extra>`,
        marker: { size: 9, symbol: axes.map(({ moved }) => curve.symbol + (moved?.[i] ? "-open" : "")) },
        line: { width: 2 },
        meta: { key: curve.key, colours: curve.colours },
      }
    })
    this.shown = this.traces
    const { grid, text } = this.dress()
    this.arrange(axes, grid, text)
    layout.uirevision = String(this.isNarrow)
  }

  // Axes as lines with a title and the values at both ends.
  arrange(axes, grid, text) {
    const { layout, isNarrow } = this
    const n = axes.length
    const at = (k, v) => (isNarrow ? { x: v, y: n - 1 - k } : { x: k, y: v })
    layout.shapes = axes.map((_, k) => {
      const [from, to] = [at(k, 0), at(k, 1)]
      return {
        type: "line",
        layer: "below",
        x0: from.x,
        y0: from.y,
        x1: to.x,
        y1: to.y,
        line: { color: grid, width: 2 },
      }
    })
    const label = (place, words, more) => ({
      ...place,
      text: words,
      showarrow: false,
      font: { size: 11, color: text },
      ...more,
    })
    layout.annotations = axes.flatMap(({ title, lines, ends }, k) =>
      isNarrow
        ? [
            label(at(k, 0), `<b>${inChart(title)}</b>`, { xanchor: "left", yanchor: "bottom", yshift: 8 }),
            label(at(k, 0), ends[0], { xanchor: "left", yanchor: "top", yshift: -6 }),
            label(at(k, 1), ends[1], { xanchor: "right", yanchor: "top", yshift: -6 }),
          ]
        : [
            label(at(k, 1), `<b>${lines.map(inShort).join("<br>")}</b>`, {
              yanchor: "bottom",
              yshift: 18,
            }),
            label(at(k, 1), ends[1], { yanchor: "bottom", yshift: 4 }),
            label(at(k, 0), ends[0], { yanchor: "top", yshift: -4 }),
          ],
    )
    const [along, across] = isNarrow ? [layout.yaxis, layout.xaxis] : [layout.xaxis, layout.yaxis]
    along.range = isNarrow ? [-0.5, n - 0.3] : [-0.4, n - 0.6]
    across.range = isNarrow ? [-0.03, 1.03] : [-0.1, 1.04]
    layout.height = isNarrow ? 60 * n + 60 : 360
    layout.margin = isNarrow ? { l: 12, r: 12, t: 50, b: 10 } : { l: 20, r: 20, t: 90, b: 10 }
    this.element.style.height = `${layout.height}px`
  }
}

/** @param {string} words */
const inShort = (words) => inChart(words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words)
