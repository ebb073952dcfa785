// The controls of one head: a slider for the hand, a number for what its steps leave out.

/** @import { Head } from "../client/types.js" */
import { swatch } from "../client/drawing/colours.js"
import { element } from "../client/drawing/elements.js"

const STEP = 0.05
const FAR = 10 // steps at once, by PageUp and PageDown

const KEYS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: FAR, PageDown: -FAR }

// Without the dust of binary fractions.
const tidy = (weight) => Number(weight.toPrecision(6))

export class HeadControl {
  weight = 0
  isHeld = false // whether somebody has it in hand, so that nothing else may move it

  /**
   * @param {HTMLElement} parent
   * @param {Head} head
   * @param {number} greatest A weight may be.
   * @param {(weight: number, isLast: boolean) => void} onMove
   * @param {(why: string) => void} onRefuse
   */
  constructor(parent, head, greatest, onMove, onRefuse) {
    this.head = head
    this.greatest = greatest
    this.onMove = onMove
    this.onRefuse = onRefuse
    this.root = element(parent, "div", "desk-head")
    this.root.setAttribute("role", "group")
    this.root.setAttribute("aria-label", head.name)
    const name = element(this.root, "span", "desk-name")
    element(name, "span", "desk-swatch")
    element(name, "code", "", head.name)
    if (head.called) element(name, "span", "desk-called", `· ${head.called}`)
    name.title = head.asks
    this.number = element(this.root, "input", "desk-number")
    Object.assign(this.number, { type: "number", min: "0", max: String(greatest), step: String(STEP) })
    this.number.setAttribute("aria-label", `${head.name}, exact`)
    this.range = element(this.root, "input", "desk-range")
    Object.assign(this.range, {
      type: "range",
      min: "0",
      step: "any",
      title: `${head.asks} Multiplies this head's loss in the total.`.trim(),
    })
    this.range.setAttribute("aria-label", head.name)
    this.listen()
  }

  listen() {
    const { range, number } = this
    range.addEventListener("pointerdown", () => (this.isHeld = true))
    range.addEventListener("input", () => this.moveTo(Math.round(Number(range.value) / STEP) * STEP, false))
    for (const end of ["change", "pointerup", "pointercancel", "blur"])
      range.addEventListener(end, () => this.letGo(end === "change"))
    range.addEventListener("keydown", (event) => {
      const steps = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key]
      if (steps === undefined) return
      event.preventDefault()
      this.moveTo((Math.round((this.weight / STEP) * 1e6) / 1e6 + steps) * STEP, true)
    })
    number.addEventListener("input", () => (this.isHeld = true))
    number.addEventListener("change", () => this.type())
    number.addEventListener("blur", () => this.type())
    number.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return
      this.isHeld = false
      this.show(this.weight)
    })
  }

  moveTo(weight, isLast) {
    const most = Math.max(Number(this.range.max), this.weight)
    this.show(tidy(Math.min(Math.max(weight, 0), most)), true)
    this.onMove(this.weight, isLast)
  }

  letGo(isMoved) {
    const wasHeld = this.isHeld
    this.isHeld = false
    if (isMoved || wasHeld) this.onMove(this.weight, true)
  }

  // What was typed, once that is complete.
  type() {
    if (!this.isHeld) return
    this.isHeld = false
    const { value, validity } = this.number
    const weight = Number(value)
    const isWeight = value !== "" && !validity.badInput && weight >= 0 && weight <= this.greatest
    if (isWeight) {
      this.show(weight)
      this.onMove(weight, true)
    } else {
      const what = value === "" ? "What was typed" : value
      this.onRefuse(
        `${this.head.name}: ${what} is refused: expected a number from 0 to ${this.greatest}. ${this.weight} stays.`,
      )
      this.show(this.weight)
    }
  }

  // Whether it can be moved.
  allow(isAllowed) {
    this.range.disabled = this.number.disabled = !isAllowed
  }

  // `most`: where the slider ends.
  setMost(most) {
    this.range.max = String(most)
    this.show(this.weight)
  }

  show(weight, isOwn = false) {
    this.weight = weight
    const text = String(weight)
    if ((!this.isHeld || isOwn) && this.range.value !== text) this.range.value = text
    if (document.activeElement !== this.number || !this.isHeld) {
      if (this.number.value !== text) this.number.value = text
    }
    this.range.setAttribute("aria-valuetext", text)
    this.range.style.setProperty("--filled", `${(100 * weight) / Math.max(Number(this.range.max), weight, STEP)}%`)
    swatch(this.root, this.head.colours)
  }
}
