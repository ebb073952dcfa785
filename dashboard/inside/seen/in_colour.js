// What of the embeddings is in colour: groups of the classes, and if these are many, which of them.

import { element, radios } from "../../client/drawing/elements.js"

export const FEW = 12 // groups that have a colour and a symbol each
export const CONFUSED = "confused" // the classes that are taken for one another most often
export const PICKED = "picked" // those of the picked pair
const GROUPS = { class: "class", tens: "tens", ones: "ones" }

export class InColour {
  by = "class" // or of numbers "tens" or "ones"
  chosen = CONFUSED // or PICKED, or one class
  isMany = false // whether there are more classes than colours
  told = "" // the names among which one chooses

  /** @param {HTMLElement} parent @param {() => void} onChoose */
  constructor(parent, onChoose) {
    const bar = element(parent, "div", "inside-bar")
    this.groups = radios(bar, "Coloured by", GROUPS, "class", (by) => {
      this.by = by
      this.show()
      onChoose()
    })
    this.label = element(bar, "label", "", "in colour ")
    this.select = element(this.label, "select")
    this.select.addEventListener("change", () => {
      this.chosen = this.select.value
      onChoose()
    })
  }

  // With another run there may be other classes.
  offer({ classes, digits }) {
    const told = classes.join("\n")
    if (told === this.told) return
    this.told = told
    Object.assign(this, { by: "class", chosen: CONFUSED, isMany: classes.length > FEW })
    this.groups.hidden = !digits
    this.groups.querySelectorAll("input")[0].checked = true
    this.select.replaceChildren()
    const all = [
      [CONFUSED, "classes that are confused most"],
      [PICKED, "classes of the picked pair"],
      ...classes.map((name, c) => [c, name]),
    ]
    for (const [value, name] of all) element(this.select, "option", "", name).value = String(value)
    this.show()
  }

  show() {
    this.label.hidden = !this.isMany
    this.label.style.visibility = this.by === "class" ? "" : "hidden" // it keeps its place
  }
}
