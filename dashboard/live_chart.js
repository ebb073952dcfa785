// A live Plotly chart with three verbs: make it once, append what is new, reset for another run.
// What each trace shows is said by its `meta`, as `charts.py` describes.

const MOVING = 400 // points a trace while it moves: their number is what a redraw costs
const RESTING = 2000
const LABEL_WIDTH = 0.04 // of the axis

export class LiveChart {
  constructor(plotly, element, figure) {
    this.plotly = plotly
    this.element = element
    this.layout = structuredClone(figure.layout)
    this.traces = structuredClone(figure.data)
    this.reset()
    this.made = plotly.newPlot(element, this.traces, this.layout, {
      displaylogo: false,
      showSendToCloud: false, // what is measured here stays here
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    })
    element.on("plotly_relayout", (change) => this.onRelayout(change))
    element.on("plotly_hover", (event) => (this.hovered = event.xvals?.[0]))
    element.on("plotly_unhover", () => (this.hovered = undefined))
  }

  reset() {
    this.columns = null
    this.smoothed = new Map()
  }

  // Rows are kept whole; what is drawn of them is decided at each draw.
  append(columns) {
    if (!this.columns) this.columns = structuredClone(columns)
    else for (const name in columns) pushAll(this.columns[name], columns[name])
  }

  set(options) {
    if (this.options && options.smoothing !== this.options.smoothing) this.smoothed.clear()
    const turned = this.options && options.x !== this.options.x
    this.options = options
    if (turned) this.layout.xaxis.autorange = true
  }

  onRelayout(change) {
    if (this.drawing) return
    const zoomed = "xaxis.range[0]" in change || "xaxis.range" in change
    const restored = change["xaxis.autorange"]
    if (zoomed || restored) this.draw()
  }

  resize() {
    if (this.element.isConnected) this.plotly.Plots.resize(this.element)
  }

  get isZoomed() {
    return this.element._fullLayout?.xaxis.autorange === false
  }

  draw() {
    const { element, options } = this
    if (!options || element._dragging) return
    const rows = this.columns ?? { step: [], time: [] }
    const x = options.x === "seconds" ? rows.time : rows.step
    const window = this.isZoomed ? element._fullLayout.xaxis.range : [-Infinity, Infinity]
    const [first, last] = span(x, window)
    const most = options.moving && !this.isZoomed ? MOVING : RESTING
    const end = Math.max(options.x === "seconds" ? (x.at(-1) ?? 1) : options.steps, 1e-9)
    for (const trace of this.traces) this.fill(trace, { rows, x, first, last, most, end })
    this.dress()
    this.drawing = true
    const hovered = this.hovered
    this.plotly.react(element, this.traces, this.layout).then(() => {
      this.drawing = false
      if (hovered !== undefined) this.plotly.Fx.hover(element, { xval: hovered }, "xy")
    })
  }

  fill(trace, { rows, x, first, last, most, end }) {
    const { role, column, level } = trace.meta
    if (role === "chance") {
      trace.x = [0, end]
      trace.y = [level, level]
      return
    }
    if (role === "changes") {
      const marks = changes(rows, x)
      trace.x = marks.map((mark) => mark.x)
      trace.y = marks.map(() => 1)
      trace.text = marks.map(words)
      const shown = this.isZoomed ? this.element._fullLayout.xaxis.range : [0, end]
      const width = (shown[1] - shown[0]) * LABEL_WIDTH
      const { color } = trace.marker
      this.layout.shapes = marks.map((mark) => line(mark.x, color))
      this.layout.annotations = grouped(marks, width).map((mark) => note(mark, color))
      return
    }
    const values = rows[column] ?? []
    if (role === "validation") {
      const kept = []
      for (let i = first; i < last; i++) if (values[i] !== null) kept.push(i)
      const chosen = thin(kept, values, most)
      trace.x = chosen.map((i) => x[i])
      trace.y = chosen.map((i) => values[i])
      return
    }
    const all = Array.from({ length: last - first }, (_, i) => first + i)
    const chosen = thin(all, values, most)
    const smooth = role === "smooth" ? this.smooth(column, values) : values
    trace.x = chosen.map((i) => x[i])
    trace.y = chosen.map((i) => smooth[i])
    trace.customdata = role === "smooth" ? chosen.map((i) => values[i]) : undefined
  }

  // Exponential moving average, corrected for its start as Adam's moments are; only new rows.
  smooth(column, values) {
    const keep = this.options.smoothing
    if (keep === 0) return values
    let memory = this.smoothed.get(column)
    if (!memory) this.smoothed.set(column, (memory = { out: [], sum: 0, weight: 0 }))
    for (let i = memory.out.length; i < values.length; i++) {
      memory.sum = keep * memory.sum + (1 - keep) * values[i]
      memory.weight = keep * memory.weight + (1 - keep)
      memory.out.push(memory.sum / memory.weight)
    }
    return memory.out
  }

  // Axes and colours: what the options and the page's theme say.
  dress() {
    const { options, layout, element } = this
    const style = getComputedStyle(element)
    const text = style.color
    const dark = isLight(text)
    const grid = dark ? "rgba(255,255,255,0.12)" : "rgba(0,0,0,0.1)"
    Object.assign(layout, { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" })
    layout.font = { color: text, family: style.fontFamily, size: 13 }
    layout.modebar = { bgcolor: "rgba(0,0,0,0)", color: text, activecolor: text }
    layout.hoverlabel = { bgcolor: dark ? "#262730" : "#ffffff", font: { color: text } }
    layout.uirevision = `${options.run} ${options.x} ${options.logLoss}`
    for (const axis of [layout.xaxis, layout.yaxis]) Object.assign(axis, { gridcolor: grid, linecolor: grid })
    layout.xaxis.title = { text: options.x === "seconds" ? "seconds of training" : "step", standoff: 6 }
    if (!layout.yaxis.tickformat) layout.yaxis.type = options.logLoss ? "log" : "linear"
    layout.xaxis.unifiedhovertitle = { text: options.x === "seconds" ? "%{x:.2f} s" : "step %{x:,d}" }
    for (const trace of this.traces) {
      const colour = trace.meta.colours[dark ? 1 : 0]
      trace.line = { ...trace.line, color: colour }
      trace.marker = { ...trace.marker, color: colour }
      if (trace.textfont) trace.textfont.color = colour
    }
  }
}

function pushAll(target, values) {
  for (const value of values) target.push(value)
}

// Indices [first, last) of the rows inside a window, and one more on each side.
export function span(x, [from, to]) {
  let first = 0
  let last = x.length
  while (first < last && x[first + 1] < from) first++
  while (last > first && x[last - 2] > to) last--
  return [first, last]
}

// At most `most` of the indices: of each bucket the least and the greatest value, in order, so
// that no spike is lost.
export function thin(indices, values, most) {
  if (indices.length <= most) return indices
  const kept = [indices[0]]
  const buckets = Math.floor((most - 2) / 2)
  const inner = indices.length - 2
  for (let b = 0; b < buckets; b++) {
    const from = 1 + Math.floor((b * inner) / buckets)
    const to = 1 + Math.floor(((b + 1) * inner) / buckets)
    let low = indices[from]
    let high = indices[from]
    for (let k = from; k < to; k++) {
      if (values[indices[k]] < values[low]) low = indices[k]
      if (values[indices[k]] > values[high]) high = indices[k]
    }
    kept.push(...(low === high ? [low] : [Math.min(low, high), Math.max(low, high)]))
  }
  kept.push(indices.at(-1))
  return kept
}

// Where the loss weights changed: rows are cut there, so it was at the end of the row before.
export function changes(rows, x) {
  const names = Object.keys(rows).filter((name) => name.startsWith("loss_weights."))
  const found = []
  for (let i = 1; i < x.length; i++) {
    const moved = names.filter((name) => rows[name][i] !== rows[name][i - 1])
    if (moved.length) found.push({ x: x[i - 1], before: pick(rows, i - 1), after: pick(rows, i) })
  }
  return found

  function pick(rows, i) {
    return Object.fromEntries(names.map((name) => [name.split(".")[1], rows[name][i]]))
  }
}

// Changes closer together than a label is wide share one, from the first value to the last.
export function grouped(marks, width) {
  const groups = []
  for (const mark of marks) {
    const group = groups.at(-1)
    if (group && mark.x - group.x < width) group.after = mark.after
    else groups.push({ ...mark })
  }
  return groups
}

function words({ before, after }) {
  const moved = Object.keys(after).filter((name) => after[name] !== before[name])
  return moved.map((name) => `${name} ${round(before[name])} → ${round(after[name])}`).join(", ")
}

function round(value) {
  return String(Math.round(value * 1000) / 1000)
}

function line(x, colour) {
  return { type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper", line: { color: colour, width: 1, dash: "dot" } }
}

function note(mark, colour) {
  return {
    x: mark.x, y: 0.97, yref: "paper", xanchor: "right", yanchor: "top", textangle: -90,
    text: words(mark), showarrow: false, font: { size: 11, color: colour },
  }
}

function isLight(colour) {
  const [red, green, blue] = colour.match(/[\d.]+/g).map(Number)
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140
}
