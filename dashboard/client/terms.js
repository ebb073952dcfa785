// Words of the trade, explained where they stand: on hover, with the key Tab, by a touch.

import { element } from "./elements.js"

const GAP = 8 // px

/** @type {Record<string, string>} */
const MEANINGS = {
  nats: "The unit of a loss: cross-entropy with natural logarithms. A guess among 100 costs ln 100 = 4.605 nats, a sure and right answer 0.",
  trunk: "The layers that both images go through, with the same weights: all three losses pull on them.",
  pair: "One example: two images, and whether they show the same class.",
  lane: "One network that is trained: several lanes race from the same initial values, on the same batches, with different loss weights.",
  validation: "Measured on pairs whose images were never trained on.",
  loss: "How wrong the answers of a head are, as a number that training makes smaller.",
  "loss weight": "What a head's loss is multiplied by before the losses are added up. You set it.",
}

// A word with its meaning in a bubble; `text` where it stands in another form, such as the plural.
/** @param {ParentNode} parent @param {string} word @param {string} text */
export function term(parent, word, text = word) {
  const made = element(parent, "span", "term", text)
  made.tabIndex = 0
  const bubble = element(made, "span", "term-words", MEANINGS[word])
  bubble.setAttribute("role", "tooltip")
  bubble.popover = "manual" // above all else, so that neither a table nor the desk cuts it off
  const hide = () => bubble.hidePopover()
  const show = () => {
    bubble.showPopover()
    place(bubble, made)
  }
  for (const event of ["pointerenter", "focus"]) made.addEventListener(event, show)
  for (const event of ["pointerleave", "blur"]) made.addEventListener(event, hide)
  made.addEventListener("keydown", ({ key }) => key === "Escape" && hide())
  return made
}

// Under the word, or above it, and all of it in the window.
function place(bubble, word) {
  const [at, own] = [word.getBoundingClientRect(), bubble.getBoundingClientRect()]
  const left = Math.min(at.left + at.width / 2 - own.width / 2, innerWidth - own.width - GAP)
  const isBelow = at.bottom + own.height + GAP < innerHeight
  const top = isBelow ? at.bottom + GAP / 2 : at.top - own.height - GAP / 2
  Object.assign(bubble.style, { left: `${Math.max(GAP, left)}px`, top: `${top}px` })
}

// Text in which words between [brackets] are explained, such as "[pair|pairs]".
/** @param {ParentNode} parent @param {string} text */
export function explained(parent, text) {
  for (const part of text.split(/(\[.+?\])/)) {
    const [word, shown = word] = part.replace(/^\[|\]$/g, "").split("|")
    if (part.startsWith("[")) term(parent, word, shown)
    else parent.append(part)
  }
}

// The same as it is shown, for a name that is read out.
/** @param {string} text */
export const plainly = (text) => text.replace(/\[(?:[^|\]]*\|)?([^\]]*)\]/g, "$1")

export const TERMS = `
  .term { position: relative; text-decoration: underline dotted; text-underline-offset: 0.2em; cursor: help; }
  .term-words { inset: auto; margin: 0; width: max-content; white-space: normal; text-align: left; font-weight: 400; max-width: min(20rem, 70vw); padding: 0.3rem 0.6rem; font-size: 0.85rem; line-height: 1.35; color: var(--st-text-color); background: var(--st-background-color); border: 1px solid rgba(128, 128, 128, 0.7); border-radius: 0.3rem; }
  .term:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); }
`
