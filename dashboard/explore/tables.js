// The tables under the charts: how the lanes of a race do, and how the total of one is made.

import { isDark, shade, swatch } from "../client/drawing/colours.js"
import { element, put } from "../client/drawing/elements.js"
import { rowOf, table, tableRow } from "../client/drawing/tables.js"
import { explained } from "../client/drawing/terms.js"
import { apart, called, isShare, looked, measured } from "../client/saying/measures.js"
import { nats, percent, round } from "../client/saying/words.js"

// One row a lane: its loss weights, its last validation, and how far that is from lane 1's.
export class Race {
  /** @type {HTMLElement[][]} */ rows = [] // cells of each lane

  constructor(root, heads, colours) {
    this.root = root
    this.heads = heads
    this.colours = colours
    explained(element(root, "h2"), "How the [lane|lanes] do")
    this.body = table(root, ["lane", "[loss weight|loss weights]", ...heads.map(({ name }) => name)])
    const note = heads.every(isShare)
      ? "Last validation accuracy of each head, and in brackets the difference from lane 1 in points."
      : `Last validation of each head, and in brackets the difference from lane 1: ${heads.map(called).join(", ")}.`
    element(root, "p", "view-note", note)
  }

  // `lanes`: each with `weights` by head and `last`, its last row with validation, if any.
  draw(lanes, selected) {
    this.root.hidden = lanes.length < 2
    if (this.rows.length !== lanes.length) {
      this.body.replaceChildren()
      this.rows = lanes.map((_, i) => tableRow(this.body, `Lane ${i + 1}`, 1 + this.heads.length))
    }
    lanes.forEach(({ weights, last }, i) => {
      const line = rowOf(this.rows[i])
      swatch(line, this.colours[i])
      line.classList.toggle("live-selected", i === selected)
      line.toggleAttribute("aria-current", i === selected)
      const first = lanes[0].last
      const looks = this.heads.map((head) => {
        const [own, others] = [last, first].map((row) => row?.[looked(head)] ?? null)
        if (own === null) return "–"
        const isComparable = i > 0 && first?.step === last.step && others !== null
        return measured(head, own) + (isComparable ? ` (${apart(head, own - others)})` : "")
      })
      const inShort = this.heads.map(({ name }) => round(weights[name], 4)).join(", ")
      ;[inShort, ...looks].forEach((text, c) => put(this.rows[i][c], text))
    })
  }
}

// How the total is made: each head's weight x loss, as a bar and as a table.
export class Total {
  constructor(root, heads) {
    this.heads = heads
    this.title = element(root, "h2")
    this.bar = element(root, "div", "live-bar")
    this.bar.setAttribute("role", "img")
    this.parts = heads.map((head) => element(this.bar, "span", "", head.name))
    const kinds = new Set(heads.map(called))
    const kind = kinds.size === 1 ? [...kinds][0] : "metric"
    const titles = ["head", "[loss weight|weight]", "× [loss]", "= part", "share", `[validation] ${kind}`]
    const body = table(root, titles)
    this.rows = heads.map((head) => {
      const cells = tableRow(body, head.name, titles.length - 1)
      rowOf(cells).children[0].setAttribute("title", head.asks)
      return cells
    })
    this.own = element(root, "p", "view-note live-own") // what no head pays for
  }

  // `last` and `looked`: the last row, and the last with validation, of the lane called `whose`.
  draw(last, lookedAt, whose) {
    const isMixed = new Set(this.heads.map(called)).size > 1
    this.title.textContent = `How the total loss${whose ? ` of ${whose}` : ""} is made, now`
    const dark = isDark(this.bar)
    const parts = this.heads.map(({ name }) => (last ? last[`loss_weights.${name}`] * last[`loss.${name}`] : 0))
    const total = parts.reduce((sum, part) => sum + part, 0)
    this.drawOwn(last, total)
    this.heads.forEach((head, h) => {
      const share = total ? parts[h] / total : 0
      const colour = shade(head.colours, dark)
      Object.assign(this.parts[h].style, {
        width: `${100 * share}%`,
        background: colour,
        color: dark ? "#111" : "#fff",
      })
      rowOf(this.rows[h]).style.setProperty("--swatch", colour)
      this.parts[h].textContent =
        share * this.bar.clientWidth > LETTER * (head.name.length + 5) ? `${head.name} ${percent(share)}` : ""
      const texts = last
        ? [
            round(last[`loss_weights.${head.name}`], 3),
            nats(last[`loss.${head.name}`]),
            nats(parts[h]),
            percent(share),
            inKind(head, lookedAt?.[looked(head)] ?? null, isMixed),
          ]
        : Array(5).fill("–")
      texts.forEach((text, i) => put(this.rows[h][i], text))
    })
    const words = this.heads.map((head, h) => `${head.name} ${total ? percent(parts[h] / total) : "none"}`)
    this.bar.setAttribute("aria-label", last ? `Shares of the total loss: ${words.join(", ")}` : "No total loss yet")
  }
  // Regularisation and the like: why the total may be more than the sum of its parts.
  drawOwn(last, total) {
    const own = last ? last.total_loss - total : 0
    this.own.hidden = Math.abs(own) <= DUST * Math.abs(total)
    const sum = `${nats(total)} + ${nats(own)} = ${last ? nats(last.total_loss) : ""}`
    put(this.own, `The model adds regularisation of its own, with weight 1: ${sum} is what training makes smaller.`)
  }
}

const LETTER = 7.5 // px, of the words on the bar
const DUST = 1e-6 // of a total, that is left by rounding

const inKind = (head, value, isMixed) =>
  value === null ? "–" : isMixed ? `${called(head)} ${measured(head, value)}` : measured(head, value)
