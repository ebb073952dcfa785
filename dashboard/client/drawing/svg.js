// Shapes of drawings of our own.

const SVG = "http://www.w3.org/2000/svg"

/** @param {Element} parent @param {string} tag @param {Record<string, string | number>} attributes */
export function shape(parent, tag, attributes = {}, text = "") {
  const made = /** @type {SVGElement} */ (document.createElementNS(SVG, tag))
  reshape(made, attributes)
  made.textContent = text
  parent.append(made)
  return made
}

/** @param {Element} node @param {Record<string, string | number>} attributes */
export function reshape(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value))
}
