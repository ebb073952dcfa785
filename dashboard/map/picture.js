// What the pictures of a weight map have in common. What each trace shows is said by its
// `meta.role`, as `charts.py` describes.

import { ChartFrame } from "../charts/frame.js"

const STILL = 5 // px that a click may move

// Nothing is to be zoomed; points can be clicked.
export class Picture extends ChartFrame {
  canZoom = false

  constructor(plotly, element, figure, onPick) {
    super(plotly, element, figure)
    this.onPick = onPick
    this.shown = this.traces
  }

  dress() {
    const dressed = super.dress()
    this.role.picked.marker.color = dressed.dark ? "#ff6ec7" : "#c2187a"
    return dressed
  }

  // A legend without what there is none of yet would grow later, and move what it has.
  keepInLegend(axes) {
    for (const trace of this.traces) {
      if (trace.showlegend !== false && !trace[axes[0]].length) for (const axis of axes) trace[axis] = [null]
    }
  }
}

// A picture of all settings, with what is said of the one that is pointed at.
export class PointPicture extends Picture {
  /** @type {number[][]} */ places = [] // of the grid: whole numbers for a point, which sum to the resolution
  resolution = 1
  /** @type {number | undefined} */ pointed = undefined // the point that is told of

  /** @param {import("./readout.js").Readout} readout */
  constructor(plotly, element, figure, onPick, readout) {
    super(plotly, element, figure, onPick)
    this.readout = readout
  }

  // Index of the point at which an event is, undefined outside of all: each kind knows its own.
  /** @param {PointerEvent} _event @returns {number | undefined} */
  pointAt(_event) {
    return undefined
  }

  // Say what is to be said of the point that is pointed at.
  tell() {}

  // Tell of a point, of none if it is undefined; as it is then, whatever comes.
  look(point) {
    this.pointed = point
    this.element.classList.toggle("map-pointed", point !== undefined)
    this.tell()
  }

  // Plotly tells of no click where nothing is to be zoomed.
  listen() {
    const { element } = this
    element.addEventListener("pointermove", (event) => this.look(this.pointAt(event)), true)
    // A finger that is lifted leaves: what it has pointed at is still to be read.
    element.addEventListener("pointerleave", ({ pointerType }) => pointerType === "touch" || this.look(undefined))
    element.addEventListener(
      "pointerdown",
      (down) => {
        this.look(this.pointAt(down))
        const released = (up) => {
          const still = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) < STILL
          if (still) this.onPick(this.pointAt(up))
        }
        window.addEventListener("pointerup", released, { once: true })
        window.addEventListener("pointercancel", () => window.removeEventListener("pointerup", released), {
          once: true,
        })
      },
      true,
    )
  }
}

// Whether colours and axes are to stay as they are.
export const isFixed = (answer) => Boolean(answer) && !answer.run.is_finished
