// The upper row of the desk: what its weights are of, which lane it steers, presets, keys.

/** @import { ShownDesk } from "../client/types.js" */
import { isDark, shade } from "../client/drawing/colours.js"
import { button, element, put } from "../client/drawing/elements.js"

const WHY_TWO =
  "Put these weights beside a copy of them, to change: the next Train runs both from the same initial values, on the same batches and dropout masks."

export class Top {
  /** @type {[string, string][]} */ laneColours
  mostLanes = 0

  /**
   * @param {HTMLElement} parent
   * @param {ShownDesk} shown
   * @param {object} on
   * @param {() => void} on.add
   * @param {() => void} on.remove
   * @param {(lane: number) => void} on.choose
   * @param {(weights: number[]) => void} on.preset
   * @param {() => void} on.keys
   */
  constructor(parent, { presets, laneColours, mostLanes }, on) {
    Object.assign(this, { laneColours, mostLanes })
    this.onChoose = on.choose
    this.root = element(parent, "div", "desk-top")
    this.mode = element(this.root, "strong", "desk-mode")
    this.choice = element(this.root, "div", "desk-lanes")
    this.choice.setAttribute("role", "radiogroup")
    this.choice.setAttribute("aria-label", "The sliders steer")
    const lanes = element(this.root, "div", "desk-more")
    this.adder = button(lanes, "Add lane", on.add)
    this.remover = button(lanes, "Remove lane", on.remove)
    button(lanes, "?", on.keys, "desk-help").setAttribute("aria-label", "Keys")
    const group = element(this.root, "div", "desk-presets")
    group.setAttribute("role", "group")
    group.setAttribute("aria-label", "Presets")
    this.presets = presets.map(({ name, weights, knownFor }) => {
      const made = button(group, name, () => on.preset(weights))
      made.title = `${weights.join(", ")}: ${knownFor}`
      return { made, weights }
    })
  }

  /** @param {{ lanes: number[][], lane: number, follows: boolean, why: string, called: string }} now */
  draw({ lanes, lane, follows, why, called }) {
    put(this.mode, follows ? `Loss weights in force in run ${called}` : "Loss weights of the next run")
    this.drawLanes(lanes.length, lane)
    const isFull = lanes.length >= this.mostLanes
    this.adder.disabled = follows || isFull
    this.adder.title = why
      ? why
      : follows
        ? "While a run trains, Fork here adds a lane to it."
        : isFull
          ? `At most ${this.mostLanes}.`
          : WHY_TWO
    this.remover.hidden = lanes.length < 2
    this.remover.disabled = follows
    this.remover.title = follows
      ? "The lanes of a run in training stay; Fork here adds one."
      : "Leave the selected lane out of the next run."
    for (const { made, weights } of this.presets) {
      made.setAttribute("aria-pressed", String(isSame(weights, lanes[lane])))
      made.disabled = why !== ""
    }
  }

  drawLanes(n, lane) {
    const { choice } = this
    choice.hidden = n < 2
    if (choice.children.length !== n) {
      choice.replaceChildren()
      for (let i = 0; i < n; i++) {
        const label = element(choice, "label")
        const input = element(label, "input")
        Object.assign(input, { type: "radio", name: "desk-lane" })
        input.addEventListener("change", () => this.onChoose(i))
        element(label, "span", "", `Lane ${i + 1}`)
      }
    }
    const dark = isDark(this.root)
    for (const [i, input] of choice.querySelectorAll("input").entries()) {
      input.checked = i === lane
      input.style.accentColor = shade(this.laneColours[i], dark)
    }
  }
}

/** @param {number[]} some @param {number[]} others */
export const isSame = (some, others) => some.every((weight, h) => weight === others[h])
