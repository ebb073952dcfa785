// Pictures of validation pairs.

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

  // Image 1 or 2 (`which` 0 or 1) of a pair, each pixel once; nothing while it is not loaded.
  draw(canvas, pair, which, { height, width, per_row: perRow }) {
    if (!this.image) return
    const cell = 2 * pair + which
    canvas.width = width
    canvas.height = height
    const [x, y] = [(cell % perRow) * width, Math.floor(cell / perRow) * height]
    canvas.getContext("2d")?.drawImage(this.image, x, y, width, height, 0, 0, width, height)
  }
}
