// Keys for what one does while watching, and the dialog that tells them.

import { button, element } from "../client/drawing/elements.js"

// What Streamlit draws as buttons, by their keys.
const BUTTONS = {
  t: ["train", "Train"],
  p: ["pause", "Pause or Resume"],
  s: ["step", "Step"],
  f: ["fork", "Fork here"],
}
const WRITING =
  "input:not([type=range]):not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable=true], dialog[open]"

/** @type {Keys | null} */
let newest = null // of the page that is open: a desk that has left it hears nothing
globalThis.document?.addEventListener("keydown", (event) => {
  if (newest?.root.isConnected) newest.press(event)
})

export class Keys {
  /** @param {HTMLElement} root @param {(lane: number) => void} onLane */
  constructor(root, onLane) {
    this.root = root
    this.onLane = onLane
    this.dialog = this.makeDialog()
    newest = this
  }

  makeDialog() {
    const dialog = element(this.root, "dialog", "desk-keys")
    element(dialog, "h2", "", "Keys").id = "desk-keys-title"
    dialog.setAttribute("aria-labelledby", "desk-keys-title")
    const list = element(dialog, "dl")
    const rows = [
      ...Object.entries(BUTTONS).map(([key, [, what]]) => [key.toUpperCase(), what]),
      ["1 to 4", "Let the sliders steer that lane"],
      ["← →", "At a slider: a step of 0.05; Page Up and Page Down: of 0.5"],
      ["Home End", "At a slider: 0, and the end of the scale"],
      ["Enter", "In a number: take it; Escape leaves it as it was"],
      ["?", "Show these keys"],
    ]
    for (const [key, what] of rows) {
      element(list, "dt", "", key)
      element(list, "dd", "", what)
    }
    button(dialog, "Close", () => dialog.close())
    return dialog
  }

  show() {
    if (!this.dialog.open) this.dialog.showModal()
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return
    if (event.target instanceof Element && event.target.closest(WRITING)) return
    if (event.key === "?") this.show()
    else if (/^[1-4]$/.test(event.key)) this.onLane(Number(event.key) - 1)
    else {
      const [key] = BUTTONS[event.key.toLowerCase()] ?? []
      /** @type {HTMLButtonElement | null} */
      const wanted = document.querySelector(`.st-key-${key} button:enabled`)
      wanted?.click()
    }
  }
}
