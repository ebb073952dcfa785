// Pictures of validation pairs.

/** @import { ImageOfPairs } from "../types.js" */
import { address, ofRun } from "./fetch.js"

const AGAIN = 1000 // ms until pictures that were not there may be asked for again

// The pictures of all validation pairs, in one file.
export class Pictures {
  /** @type {string | null} */ run = null
  /** @type {HTMLImageElement | null} */ image = null // once it is loaded
  isMissing = false // whether it was not there when it was asked for

  /** @param {() => void} onLoad */
  constructor(onLoad) {
    this.onLoad = onLoad
  }

  // Asked for once more if it has not come; it is kept with the first snapshot of a run.
  load(run) {
    if (run === this.run && !this.isMissing) return
    Object.assign(this, { run, image: null, isMissing: false })
    const image = new Image()
    image.onload = () => {
      if (run !== this.run) return
      this.image = image
      this.onLoad()
    }
    image.onerror = () => setTimeout(() => (this.isMissing = run === this.run), AGAIN)
    image.src = address(ofRun(run, "pictures"))
  }

  // Image 1 or 2 (`which` 0 or 1) of a pair, each pixel that is kept of it once; nothing while it is
  // not loaded. It may be kept smaller than it is (`core.store.inside.Cells` says how), and is shown
  // in its own shape.
  /** @param {HTMLCanvasElement} canvas @param {number} pair @param {number} which @param {ImageOfPairs} image */
  draw(canvas, pair, which, { height, width, cells }) {
    if (!this.image || !cells) return
    const cell = 2 * pair + which
    const [left, right] = edges(cell % cells.per_row, cells.width)
    const [top, bottom] = edges(Math.floor(cell / cells.per_row), cells.height)
    const [w, h] = [right - left, bottom - top]
    Object.assign(canvas, { width: w, height: h })
    canvas.style.setProperty("--shape", String(width / height))
    canvas.getContext("2d")?.drawImage(this.image, left, top, w, h, 0, 0, w, h)
  }
}

const edges = (place, size) => [Math.ceil(place * size), Math.ceil((place + 1) * size)]
