// The Pareto front of two heads over a weight map.

import { shade } from "../../client/drawing/colours.js"
import { ACCURACY } from "../../client/saying/measures.js"
import { fileName, inChart } from "../../client/saying/words.js"
import { frontRange, judged, pairWords } from "../values.js"
import { isFixed, Picture } from "./picture.js"

export class Front extends Picture {
  listen() {
    this.element.on("plotly_click", ({ points: [point] }) => this.onPick(point.customdata))
  }

  get fileName() {
    const { run, front } = this.options.shown
    return fileName("map", run ?? "none", "front", front)
  }

  fill() {
    const { shown, answer } = this.options
    const { dark, text, style } = this.dress()
    const line = dark ? "rgba(255,255,255,0.5)" : "rgba(0,0,0,0.45)"
    const accent = style.getPropertyValue("--st-primary-color").trim() || text
    const { layout, role: trace } = this
    const quantity = judged(shown)
    const measures = shown.pair.map((name) => shown.measures[quantity][name])
    const [x, y] = shown.pair.map((name) => answer?.values[quantity].mean[name] ?? [])
    const onFront = new Set(answer?.fronts[shown.front] ?? [])
    const at = (trace, indices) => {
      trace.x = indices.map((i) => x[i])
      trace.y = indices.map((i) => y[i])
      trace.customdata = indices
    }
    const measured = [...x.keys()].filter((i) => x[i] !== null)
    at(
      trace.dominated,
      measured.filter((i) => !onFront.has(i)),
    )
    at(
      trace.front,
      measured.filter((i) => onFront.has(i)).sort((i, j) => x[i] - x[j] || measures[1].sign * (y[j] - y[i])),
    )
    for (const name of ["dominated", "front"]) {
      trace[name].text = trace[name].customdata.map((i) => pairWords(i, shown, answer))
    }
    const best = answer?.values[shown.quantity].best[shown.column] ?? null
    at(trace.best, best === null ? [] : [best])
    at(trace.picked, measured.includes(shown.point) ? [shown.point] : [])
    trace.dominated.marker.color = shade(trace.dominated.meta.colours, dark)
    trace.front.marker.color = trace.front.line.color = accent
    ;[x, y].forEach((values, k) => {
      Object.assign(layout[["xaxis", "yaxis"][k]], {
        linecolor: line,
        title: { text: `${inChart(shown.axes[k])}${measures[k].sign < 0 ? " (less is better)" : ""}`, standoff: 8 },
        tickformat: measures[k].kind === ACCURACY ? ".0%" : "",
        range: frontRange(
          measured.map((i) => values[i]),
          [...onFront].map((i) => values[i]),
          measures[k],
          isFixed(answer),
        ),
      })
    })
    const isOutside = (value, { range: [low, high] }) => value < low || value > high
    const outside = measured.filter((i) => isOutside(x[i], layout.xaxis) || isOutside(y[i], layout.yaxis)).length
    layout.annotations = outside ? [note(`${outside} worse ones are out of sight: double-click for all`)] : []
    layout.uirevision = `${shown.run} ${shown.front}`
    this.keepInLegend(["x", "y"])
  }
}

function note(text) {
  return {
    text,
    x: 0.01,
    y: 0.01,
    xref: "paper",
    yref: "paper",
    xanchor: "left",
    yanchor: "bottom",
    showarrow: false,
    font: { size: 12 },
  }
}
