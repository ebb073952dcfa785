// Validation pairs as cards: both images, what each head says of them, and whether it is right.

import { button, element, put, radios } from "../../client/drawing/elements.js"
import { percent, round } from "../../client/saying/words.js"
import { chosen, verdict } from "./verdicts.js"

const A_PAGE = 12
const FILTERS = { all: "all", wrong: "wrong only", sure: "most sure and wrong" }

export class Pairs {
  filter = "all" // one of FILTERS
  of = "any" // the head that is wrong, or "any"
  page = 0
  /** @type {number[] | null} */ order = null // of the pairs that are shown; null if it is to be found anew
  /** @type {any} */ snapshot = null
  /** @type {number | null} */ picked = null
  most = 0 // cards that were shown since the last choice: their place is kept

  constructor(root, heads, pictures, onPick) {
    this.heads = heads
    this.pictures = pictures
    const bar = element(root, "div", "inside-bar")
    radios(bar, "Show", FILTERS, "all", (filter) => this.choose({ filter }))
    const label = element(bar, "label", "", "wrong is ")
    this.select = element(label, "select")
    for (const name of ["any", ...heads.map(({ name }) => name)]) {
      element(this.select, "option", "", name === "any" ? "any head" : name).value = name
    }
    this.select.addEventListener("change", () => this.choose({ of: this.select.value }))
    this.cards = element(root, "div", "inside-cards")
    this.slots = Array.from({ length: A_PAGE }, () => new Card(this.cards, heads, onPick))
    const pager = element(root, "div", "inside-bar inside-pager")
    this.before = button(pager, "Previous pairs", () => this.choose({ page: this.page - 1 }))
    this.told = element(pager, "span", "inside-page")
    this.after = button(pager, "Next pairs", () => this.choose({ page: this.page + 1 }))
  }

  choose(choice) {
    Object.assign(this, { page: 0, most: 0 }, choice)
    this.order = null
    if (this.snapshot) this.draw(this.snapshot, this.picked)
  }

  draw(snapshot, picked) {
    Object.assign(this, { snapshot, picked })
    const of = this.of === "any" ? this.heads.map(({ name }) => name) : [this.of]
    // A card does not slip away from under the pointer.
    if (!this.order || !this.cards.matches(":hover, :focus-within")) this.order = chosen(snapshot, this.filter, of)
    const { order } = this
    const pages = Math.max(1, Math.ceil(order.length / A_PAGE))
    this.page = Math.min(Math.max(this.page, 0), pages - 1)
    const first = this.page * A_PAGE
    this.most = Math.max(this.most, Math.min(order.length - first, A_PAGE))
    this.slots.forEach((slot, k) => slot.draw(snapshot, order[first + k], picked, this.pictures, k < this.most))
    this.before.disabled = this.page === 0
    this.after.disabled = this.page === pages - 1
    const n = `${order.length} of ${snapshot.labels.length} pairs`
    this.told.textContent = order.length ? `${n}, page ${this.page + 1} of ${pages}` : `${n}: nothing is wrong here`
  }
}

// One pair: a button that picks it.
class Card {
  pair = 0

  constructor(parent, heads, onPick) {
    this.heads = heads
    this.button = button(parent, "", () => onPick(this.pair), "inside-card")
    this.button.hidden = true
    this.title = element(this.button, "span", "inside-card-title")
    const both = element(this.button, "span", "inside-both")
    this.sides = [0, 1].map(() => {
      const side = element(both, "span", "inside-side")
      const canvas = element(side, "canvas", "inside-image")
      canvas.setAttribute("aria-hidden", "true")
      return { canvas, line: element(side, "span", "inside-says") }
    })
    this.line = element(this.button, "span", "inside-says")
  }

  // Nothing where there is no pair; `keeps` its place all the same.
  draw(snapshot, pair, picked, pictures, keeps) {
    this.button.hidden = !keeps
    this.button.classList.toggle("inside-away", pair === undefined)
    if (pair === undefined) return
    this.pair = pair
    this.button.dataset.pair = String(pair)
    this.button.setAttribute("aria-pressed", String(pair === picked))
    this.title.textContent = `Pair ${pair} · distance ${round(snapshot.distance[pair], 2)}`
    this.sides.forEach(({ canvas, line }, k) => {
      pictures.draw(canvas, pair, k, snapshot.image)
      say(line, verdict(snapshot, this.heads[k].name, pair))
    })
    say(this.line, verdict(snapshot, this.heads[2].name, pair))
  }
}

// Each part on a line of its own where there is little room, cut off rather than wrapped: what is said
// changes with each snapshot, and nothing must move for it.
export function say(line, { says, is, sure, isRight }) {
  const parts = [`${says}, `, `${percent(sure)}: ${isRight ? "✓ right" : "✗ wrong, "}`, isRight ? "" : `is ${is}`]
  while (line.children.length < parts.length) element(line, "span")
  parts.forEach((part, k) => put(line.children[k], part))
  line.dataset.right = String(isRight)
  line.title = line.textContent
}
