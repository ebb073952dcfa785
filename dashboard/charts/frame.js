// What all charts have in common: made with the first draw, redrawn in place, zoomed, in the colours
// of the page's theme. What is drawn is the business of its kinds.

/** @import { Figure } from "../client/types.js" */
import { isDark, shade } from "../client/drawing/colours.js"
import { Smoother } from "./curves.js"
import { toolbar } from "./toolbar.js"

const CLEAR = "rgba(0,0,0,0)"

export class ChartFrame {
  canZoom = true
  /** @type {any} */ options = null // what `set` was given; nothing is drawn before
  /** @type {Promise<any> | null} */ made = null
  /** @type {{ xval?: number, yval?: number } | null} */ hovered = null // where the pointer is: what is there is told anew after each draw
  isDrawing = false
  /** @type {any[]} */ shown = [] // of the traces, those that have something to show
  smoother = new Smoother()

  /** @param {any} plotly @param {HTMLElement} element @param {Figure} figure */
  constructor(plotly, element, figure) {
    this.plotly = plotly
    this.element = /** @type {any} */ (element) // Plotly adds its own to it
    this.layout = structuredClone(figure.layout)
    /** @type {any[]} */ this.traces = structuredClone(figure.data)
    /** @type {Record<string, any>} */ this.role = Object.fromEntries(
      this.traces.map((trace) => [trace.meta?.role, trace]),
    )
  }

  // What its pictures are called when they are saved.
  get fileName() {
    return "chart"
  }

  set(options) {
    this.options = options
  }

  // With the first draw, so that the empty chart is not drawn twice.
  make() {
    const { plotly, element } = this
    const config = toolbar(plotly, () => this.fileName, { canZoom: this.canZoom })
    this.made = plotly.newPlot(element, this.shown, this.layout, config)
    this.listen()
    return this.made
  }

  // Hear of what is done to it.
  listen() {
    const { element } = this
    element.on("plotly_relayout", (change) => this.onRelayout(change))
    element.on("plotly_hover", ({ xvals, yvals }) => (this.hovered = { xval: xvals?.[0], yval: yvals?.[0] }))
    element.on("plotly_unhover", () => (this.hovered = null))
  }

  onRelayout(change) {
    if (this.isDrawing) return
    const zoomed = "xaxis.range[0]" in change || "xaxis.range" in change
    if (zoomed || change["xaxis.autorange"]) this.draw()
  }

  async resize() {
    const { element, plotly } = this
    if (!this.made || !element.clientWidth) return // gone, or not on screen
    const { width, height } = element._fullLayout
    if (width === element.clientWidth && height === element.clientHeight) return
    await plotly.Plots.resize(element)
    if (!element.isConnected) return
    this.fit()
    await plotly.redraw(element) // or else the legend stays where the margins of the old size had it
    await this.show()
  }

  // What follows from the size of the element: each kind does it its way.
  fit() {}

  remove() {
    if (this.made) this.plotly.purge(this.element)
    this.element.remove()
  }

  get isZoomed() {
    return this.element._fullLayout?.xaxis.autorange === false
  }

  draw() {
    this.fill()
    return this.show()
  }

  // Put into the traces what there is to be seen: each kind does it its way.
  fill() {}

  show() {
    const { element, options } = this
    if (!options || element._dragging) return
    if (!this.made) return this.make()
    this.isDrawing = true
    const { hovered } = this
    return this.plotly.react(element, this.shown, this.layout).then(() => {
      this.isDrawing = false
      if (hovered?.xval !== undefined) this.plotly.Fx.hover(element, hovered, "xy")
    })
  }

  smooth(key, values) {
    return this.smoother.smooth(key, values, this.options.smoothing)
  }

  // Colours of the page's theme.
  dress() {
    const { layout, element } = this
    const style = getComputedStyle(element)
    const text = style.color
    const dark = isDark(element)
    const grid = dark ? "rgba(255,255,255,0.12)" : "rgba(0,0,0,0.1)"
    Object.assign(layout, { paper_bgcolor: CLEAR, plot_bgcolor: CLEAR })
    layout.font = { color: text, family: style.fontFamily, size: 13 }
    layout.modebar = { bgcolor: CLEAR, color: text, activecolor: text }
    layout.hoverlabel = { bgcolor: dark ? "#262730" : "#ffffff", font: { color: text } }
    for (const name of ["xaxis", "yaxis", "xaxis2", "yaxis2"]) {
      if (layout[name]) Object.assign(layout[name], { gridcolor: grid, linecolor: grid })
    }
    for (const trace of this.traces) {
      if (!trace.meta.colours) continue
      const color = shade(trace.meta.colours, dark)
      trace.line = { ...trace.line, color }
      trace.marker = { ...trace.marker, color }
      if (trace.textfont) trace.textfont.color = color
    }
    return { text, dark, grid, style }
  }
}

// By which Plotly knows a trace again, whichever others there are.
export const uid = (...parts) => parts.join("_").replace(/\W/g, "_")

export function pushAll(target, values) {
  for (const value of values) target.push(value)
}
