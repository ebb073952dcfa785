// What the siamese network sees in the validation pairs: cards, layers of a pair, and charts, of one
// snapshot. Its first heads are of one image each, the last one is of both.

import { element, put } from "../../client/drawing/elements.js"
import { explained } from "../../client/drawing/terms.js"
import { whole } from "../../client/saying/words.js"
import { Confusion } from "../answers/confusion.js"
import { keep } from "../keep.js"
import { Distances, Roc } from "./charts.js"
import { FeatureMaps } from "./feature_maps.js"
import { InColour } from "./in_colour.js"
import { Pairs } from "./pairs.js"
import { Plane } from "./plane.js"

export class PairsView {
  isLaid = false // whether it has its place: from the first snapshot on
  /** @type {HTMLElement[]} */ ofDigits = [] // boxes of what is shown of digits only
  /** @type {{ name: string, part: HTMLElement, draw?: (now: any) => void }[]} */ parts

  // `pick` is called with the index of a pair, `redraw` where charts are to show something else of what
  // they have; `chart` makes one and gives back its box.
  constructor(root, { heads, pictures, pick, redraw, chart }) {
    this.root = element(root, "section", "inside-seen")
    explained(element(this.root, "h2"), "What it sees in the [validation] [pair|pairs]")
    this.of = element(this.root, "p", "inside-of")
    const cards = element(this.root, "div", "inside-pairs")
    this.pairs = new Pairs(cards, heads, pictures, pick)
    // The layers of a pair beneath the cards, where it was clicked.
    const maps = element(this.root, "div", "inside-maps")
    this.maps = new FeatureMaps(maps, heads, pictures)
    const charts = element(this.root, "div", "inside-charts view-charts")
    const { name: head } = heads[2]
    chart(charts, "histogram", Distances, { head })
    chart(charts, "roc", Roc, { head })
    const plane = element(this.root, "div", "inside-wide")
    this.inColour = new InColour(plane, redraw)
    chart(plane, "plane", Plane)
    const matrices = element(this.root, "div", "inside-charts view-charts")
    for (const [kind, ofDigits] of [
      ["confusion", false],
      ["digits", true],
    ]) {
      for (const { name: head } of heads.slice(0, 2)) {
        const box = chart(matrices, `${kind}.${head}`, Confusion, { head, ofDigits })
        if (ofDigits) this.ofDigits.push(box)
      }
    }
    this.parts = [
      { name: "Pairs", part: cards, draw: ({ snapshot, pair }) => this.pairs.draw(snapshot, pair) },
      { name: "Layers of a pair", part: maps, draw: ({ snapshot }) => this.maps.draw(snapshot) },
      { name: "Distances", part: charts },
      { name: "Embeddings", part: plane },
      { name: "Confusions", part: matrices },
    ]
  }

  // What its charts are to show.
  get options() {
    const { by, chosen } = this.inColour
    return { by, chosen }
  }

  // Give all of it its place at once, with the first snapshot. Of another run it keeps the place while
  // that is looked at, and nothing is to be seen there.
  lay(now, isComing) {
    const { snapshot, collapse, nLanes } = now
    keep(this.root, isComing && (this.isLaid || Boolean(snapshot)), Boolean(snapshot))
    if (!snapshot) return
    const lane = nLanes > 1 ? ` of lane ${snapshot.lane + 1}` : ""
    const step = `step ${whole(snapshot.step)}`
    const seen = `The validation pairs as the model${lane} saw them at ${step}: both images, what each head says of them, how sure it is, and whether it is right. Click a pair to look into it, layer by layer.`
    put(this.of, collapse ? `At ${step}${lane}: ${collapse}` : seen)
    this.of.classList.toggle("view-grave", Boolean(collapse))
    for (const box of this.ofDigits) box.hidden = !snapshot.digit_confusion
    this.inColour.offer(snapshot)
    const { height, width } = snapshot.image
    this.root.style.setProperty("--shape", String(width / height))
    if (this.isLaid) return
    this.isLaid = true
    for (const { draw } of this.parts) draw?.(now)
  }
}
