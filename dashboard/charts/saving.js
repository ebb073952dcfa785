// The buttons that give a drawing of our own as a file, as the toolbar of Plotly's charts does.

import { element } from "../client/drawing/elements.js"
import { reshape, shape } from "../client/drawing/svg.js"
import { CURVE, groundOf, PIXELS, SHARP } from "./toolbar.js"

/** @param {HTMLElement} parent @param {SVGElement} drawing @param {() => string} nameOf */
export function savingButtons(parent, drawing, nameOf) {
  const bar = element(parent, "div", "chart-saving")
  for (const [format, icon] of Object.entries({ png: PIXELS, svg: CURVE })) {
    const made = element(bar, "button")
    made.type = "button"
    made.title = `Download as ${format.toUpperCase()}`
    const { width, height, path } = icon
    const svg = shape(made, "svg", { viewBox: `0 0 ${width} ${height}`, role: "presentation" })
    shape(svg, "path", { d: path })
    made.addEventListener("click", () => save(drawing, format, nameOf()))
  }
}

// As it looks now, on the ground that it stands on.
async function save(drawing, format, name) {
  const { clientWidth: width, clientHeight: height } = drawing
  const copy = /** @type {SVGElement} */ (drawing.cloneNode(true))
  // The page's own font is not there in a file.
  reshape(copy, { width, height, color: getComputedStyle(drawing).color, "font-family": "sans-serif" })
  copy.removeAttribute("class")
  const ground = shape(copy, "rect", { width, height, fill: groundOf(drawing) })
  copy.prepend(ground)
  const text = new XMLSerializer().serializeToString(copy)
  const svg = new Blob([text], { type: "image/svg+xml" })
  download(format === "svg" ? svg : await pixels(svg, width, height), `${name}.${format}`)
}

/** @param {Blob} svg @returns {Promise<Blob>} of a PNG */
async function pixels(svg, width, height) {
  const image = new Image()
  const address = URL.createObjectURL(svg)
  image.src = address
  await image.decode()
  const canvas = document.createElement("canvas")
  Object.assign(canvas, { width: SHARP * width, height: SHARP * height })
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height)
  URL.revokeObjectURL(address)
  return new Promise((resolve, reject) =>
    canvas.toBlob((made) => (made ? resolve(made) : reject(new Error("no picture could be made")))),
  )
}

/** @param {Blob} file @param {string} name */
function download(file, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
