// Where the sliders of the weights desk stand, as they are dragged, for what else shows it.

/** @type {number[] | null} */
let weights = null // of the selected lane, in the order of the heads; null where there is no desk
/** @type {Set<() => void>} */
const listeners = new Set()

/** @param {number[]} now */
export function tellSliders(now) {
  if (weights?.every((weight, h) => weight === now[h])) return
  weights = now
  for (const listener of listeners) listener()
}

// Python's word for them is as old as its last script run.
/** @param {number[]} told */
export const slidersNow = (told) => weights ?? told

// Has a view hear of each move, as long as its element is on the page.
/** @param {Element} root @param {() => void} hear */
export function onSliders(root, hear) {
  const listener = () => (root.isConnected ? hear() : listeners.delete(listener))
  listeners.add(listener)
}
