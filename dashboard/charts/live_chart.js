// A live Plotly chart with three verbs: make it once, append what is new, reset for another run.
// What each trace shows is said by its `meta`, as `live_figures.py` describes.

import { shade } from "../client/drawing/colours.js"
import { fileName, nats } from "../client/saying/words.js"
import { changes, changeWords, cutAt, span, thin, weightColumns } from "./curves.js"
import { ChartFrame, pushAll, uid } from "./frame.js"
import { levelWords } from "./levels.js"
import { Marks } from "./marks.js"

const MOVING = 400 // points a trace while it moves: their number is what a redraw costs
const RESTING = 2000
const SMALL = 0.35 // of these, in a small chart

export class LiveChart extends ChartFrame {
  column = "step" // of the horizontal axis
  window = [-Infinity, Infinity] // of it, what is seen
  most = MOVING // points a trace
  end = 1 // where the horizontal axis ends
  ink = { color: "", ground: "" } // of what is written on marks
  /** @type {number | null} */ cut = null // what the loss axis leaves out, see `cutAt`

  // `lines` are those of `client/asking/lines.js`, shared by all charts of a run.
  constructor(plotly, element, figure, lines) {
    super(plotly, element, figure)
    this.lines = lines
    for (const trace of this.traces) {
      const { role, column, lane, level } = trace.meta
      trace.uid = uid(role, column, lane, level)
    }
    this.isRace = this.traces.some((trace) => trace.meta.lane > 0)
    this.marks = new Marks(element)
  }

  get fileName() {
    const { quantity, head } = this.element.dataset
    return fileName(this.options.run ? `run-${this.options.run}` : "no-run", this.options.of, quantity, head)
  }

  reset() {
    this.smoother.forget()
  }

  // The lines have grown, or were divided anew; what is drawn of them is decided at each draw.
  append(anew) {
    if (anew) this.reset()
  }

  set(options) {
    if (this.options && options.smoothing !== this.options.smoothing) this.reset()
    const turned = this.options && options.x !== this.options.x
    this.options = options
    if (turned) this.layout.xaxis.autorange = true
  }

  // Put into the traces what there is to be seen.
  fill() {
    const { element, options, layout, lines } = this
    if (!options || element._dragging) return
    this.column = options.x === "seconds" ? "time" : "step"
    this.window = this.isZoomed ? element._fullLayout.xaxis.range : [-Infinity, Infinity]
    this.most = (options.moving && !this.isZoomed ? MOVING : RESTING) * (this.isRace ? SMALL : 1)
    this.end = options.x === "seconds" ? lines.end("time") || 1 : options.steps
    this.dress()
    Object.assign(layout, { shapes: [], annotations: [] })
    for (const trace of this.traces) this.fillTrace(trace)
    this.shown = this.traces.filter(({ x, showlegend }) => x.length || (!this.isRace && showlegend !== false))
    if (this.element.dataset.quantity === "loss") this.cutOff()
  }

  // End the axis of a loss that has exploded where it can be read, and say how far it went.
  cutOff() {
    const { layout, options, shown } = this
    const before = this.cut
    const chance = Math.max(...this.traces.map(({ meta }) => meta.level ?? 0))
    const values = shown.flatMap(({ meta, y }) => (meta.role === "changes" ? [] : y.filter((value) => value !== null)))
    const first = shown.map(({ meta, y }) => (meta.role === "smooth" ? (y[0] ?? 0) : 0))
    // Where no guess is known, what it began with.
    this.cut = options.logLoss ? null : cutAt(values, chance || Math.max(...first, 0))
    if (this.cut !== null) {
      if (!this.isZoomed) Object.assign(layout.yaxis, { range: [0, this.cut], autorange: false })
      const greatest = nats(values.reduce((most, value) => Math.max(most, value), 0))
      layout.annotations.push(far(`up to ${greatest}, out of sight`, this.ink))
    } else if (before !== null) Object.assign(layout.yaxis, { range: undefined, autorange: true })
  }

  fillTrace(trace) {
    const { role, lane, level } = trace.meta
    if (role === "chance") {
      trace.x = this.isZoomed ? this.window : [0, this.end] // its words stand at the right
      trace.y = [level, level]
      return
    }
    const current = this.lines.current(lane)
    if (role === "changes") return this.fillMarks(trace, current)
    Object.assign(trace, { x: [], y: [], customdata: role === "smooth" ? [] : undefined })
    for (const line of role === "abandoned" ? this.lines.abandoned(lane) : current ? [current] : []) {
      this.addLine(trace, line)
    }
  }

  addLine(trace, line) {
    const { role, column } = trace.meta
    const x = line.column(this.column)
    const values = line.column(column)
    const [first, last] = span(x, this.window)
    const places = []
    for (let k = first; k < last; k++) if (values[k] !== null) places.push(k)
    const chosen = thin(line.beyond(places), values, this.most)
    const isSmooth = role !== "raw" && !column.startsWith("val_")
    const y = isSmooth ? this.smooth(`${line.key} ${column}`, values) : values
    if (trace.x.length) for (const values of [trace.x, trace.y]) values.push(null) // a gap
    pushAll(
      trace.x,
      chosen.map((k) => x[k]),
    )
    pushAll(
      trace.y,
      chosen.map((k) => y[k]),
    )
    if (trace.customdata)
      pushAll(
        trace.customdata,
        chosen.map((k) => values[k]),
      )
  }

  // Marks where loss weights changed, and where a lane was forked: above the plot, in its pictures
  // too, and told by `marks`.
  fillMarks(trace, line) {
    const x = line?.column(this.column) ?? []
    const forkedAt = line?.from > -Infinity ? (x[line.beyond([...x.keys()])[0]] ?? 0) : null
    const all = changes(weightColumns(line), x, line?.column("time"))
    const marks = all.filter((mark) => forkedAt === null || mark.x >= forkedAt)
    const source = this.lines.forks[trace.meta.lane]?.[0]
    const said = marks.map((mark) => [mark.x, changeWords(mark)])
    if (forkedAt !== null) said.unshift([forkedAt, `forked from lane ${source + 1}`])
    trace.x = said.map(([at]) => at)
    trace.y = said.map(() => 1)
    trace.text = said.map(() => "▼")
    trace.customdata = said.map(([, text]) => text)
  }

  async show() {
    await super.show()
    if (!this.element._fullLayout) return // not drawn, or gone by now
    if (this.placeLevels()) await super.show()
    this.showMarks()
  }

  // Words on the levels of chance, where Plotly has drawn them; says whether any stand elsewhere now.
  placeLevels() {
    const levels = this.traces.filter(({ meta, text }) => meta.role === "chance" && text)
    const { yaxis, _size: size } = this.element._fullLayout
    const places = levels.map(({ name, meta }) => ({ name, at: yaxis.l2p(yaxis.d2l(meta.level)) }))
    let isNew = false
    levelWords(places, size.h).forEach(({ text, position }, k) => {
      const trace = levels[k]
      if (trace.text[1] === text && trace.textposition === position) return
      Object.assign(trace, { text: ["", text], textposition: position })
      isNew = true
    })
    return isNew
  }

  showMarks() {
    const marks = this.traces
      .filter(({ meta }) => meta.role === "changes")
      .flatMap(({ x, customdata: told, line, name }) =>
        x.map((at, i) => ({ at, text: this.isRace ? `${name}: ${told[i]}` : told[i], colour: line.color })),
      )
    this.marks.draw(marks, this.element._fullLayout, this.column === "step" ? "step" : "second")
  }

  // Axes and colours: what the options and the page's theme say.
  dress() {
    const { options, layout } = this
    const dressed = super.dress()
    const { dark } = dressed
    layout.uirevision = `${options.run} ${options.x} ${options.logLoss}`
    layout.xaxis.title = { text: options.x === "seconds" ? "seconds of training" : "step", standoff: 6 }
    if (!layout.yaxis.tickformat) layout.yaxis.type = options.logLoss ? "log" : "linear"
    layout.xaxis.unifiedhovertitle = { text: options.x === "seconds" ? "%{x:.2f} s" : "step %{x:,d}" }
    const { colours } = this.traces.find(({ meta }) => ["chance", "changes"].includes(meta.role)).meta
    this.ink = { color: shade(colours, dark), ground: dark ? "#21201dcc" : "#ffffffcc" }
    return dressed
  }
}

function far(text, { color, ground }) {
  const at = { x: 0.01, y: 0.99, xref: "paper", yref: "paper", xanchor: "left", yanchor: "top" }
  return { ...at, text, showarrow: false, font: { size: 11, color }, bgcolor: ground }
}
