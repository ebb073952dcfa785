// Validation pairs as cards: both images, what each head says of them, and whether it is right.

import { element, percent, radios, round } from "../client/parts.js"

const A_PAGE = 12
const FILTERS = { all: "all", wrong: "wrong only", sure: "most sure and wrong" }

export class Pairs {
  constructor(root, heads, pictures, onPick) {
    Object.assign(this, { root, heads, pictures, filter: "all", of: "any", page: 0, order: [] })
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
    this.before = this.turner(pager, "Previous pairs", -1)
    this.told = element(pager, "span", "inside-page")
    this.after = this.turner(pager, "Next pairs", 1)
  }

  turner(parent, text, by) {
    const button = element(parent, "button", "", text)
    button.type = "button"
    button.addEventListener("click", () => this.choose({ page: this.page + by }))
    return button
  }

  choose(choice) {
    Object.assign(this, { page: 0 }, choice)
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
    this.slots.forEach((slot, k) => slot.draw(snapshot, order[first + k], picked, this.pictures))
    this.before.disabled = this.page === 0
    this.after.disabled = this.page === pages - 1
    const n = `${order.length} of ${snapshot.labels.length} pairs`
    this.told.textContent = order.length ? `${n}, page ${this.page + 1} of ${pages}` : `${n}: nothing is wrong here`
  }
}

// One pair: a button that picks it.
class Card {
  constructor(parent, heads, onPick) {
    this.heads = heads
    this.button = element(parent, "button", "inside-card")
    this.button.type = "button"
    this.button.hidden = true
    this.button.addEventListener("click", () => onPick(this.pair))
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

  draw(snapshot, pair, picked, pictures) {
    this.button.hidden = pair === undefined
    if (pair === undefined) return
    this.pair = pair
    this.button.dataset.pair = pair
    this.button.setAttribute("aria-pressed", pair === picked)
    this.title.textContent = `Pair ${pair} · distance ${round(snapshot.distance[pair], 2)}`
    this.sides.forEach(({ canvas, line }, k) => {
      pictures.draw(canvas, pair, k, snapshot.image)
      say(line, verdict(snapshot, this.heads[k].name, pair))
    })
    say(this.line, verdict(snapshot, this.heads[2].name, pair))
  }
}

// What a head says of a pair, how sure it is, and whether it is right.
export function verdict(snapshot, head, pair) {
  const { labels, top, right, same, digits } = snapshot
  if (top[head]) {
    const is = labels[pair][head === Object.keys(top)[0] ? 0 : 1]
    const [says, sure] = [top[head].classes[pair][0], top[head].p[pair][0]]
    const name = (c) => (digits ? String(c).padStart(2, "0") : `class ${c}`)
    return { says: name(says), is: name(is), sure, isRight: says === is || right[head][pair] >= sure }
  }
  const isSame = labels[pair][2] === 1
  const says = same[pair] >= 0.5
  const name = (one) => (one ? "same" : "different")
  return { says: name(says), is: name(isSame), sure: Math.max(same[pair], 1 - same[pair]), isRight: right[head][pair] >= 0.5 }
}

// Indices of the pairs to show, of those heads that count.
export function chosen(snapshot, filter, heads) {
  const all = [...snapshot.labels.keys()]
  if (filter === "all") return all
  const wrong = new Map()
  for (const pair of all) {
    const sure = heads.map((head) => verdict(snapshot, head, pair)).filter(({ isRight }) => !isRight).map(({ sure }) => sure)
    if (sure.length) wrong.set(pair, Math.max(...sure))
  }
  const found = [...wrong.keys()]
  return filter === "wrong" ? found : found.sort((one, other) => wrong.get(other) - wrong.get(one))
}

export function say(line, { says, is, sure, isRight }) {
  line.textContent = `${says}, ${percent(sure)}: ${isRight ? "✓ right" : `✗ wrong, is ${is}`}`
  line.dataset.right = isRight
}
