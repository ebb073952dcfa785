// A chart of one head and quantity with a curve of each lane compared, or how far each is above the
// baseline. What each pattern of a trace is for is said by its `meta`, as `live_figures.py` describes.

/** @import { Line } from "../client/asking/lines.js" */
/** @import { CurveFacts } from "../client/types.js" */
import { span, thin } from "../charts/curves.js"
import { ChartFrame, pushAll, uid } from "../charts/frame.js"
import { ACCURACY } from "../client/saying/measures.js"
import { fileName, inChart } from "../client/saying/words.js"
import { above, isKnown, usualRange } from "./curves.js"

const MOST = 150 // points a trace: twelve curves make over 200 traces in six charts
const NEAR = 1000 // the same while zoomed
const LOOKS = 40 // validations of a curve that get its symbol each
const SMALLEST_FILE_NAMES = 3 // runs whose ids a file's name has

/** @typedef {CurveFacts & { line?: Line }} Curve */

const AXES = {
  step: { column: "step", title: "step", said: "step %{x:,d}" },
  seconds: { column: "time", title: "seconds of training", said: "%{x:.2f} s" },
  epochs: { column: "step", title: "epochs", said: "epoch %{x:.2f}" },
}

export class CompareChart extends ChartFrame {
  /** @type {Curve[]} */ curves = [] // those that are drawn
  /** @type {Curve | undefined | null} */ baseline = null
  window = [-Infinity, Infinity] // of the horizontal axis, what is seen
  most = MOST // points a trace
  isDifference = false
  rangemode = "tozero" // of the vertical axis: a metric may be negative
  isTurned = false // whether the axes show something else than before
  /** @type {number[] | null} */ range = null // of the vertical axis, as it was set last

  constructor(plotly, element, figure) {
    super(plotly, element, figure)
    this.patterns = this.traces
    this.title = this.layout.title.text
    this.isAccuracy = element.dataset.quantity === ACCURACY
    this.rangemode = this.layout.yaxis.rangemode
  }

  get fileName() {
    const { quantity, head } = this.element.dataset
    const runs = [...new Set(this.curves.map(({ run }) => run))]
    const more = runs.length - SMALLEST_FILE_NAMES
    return fileName("compare", ...runs.slice(0, SMALLEST_FILE_NAMES), more > 0 && `and-${more}`, quantity, head)
  }

  // `curves`: those to be drawn, each with its `line`; `baseline`: one of all curves, or nothing.
  set(options, curves, baseline) {
    if (this.options?.smoothing !== options.smoothing) this.smoother.forget()
    Object.assign(this, { options, curves, baseline })
    const { x, logX, logY, differences, outliers } = options
    const revision = [x, logX, logY, differences && baseline?.key, outliers].join()
    this.isTurned = revision !== this.layout.uirevision
    this.layout.uirevision = revision
    if (this.isTurned) this.layout.xaxis.autorange = true
  }

  fill() {
    const { element, options, layout, curves } = this
    if (!options || element._dragging) return
    const isNear = this.isZoomed && !this.isTurned
    const { range } = element._fullLayout?.xaxis ?? {}
    this.window = isNear ? range.map((end) => (options.logX ? 10 ** end : end)) : [-Infinity, Infinity]
    this.most = isNear ? NEAR : MOST
    this.isDifference = Boolean(options.differences && this.baseline)
    const wanted = this.patterns.filter(
      ({ meta: { role } }) => role !== "chance" && !(role === "raw" && this.isDifference),
    )
    this.shown = wanted.flatMap((pattern) => curves.map((curve) => this.trace(pattern, curve)))
    const first = this.shown.find(({ meta }) => meta.role === "validation")
    if (first) Object.assign(first, { name: "dashed: validation", showlegend: true })
    this.shown.unshift(...this.levels())
    this.traces = this.shown
    this.dress()
    Object.assign(layout.xaxis, {
      type: options.logX ? "log" : "linear",
      title: { text: AXES[options.x].title, standoff: 6 },
    })
    layout.title.text = this.title + (this.isDifference ? `, minus ${inChart(this.baseline?.name ?? "")}` : "")
    this.scale()
  }

  // The pattern of a trace as that of one curve.
  trace(pattern, curve) {
    const { role, column } = pattern.meta
    const { x, y, recorded } = this.points(curve, role, column)
    const value = this.isDifference ? "%{y:+.4f}" : "%{y:.4f}"
    const smoothed = recorded && this.options.smoothing > 0 ? " (recorded %{customdata:.4f})" : ""
    const label = inChart(curve.label)
    return {
      ...pattern,
      x,
      y,
      customdata: recorded,
      uid: uid(role, curve.key),
      name: label,
      legendgroup: "",
      showlegend: role === "smooth",
      meta: { role, column, key: curve.key, colours: curve.colours },
      mode: role === "validation" && x.length <= LOOKS ? "lines+markers" : "lines",
      marker: { ...pattern.marker, symbol: curve.symbol, size: 6 },
      line: { ...pattern.line, width: pattern.line.width === 1 ? 1 : 1.8 },
      hovertemplate:
        pattern.hovertemplate && `${value}${smoothed}, ${AXES[this.options.x].said}<extra>${label}</extra>`,
    }
  }

  // Where the trace of a role goes, with few enough points; none is lost that stands out.
  points(curve, role, column) {
    const { x, y, values } = this.path(curve, role, column)
    const [first, last] = span(x, this.window)
    const places = []
    for (let k = first; k < last; k++) if (!this.options.logX || x[k] > 0) places.push(k)
    const own = this.isDifference ? this.differenceOf(x, y, role, column) : y
    const chosen = thin(
      places.filter((k) => own[k] !== null),
      this.isDifference ? own : values,
      this.most,
    )
    const of = (column) => chosen.map((k) => column[k])
    return { x: of(x), y: of(own), recorded: role === "smooth" ? of(values) : undefined }
  }

  // A curve in whole: x, what is drawn, and what was recorded.
  /** @param {Curve} curve @param {string} role @param {string} column */
  path({ key, line, perEpoch }, role, column) {
    if (!line) return { x: [], y: [], values: [] }
    const axis = AXES[this.options.x]
    const all = line.column(column)
    const smooth = role === "smooth" ? this.smooth(`${key} ${line.key} ${column}`, all) : all
    const factor = this.options.x === "epochs" ? 1 / (perEpoch ?? Number.NaN) : 1
    // Of a run whose epochs are not known there is nothing to draw by them.
    const places = Number.isNaN(factor) ? [] : [...all.keys()].filter((k) => isKnown(all[k]))
    const along = line.column(axis.column)
    return {
      x: places.map((k) => along[k] * factor),
      y: places.map((k) => smooth[k]),
      values: places.map((k) => all[k]),
    }
  }

  differenceOf(x, y, role, column) {
    const other = this.path(/** @type {Curve} */ (this.baseline), role, column)
    return above(x, y, other.x, other.y)
  }

  // Chance, over all of the width.
  levels() {
    if (this.isDifference) return []
    const xs = this.shown.flatMap(({ x }) => (x.length ? [x[0], x.at(-1)] : []))
    const [low, high] = [Math.min(...xs), Math.max(...xs)]
    const ends = xs.length ? [this.options.logX ? low : 0, high] : [1, 2]
    return this.patterns
      .filter(({ meta }) => meta.role === "chance")
      .map((trace) => ({
        ...trace,
        x: ends,
        y: [trace.meta.level, trace.meta.level],
        uid: uid("chance", trace.meta.level),
      }))
  }

  // The vertical axis. One that was zoomed stays as it is.
  scale() {
    const {
      layout: { yaxis },
      options,
      isAccuracy,
      isDifference,
    } = this
    const isLog = options.logY && !isDifference
    yaxis.type = isLog ? "log" : "linear"
    yaxis.tickformat = isAccuracy ? (isDifference ? "+.2~%" : isLog ? ".2~%" : ".0%") : isDifference ? "+~g" : ""
    yaxis.rangemode = isDifference ? "normal" : this.rangemode
    Object.assign(yaxis, { zeroline: isDifference, zerolinecolor: this.layout.font.color, zerolinewidth: 1 })
    const range = options.outliers ? this.usual(isLog) : isAccuracy && !isLog && !isDifference ? [0, 1.02] : null
    if (this.isTurned || !this.isPulled()) {
      this.range = range
      Object.assign(yaxis, { range: range ?? undefined, autorange: !range })
    }
  }

  usual(isLog) {
    const values = []
    for (const { meta, y } of this.shown) if (["smooth", "validation"].includes(meta.role)) pushAll(values, y)
    return usualRange(values, isLog)
  }

  // Whether somebody has zoomed vertically.
  isPulled() {
    const { yaxis } = this.element._fullLayout ?? {}
    if (!yaxis || yaxis.autorange) return false
    return !this.range || this.range.some((end, i) => Math.abs(end - yaxis.range[i]) > 1e-9)
  }
}
