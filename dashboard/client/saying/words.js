// Numbers and words as all pages write them. Pure.

/** @param {string} word */
export const capital = (word) => word[0].toUpperCase() + word.slice(1)
/** @param {number} number */
export const whole = (number) => Math.round(number).toLocaleString("en-US")
/** @param {number} n @param {string} word @param {(n: number) => string} number */
export const count = (n, word, number = String) => `${number(n)} ${word}${n === 1 ? "" : "s"}`
/** @param {number} value */
export const seconds = (value) => (value < 10 ? `${value.toFixed(1)} s` : `${whole(value)} s`)
/** @param {number} share */
export const percent = (share, digits = 0) => `${(100 * share).toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1")} %`
/** @param {number} value @param {number} digits */
export const round = (value, digits) => String(Number(value.toFixed(digits)))

const ENTITIES = { "<": "&lt;", ">": "&gt;", "&": "&amp;", "%": "&#37;" }

// A text as Plotly draws it as it is, which takes some tags, and fills in %{x} in a template.
/** @param {string} text */
export const inChart = (text) => text.replace(/[<>&]|%(?=\{)/g, (letter) => ENTITIES[letter])

// And back: what somebody reads who does not see the chart.
/** @param {string} text */
export const outOfChart = (text) =>
  text.replace(/&[#\w]+;/g, (entity) => Object.keys(ENTITIES).find((one) => ENTITIES[one] === entity) ?? entity)

// A loss: three decimals, or of one that has exploded four digits.
/** @param {number} value */
export const nats = (value) => (Math.abs(value) < 1e4 ? value.toFixed(3) : value.toExponential(2).replace("e+", "e"))

// A difference with its sign; one that rounds to nothing is ±.
/** @param {number} value */
export function signed(value, digits = 1) {
  const least = 0.5 / 10 ** digits
  return (value < -least ? "−" : value < least ? "±" : "+") + Math.abs(value).toFixed(digits)
}

// What a file is called: letters, digits and dashes.
/** @param {unknown[]} parts */
export const fileName = (...parts) =>
  parts
    .filter(Boolean)
    .join("-")
    .replace(/[^\w.-]+/g, "-")
