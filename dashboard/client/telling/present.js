// What is known of a run by now: an answer that one view got serves the others on the page.

/** @import { Answer, LaneNow } from "../types.js" */
/** @typedef {Answer & { lanes_now: LaneNow[] }} Present */

/** @type {Set<(answer: Present) => void>} */
const listeners = new Set()

/** @param {Present} answer */
export function tellPresent(answer) {
  for (const listener of listeners) listener(answer)
}

// Has a view hear of all runs, as long as its element is on the page.
/** @param {Element} root @param {(answer: Present) => void} hear */
export function onPresent(root, hear) {
  const listener = (answer) => (root.isConnected ? hear(answer) : listeners.delete(listener))
  listeners.add(listener)
}
