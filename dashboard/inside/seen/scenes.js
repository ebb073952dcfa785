// What the detector finds in scenes: each scene twice, with what is there, and with what was found.

import { element, put } from "../../client/drawing/elements.js"
import { explained } from "../../client/drawing/terms.js"
import { percent, whole } from "../../client/saying/words.js"
import { keep } from "../keep.js"
import { bytes } from "./feature_maps.js"

const ZOOM = 10 // of a pixel of a scene
const THERE = "#FFFFFF" // on a scene, which is black whatever the ground of the page
const [RIGHT, WRONG] = ["#56B4E9", "#FFB02E"]
const FAINT = 0.45 // of a mask

export class ScenesView {
  isLaid = false
  options = {}
  /** @type {ReturnType<typeof card>[]} */ cards = []
  /** @type {{ name: string, part: HTMLElement, draw?: (now: any) => void }[]} */ parts

  constructor(root) {
    this.root = element(root, "section", "inside-own")
    explained(element(this.root, "h2"), "What it finds in [validation] scenes")
    this.of = element(this.root, "p", "inside-note")
    this.list = element(this.root, "div", "inside-scenes")
    this.parts = [{ name: "Scenes", part: this.root, draw: ({ snapshot }) => this.draw(snapshot) }]
  }

  lay({ snapshot, nLanes }, isComing) {
    keep(this.root, isComing && (this.isLaid || Boolean(snapshot)), Boolean(snapshot))
    if (!snapshot) return
    const lane = nLanes > 1 ? ` of lane ${snapshot.lane + 1}` : ""
    const n = snapshot.scenes.reduce((sum, { there }) => sum + there.length, 0)
    put(
      this.of,
      `At step ${whole(snapshot.step)}${lane}: ${percent(snapshot.recall)} of the ${n} digits in these scenes were found, the right digit in the right place. On the left what is there; on the right what is found with at least 50 %: blue where it is right, orange and dashed where it is not. The tint is the mask.`,
    )
    while (this.cards.length < snapshot.scenes.length) this.cards.push(card(this.list, this.cards.length))
    if (!this.isLaid) this.draw(snapshot)
    this.isLaid = true
  }

  draw({ scenes, side }) {
    scenes.forEach((scene, k) => {
      const { canvases, words } = this.cards[k]
      for (const [at, sightings] of [scene.there, scene.found].entries()) {
        paint(canvases[at], bytes(scene.pixels), side, sightings, at === 0)
        canvases[at].setAttribute(
          "aria-label",
          `Scene ${k + 1}, ${at ? "found" : "there"}: ${told(sightings, at === 1)}`,
        )
      }
      put(words, `There: ${told(scene.there)}. Found: ${told(scene.found, true)}.`)
    })
  }
}

/** @param {HTMLElement} parent @param {number} k */
function card(parent, k) {
  const box = element(parent, "figure", "inside-scene")
  const both = element(box, "div", "inside-both")
  const canvases = [0, 1].map(() => {
    const canvas = element(both, "canvas")
    canvas.setAttribute("role", "img")
    canvas.setAttribute("aria-label", `Scene ${k + 1}, not drawn yet`)
    return canvas
  })
  return { canvases, words: element(box, "figcaption") }
}

// Sightings in words, such as "3 (98 %), 7 ✗".
/** @param {{ digit: number, score: number, right: boolean }[]} sightings */
export function told(sightings, withScores = false) {
  if (!sightings.length) return "nothing"
  return sightings
    .map(({ digit, score, right }) => (withScores ? `${digit} (${percent(score)}${right ? "" : ", ✗ wrong"})` : digit))
    .join(", ")
}

// Whether each pixel is in a mask.
/** @param {Uint8Array} packed @param {number} n */
export const bits = (packed, n) => Array.from({ length: n }, (_, i) => (packed[i >> 3] >> (7 - (i & 7))) & 1)

function paint(canvas, pixels, side, sightings, isThere) {
  canvas.width = canvas.height = side * ZOOM
  const context = canvas.getContext("2d")
  pixels.forEach((grey, at) => {
    context.fillStyle = `rgb(${grey},${grey},${grey})`
    context.fillRect((at % side) * ZOOM, Math.floor(at / side) * ZOOM, ZOOM, ZOOM)
  })
  for (const { digit, box, mask, right } of sightings) {
    const [top, left, bottom, rightmost] = box.map((edge) => edge * ZOOM)
    const colour = isThere ? THERE : right ? RIGHT : WRONG
    context.fillStyle = context.strokeStyle = colour
    context.globalAlpha = FAINT
    bits(bytes(mask), side * side).forEach((is, at) => {
      if (is) context.fillRect((at % side) * ZOOM, Math.floor(at / side) * ZOOM, ZOOM, ZOOM)
    })
    context.globalAlpha = 1
    context.lineWidth = 4
    context.setLineDash(isThere || right ? [] : [12, 8])
    context.strokeRect(left, top, rightmost - left, bottom - top)
    // The digit beside its box, where there is room for it.
    context.font = "bold 44px sans-serif"
    context.textBaseline = "top"
    const room = rightmost + 34 < canvas.width ? rightmost + 6 : Math.max(left - 32, 0)
    context.fillText(String(digit), room, Math.min(Math.max(top, 0), canvas.height - 44))
  }
}
