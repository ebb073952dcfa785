// The charts of gradients: curves over steps, cosines by layer, and what the sliders would do.

import { binsOf } from "../charts/curves.js"
import { ChartFrame } from "../charts/frame.js"
import { LiveChart } from "../charts/live_chart.js"
import { shade } from "../client/colours.js"
import { fileName, percent, round } from "../client/words.js"
import { edges, mean, norm, shares } from "./gradients.js"

const COLUMNS = 160 // of the heat map at most

// Curves of the selected lane.
export class TugChart extends LiveChart {
  isDark = false

  set(options) {
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
        if (value === undefined) return `${name} not defined`
        return `${name} ${meta.column.startsWith("share") ? percent(value) : value.toPrecision(3)}`
      })
    return `${this.layout.title.text}; newest: ${told.join(", ")}`
  }
}

// Rows of the map: each layer of the trunk with each two heads.
export class LayersChart extends ChartFrame {
  constructor(plotly, element, figure, lines) {
    super(plotly, element, figure)
    this.lines = lines
  }

  get fileName() {
    return fileName("run", this.options.run, "layers")
  }

  fill() {
    const { options, layout, lines, traces } = this
    const { dark } = this.dress()
    const [trace] = traces
    const line = lines.current(options.lane)
    const names = Object.keys(lines.columns).filter((name) => name.startsWith("layer_cosine."))
    const step = line?.step ?? []
    const bins = binsOf(step.length, COLUMNS)
    trace.colorscale = shade(trace.meta.scales, dark)
    trace.y = names.map((name) => {
      const [, layer, one, other] = name.split(".")
      return `${layer}<br>${one}, ${other}`
    })
    trace.z = names.map((name) => {
      const values = line?.column(name) ?? []
      return bins.map(([from, to]) => mean(values, from, to))
    })
    trace.x = edges(step, bins)
    layout.uirevision = `${options.run} ${options.lane}`
    this.shown = traces
  }

  inWords() {
    const [{ y, z }] = this.traces
    const told = y.map((name, i) => {
      const value = z[i].findLast((one) => one !== null)
      return `${name.replace("<br>", ": ")} ${value === undefined ? "not defined" : value.toFixed(2)}`
    })
    return `${this.layout.title.text}; newest: ${told.join("; ")}`
  }
}

// Bars of the shares with the weights in force and with those of the sliders.
export class Prediction extends ChartFrame {
  canZoom = false

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
      trace.y = options.heads.map(({ name }) => name)
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
