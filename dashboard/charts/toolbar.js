// The toolbar of every chart: the picture as PNG and as SVG, made in the browser, and Plotly's own
// buttons for looking closer.

const [WIDTH, HEIGHT] = [900, 560] // px: a small chart is saved larger, with its legend
export const SHARP = 2 // pixels of a PNG in one of the page's
const LOOK = ["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d"]

// A curve between two handles, as drawing programs show one.
export const CURVE = {
  width: 24,
  height: 24,
  path: "M2 16h6v2c5-1 4-12 8-13V2h6v6h-6V7c-3 2-2 13-8 13v2H2zM4 18v2h2v-2zM18 4v2h2V4z",
}
// A sheet with mountains under a sun.
export const PIXELS = {
  width: 24,
  height: 24,
  path: "M2 3h20v18H2zM4 5v14h16V5zM5 17l5-7 4 5 2-2 3 4zM16 7h2v2h-2z",
}

// Plotly's settings for a chart. `nameOf` tells what its files are called, such as "run-3f2-loss".
export function toolbar(plotly, nameOf, { canZoom = true } = {}) {
  const button = (format, icon) => ({
    name: `save ${format}`,
    title: `Download as ${format.toUpperCase()}`,
    icon,
    click: (chart) => save(plotly, chart, format, nameOf()),
  })
  return {
    displaylogo: false,
    showSendToCloud: false, // what is measured here stays here
    modeBarButtons: [[button("png", PIXELS), button("svg", CURVE)], ...(canZoom ? [LOOK] : [])],
  }
}

// As the chart looks now, on the ground that it stands on; what is small and has its legend beside
// it on the page gets both, size and legend.
export function save(plotly, chart, format, filename) {
  const { data, layout, clientWidth, clientHeight } = chart
  const isSmall = layout.showlegend === false
  // The page's own font is not there in a file: text would not fit where it was measured.
  const font = { ...layout.font, family: "sans-serif" }
  const picture = { ...layout, font, paper_bgcolor: groundOf(chart) }
  if (isSmall) Object.assign(picture, { showlegend: true, margin: { ...layout.margin, b: 60 } })
  const [width, height] = isSmall ? [WIDTH, HEIGHT] : [clientWidth, clientHeight]
  Object.assign(picture, { width, height })
  const scale = format === "png" ? SHARP : 1
  return plotly.downloadImage({ data, layout: picture }, { format, filename, width, height, scale })
}

export function groundOf(node) {
  for (let at = node; at; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor
    if (!/^rgba\(.*, 0\)$|^transparent$/.test(colour)) return colour
  }
  return "#ffffff"
}
