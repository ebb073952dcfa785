// The pictures of all validation pairs of a run, which come in one file.

export class Pictures {
  // `onLoad` is called once there is something to draw.
  constructor(onLoad) {
    Object.assign(this, { onLoad, run: null, image: null, isMissing: false })
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
    image.onerror = () => (this.isMissing = run === this.run)
    image.src = `/api/runs/${encodeURIComponent(run)}/pictures`
  }

  // Image 1 or 2 (`which` 0 or 1) of a pair, each pixel that is kept of it once. It may be kept
  // smaller than it is (`core.store.inside.Cells` says how), and is shown in its own shape.
  draw(canvas, pair, which, { height, width, cells }) {
    if (!this.image || !cells) return
    const cell = 2 * pair + which
    const [left, right] = edges(cell % cells.per_row, cells.width)
    const [top, bottom] = edges(Math.floor(cell / cells.per_row), cells.height)
    const [w, h] = [right - left, bottom - top]
    Object.assign(canvas, { width: w, height: h })
    canvas.style.setProperty("--shape", width / height)
    canvas.getContext("2d").drawImage(this.image, left, top, w, h, 0, 0, w, h)
  }
}

const edges = (place, size) => [Math.ceil(place * size), Math.ceil((place + 1) * size)]
