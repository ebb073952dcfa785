// What the charts of curves have in common: made with the first draw, redrawn in place, zoomed,
// smoothed, in the colours of the page's theme. What is drawn is the business of its kinds.

import { toolbar } from "./toolbar.js"

export class ChartFrame {
  canZoom = true

  constructor(plotly, element, figure) {
    this.plotly = plotly
    this.element = element
    this.layout = structuredClone(figure.layout)
    this.traces = structuredClone(figure.data)
    this.shown = [] // of the traces, those that have something to show
    this.smoothed = new Map()
  }

  // With the first draw, so that the empty chart is not drawn twice.
  make() {
    const { plotly, element } = this
    const config = toolbar(plotly, () => this.fileName, { canZoom: this.canZoom })
    this.made = plotly.newPlot(element, this.shown, this.layout, config)
    element.on("plotly_relayout", (change) => this.onRelayout(change))
    element.on("plotly_hover", ({ xvals, yvals }) => (this.hovered = { xval: xvals?.[0], yval: yvals?.[0] }))
    element.on("plotly_unhover", () => (this.hovered = undefined))
    return this.made
  }

  onRelayout(change) {
    if (this.drawing) return
    const zoomed = "xaxis.range[0]" in change || "xaxis.range" in change
    const restored = change["xaxis.autorange"]
    if (zoomed || restored) this.draw()
  }

  resize() {
    if (this.made && this.element.isConnected) this.plotly.Plots.resize(this.element)
  }

  remove() {
    if (this.made) this.plotly.purge(this.element)
    this.element.remove()
  }

  get isZoomed() {
    return this.element._fullLayout?.xaxis.autorange === false
  }

  draw() {
    this.fill()
    this.show()
  }

  show() {
    const { element, options } = this
    if (!options || element._dragging) return
    if (!this.made) return this.make()
    this.drawing = true
    const hovered = this.hovered
    return this.plotly.react(element, this.shown, this.layout).then(() => {
      this.drawing = false
      if (hovered?.xval !== undefined) this.plotly.Fx.hover(element, hovered, "xy")
    })
  }

  // Exponential moving average, corrected for its start as Adam's moments are; only new rows. A
  // row without a value changes nothing.
  smooth(column, values) {
    const keep = this.options.smoothing
    if (keep === 0) return values
    let memory = this.smoothed.get(column)
    if (!memory) this.smoothed.set(column, (memory = { out: [], sum: 0, weight: 0 }))
    for (let i = memory.out.length; i < values.length; i++) {
      if (values[i] !== null) {
        memory.sum = keep * memory.sum + (1 - keep) * values[i]
        memory.weight = keep * memory.weight + (1 - keep)
      }
      memory.out.push(memory.sum / memory.weight)
    }
    return memory.out
  }

  // Colours of the page's theme.
  dress() {
    const { layout, element } = this
    const style = getComputedStyle(element)
    const text = style.color
    const dark = isLight(text)
    const grid = dark ? "rgba(255,255,255,0.12)" : "rgba(0,0,0,0.1)"
    Object.assign(layout, { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" })
    layout.font = { color: text, family: style.fontFamily, size: 13 }
    layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: text, activecolor: text }
    layout.hoverlabel = { bgcolor: dark ? "#262730" : "#ffffff", font: { color: text } }
    for (const axis of [layout.xaxis, layout.yaxis]) Object.assign(axis, { gridcolor: grid, linecolor: grid })
    for (const trace of this.traces) {
      const colour = trace.meta.colours?.[dark ? 1 : 0]
      if (!colour) continue
      trace.line = { ...trace.line, color: colour }
      trace.marker = { ...trace.marker, color: colour }
      if (trace.textfont) trace.textfont.color = colour
    }
    return { text, dark, grid }
  }
}

// By which Plotly knows a trace again, whichever others there are.
export const uid = (...parts) => parts.join("_").replace(/\W/g, "_")

export function pushAll(target, values) {
  for (const value of values) target.push(value)
}

export function isLight(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map(Number)
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140
}
