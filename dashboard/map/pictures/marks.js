// The marks of the triangle: markers as Plotly describes them, drawn as shapes.

/** @import { Marker } from "../../client/types.js" */
import { reshape, shape } from "../../client/drawing/svg.js"

// The paths of Plotly's symbols around (0, 0), by half of a marker's size.
/** @type {Record<string, (r: number) => string>} */
const PATHS = {
  circle: (r) => `M${r},0A${r},${r} 0 1,1 0,${-r}A${r},${r} 0 0,1 ${r},0Z`,
  square: (r) => `M${r},${r}H${-r}V${-r}H${r}Z`,
  star: (r) => polygon(10, (k) => (k % 2 ? 0.54 : 1.4) * r),
  "x-thin": (r) => `M${r},${r}L${-r},${-r}M${r},${-r}L${-r},${r}`,
  hexagon: (r) => polygon(6, () => r),
}

// Corners around the middle, the first one above it.
function polygon(n, radius) {
  const corners = Array.from({ length: n }, (_, k) => {
    const turn = (2 * Math.PI * k) / n
    return [radius(k) * Math.sin(turn), -radius(k) * Math.cos(turn)].map((at) => at.toFixed(2)).join()
  })
  return `M${corners.join("L")}Z`
}

export const hexagon = (size) => PATHS.hexagon(size / 2)

/** @param {Element} parent @param {Marker} marker @param {{ x: number, y: number, [attribute: string]: string | number }} place */
export function mark(parent, { symbol, size, color, line }, { x, y, ...more }) {
  const isOpen = symbol.endsWith("-open")
  return shape(parent, "path", {
    d: PATHS[symbol.replace("-open", "")](size / 2),
    transform: `translate(${x.toFixed(2)},${y.toFixed(2)})`,
    fill: isOpen ? "none" : (color ?? "none"),
    stroke: (isOpen ? color : line?.color) ?? "currentColor",
    "stroke-width": line?.width ?? 0,
    ...more,
  })
}

/** @param {boolean} dark */
export const pickedColour = (dark) => (dark ? "#ff6ec7" : "#c2187a")

const [COLUMN, ROW] = [92, 20] // px of what one of them takes in the legend
const SMALL = 12 // px of a mark there, at most

// What the marks are called, in one row or in two.
export class Legend {
  /** @param {Element} parent @param {{ role: string, name: string, marker: Marker }[]} marks */
  constructor(parent, marks) {
    this.root = shape(parent, "g", { class: "map-legend", "font-size": 12 })
    this.entries = marks.map(({ role, name, marker }) => {
      const entry = shape(this.root, "g")
      // An edge for the colours of the map is black, which a dark page is as well.
      const onPage = role === "ties" ? { color: "currentColor" } : {}
      const drawn = mark(entry, { ...marker, ...onPage, size: Math.min(SMALL, marker.size || SMALL) }, { x: 0, y: 0 })
      shape(entry, "text", { x: 16, y: 4 }, name)
      return { entry, drawn, role }
    })
  }

  // In the middle of `x`, below `y`, in a picture of a width.
  fit(x, y, width) {
    const columns = width < COLUMN * this.entries.length ? Math.ceil(this.entries.length / 2) : this.entries.length
    this.entries.forEach(({ entry }, k) => {
      const [column, row] = [k % columns, Math.floor(k / columns)]
      const left = x + COLUMN * (column - columns / 2) + SMALL
      reshape(entry, { transform: `translate(${left},${y + ROW * (row + 0.5)})` })
    })
  }

  /** @param {string} picked the colour of the picked point */
  dress(picked) {
    for (const { drawn, role } of this.entries) if (role === "picked") reshape(drawn, { stroke: picked })
  }
}
