// The charts of gradients: curves over steps, cosines by layer, and what the sliders would do.

import { binsOf } from "../../charts/curves.js"
import { ChartFrame, uid } from "../../charts/frame.js"
import { LiveChart } from "../../charts/live_chart.js"
import { shade } from "../../client/drawing/colours.js"
import { fileName, outOfChart, percent, round } from "../../client/saying/words.js"
import { short } from "../classes.js"
import { edges, mean, norm, shares } from "./gradients.js"

const COLUMNS = 160 // of the heat map at most
const [ROW, AROUND] = [32, 150] // px of a row of it, and of all around them

// Curves of the selected lane; of many pairs of heads, those with one of them.
export class TugChart extends LiveChart {
  isDark = false

  constructor(plotly, element, figure, lines) {
    super(plotly, element, figure, lines)
    this.every = this.traces
    for (const trace of this.every) {
      const { role, column, lane, level, of } = trace.meta
      if (of !== undefined) trace.uid = uid(role, column, lane, level, of)
    }
  }

  set(options) {
    this.traces = this.every.filter(({ meta }) => meta.of === undefined || meta.of === options.ofHead)
    for (const { meta } of this.traces) if ("lane" in meta) meta.lane = options.lane
    const { canBeLog } = this.layout.meta
    super.set({ ...options, x: "step", logLoss: canBeLog && options.logNorm })
  }

  fill() {
    super.fill()
    for (const trace of this.traces) {
      if (trace.meta.role === "smooth") trace.mode = trace.x?.length === 1 ? "markers" : "lines"
    }
    const { conflict } = this.layout.meta
    if (!conflict) return
    const { from, to, text } = conflict
    this.layout.shapes.push({
      type: "rect",
      xref: "paper",
      x0: 0,
      x1: 1,
      y0: from,
      y1: to,
      layer: "below",
      line: { width: 0 },
      fillcolor: this.isDark ? "rgba(253,184,99,0.13)" : "rgba(179,88,6,0.10)",
    })
    this.layout.annotations.push({
      text,
      xref: "paper",
      x: 0.01,
      y: from,
      xanchor: "left",
      yanchor: "bottom",
      showarrow: false,
      font: { size: 12, color: this.ink.color },
    })
  }

  dress() {
    const dressed = super.dress()
    this.isDark = dressed.dark
    return dressed
  }

  // The newest values, for those who do not see the curves.
  inWords() {
    const line = this.lines.current(this.options.lane)
    const told = this.traces
      .filter(({ meta }) => meta.role === "smooth")
      .map(({ name, meta }) => {
        const value = line?.column(meta.column).findLast((one) => one !== null)
        const called = outOfChart(name)
        if (value === undefined) return `${called} not defined`
        return `${called} ${meta.column.startsWith("share") ? percent(value) : value.toPrecision(3)}`
      })
    return `${outOfChart(this.layout.title.text)}; newest: ${told.join(", ")}`
  }
}

// Rows of the map: each shared layer with each two heads that reach it; of many pairs, those with one
// head.
export class LayersChart extends ChartFrame {
  constructor(plotly, element, figure, lines) {
    super(plotly, element, figure)
    this.lines = lines
    this.least = this.layout.height
    /** @type {string[]} */ this.told = []
  }

  get fileName() {
    return fileName("run", this.options.run, "layers")
  }

  fill() {
    const { options, layout, lines, traces } = this
    const { dark } = this.dress()
    const [trace] = traces
    const line = lines.current(options.lane)
    const rows = rowsOf(options)
    const step = line?.step ?? []
    const bins = binsOf(step.length, COLUMNS)
    trace.colorscale = shade(trace.meta.scales, dark)
    trace.y = rows.map((_, k) => k)
    trace.z = rows.map(({ column }) => {
      const values = line?.column(column) ?? []
      return bins.map(([from, to]) => mean(values, from, to))
    })
    trace.customdata = rows.map(({ text }) => bins.map(() => text))
    this.told = rows.map(({ said }) => said)
    Object.assign(layout.yaxis, { tickmode: "array", tickvals: trace.y, ticktext: rows.map(({ text }) => text) })
    this.makeRoom(rows.length)
    trace.x = edges(step, bins)
    layout.uirevision = `${options.run} ${options.lane}`
    this.shown = traces
  }

  // As tall as its rows need.
  makeRoom(rows) {
    const height = Math.max(this.least, rows * ROW + AROUND)
    if (height === this.layout.height) return
    this.layout.height = height
    this.element.style.height = `${height}px`
  }

  inWords() {
    const [{ z }] = this.traces
    const told = this.told.map((name, i) => {
      const value = z[i].findLast((one) => one !== null)
      return `${name} ${value === undefined ? "not defined" : value.toFixed(2)}`
    })
    return `${outOfChart(this.layout.title.text)}; newest: ${told.join("; ")}`
  }
}

// A row for each two heads where they meet: its column, its name on the axis, and that in words.
/** @param {{ layers: { name: string, trunk: boolean, heads: string[] }[], ofHead?: string }} options */
export function rowsOf({ layers, ofHead }) {
  return layers
    .filter(({ trunk }) => trunk)
    .flatMap(({ name: layer, heads }) =>
      heads.flatMap((one, i) =>
        heads.slice(i + 1).flatMap((other) => {
          if (ofHead !== undefined && ![one, other].includes(ofHead)) return []
          const pair = ofHead === undefined ? [one, other] : [one, other].filter((head) => head !== ofHead)
          return {
            column: `layer_cosine.${layer}.${one}.${other}`,
            text: `${short(layer)}<br>${pair.map(short).join(", ")}`,
            said: `${layer}: ${pair.join(", ")}`,
          }
        }),
      ),
    )
}

// Bars of the shares with the weights in force and with those of the sliders.
export class Prediction extends ChartFrame {
  canZoom = false

  constructor(plotly, element, figure) {
    super(plotly, element, figure)
    this.names = this.traces[0].y
    const tickvals = this.names.map((_, h) => h)
    Object.assign(this.layout.yaxis, { tickmode: "array", tickvals, ticktext: this.names })
  }

  get fileName() {
    return fileName(this.options.run ? `run-${this.options.run}` : "no-run", "prediction")
  }

  fill() {
    const { options, layout, traces } = this
    const { dark } = this.dress()
    const bars = {
      sliders: shares(options.gram, options.sliders),
      now: options.now && shares(options.gram, options.now),
    }
    for (const trace of traces) {
      const values = bars[trace.meta.role]
      trace.x = values ?? []
      trace.customdata = this.names
      trace.y = options.heads.map((_, h) => h)
      trace.marker.color = trace.meta.of_heads.map((pair) => shade(pair, dark))
      trace.marker.opacity = trace.meta.role === "now" ? 0.55 : 1
    }
    const all = traces.flatMap(({ x }) => x)
    layout.xaxis.range = [Math.min(0, ...all) - 0.08, Math.max(1, ...all) + 0.08]
    this.shown = traces.filter(({ x }) => x.length)
  }

  // What the bars say, and how long the whole gradient would be.
  inWords() {
    const { gram, sliders, now, heads } = this.options
    const at = shares(gram, sliders)
    if (!at) return "At the sliders there is no step: no head with a weight above 0 pulls."
    const told = heads.map(({ name }, h) => `${name} ${percent(at[h])}`).join(", ")
    const [length, before] = [norm(gram, sliders), now ? norm(gram, now) : 0]
    const times = round(length / before, 2)
    const compared = before > 0 ? `, ${times === "1" ? "" : `${times} times `}as long as with the weights in force` : ""
    return `At the sliders: ${told}. The whole gradient would be ${length.toPrecision(3)} long${compared}.`
  }
}
