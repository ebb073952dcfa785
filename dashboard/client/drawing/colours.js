// Whether the page is dark, and the colours that follow from it.

// By the colour of its text, which Streamlit sets; weighted as the eye sees red, green and blue.
/** @param {Element} node */
export function isDark(node) {
  const [red, green, blue] = (getComputedStyle(node).color.match(/[\d.]+/g) ?? []).map(Number)
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140
}

// Of a pair of colours, for light and for dark ground.
/** @template Colour @param {[Colour, Colour]} pair @param {boolean} dark */
export const shade = (pair, dark) => pair[dark ? 1 : 0]

// The colour that stands before the name of a row or a key, see style.js.
/** @param {HTMLElement} node @param {[string, string]} pair */
export const swatch = (node, pair) => node.style.setProperty("--swatch", shade(pair, isDark(node)))
