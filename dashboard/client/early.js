// Loads Plotly as soon as there is a page, before anything wants it.

import { loadPlotly } from "./plotly.js"

loadPlotly()
