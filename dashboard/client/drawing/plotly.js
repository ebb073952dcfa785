// Plotly, which is fetched when the first chart wants it.

import { remembered } from "./arrays.js"

/** @type {Promise<any> | undefined} */
let plotly
export function loadPlotly() {
  plotly ??= fetched().then((Plotly) => {
    const { PlotSchema } = Plotly
    PlotSchema.findArrayAttributes = remembered(PlotSchema.findArrayAttributes)
    return Plotly
  })
  return plotly
}

/** @returns {Promise<any>} */
function fetched() {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = new URL("../../plotly.min.js", import.meta.url).href
    script.onload = () => resolve(window.Plotly)
    script.onerror = () => reject(new Error("plotly.min.js could not be loaded"))
    document.head.append(script)
  })
}
