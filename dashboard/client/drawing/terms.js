// Words of the trade, explained where they stand: on hover, with the key Tab, by a touch.

import { MEANINGS } from "../saying/meanings.js"
import { element } from "./elements.js"

const GAP = 8 // px

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
  made.addEventListener("blur", hide)
  // A finger that is lifted leaves: what it has pressed is still to be read.
  made.addEventListener("pointerleave", ({ pointerType }) => pointerType === "touch" || hide())
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
