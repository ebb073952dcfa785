// The point of a picture that is pointed at, by mouse, pen or finger, and the one that is clicked.

const STILL = 5 // px that a click may move

export class Pointer {
  /** @type {number | undefined} */ point = undefined // the one that is told of

  // `at` tells which point an event is at, undefined outside of all.
  /**
   * @param {HTMLElement} element
   * @param {{
   *   at: (event: PointerEvent) => number | undefined,
   *   onLook: () => void,
   *   onPick: (point: number | undefined) => void,
   * }} told
   */
  constructor(element, { at, onLook, onPick }) {
    this.element = element
    this.onLook = onLook
    element.addEventListener("pointermove", (event) => this.look(at(event)), true)
    // A finger that is lifted leaves: what it has pointed at is still to be read.
    element.addEventListener("pointerleave", ({ pointerType }) => pointerType === "touch" || this.look(undefined))
    element.addEventListener(
      "pointerdown",
      (down) => {
        this.look(at(down))
        const released = (up) => {
          const still = Math.hypot(up.clientX - down.clientX, up.clientY - down.clientY) < STILL
          if (still) onPick(at(up))
        }
        window.addEventListener("pointerup", released, { once: true })
        window.addEventListener("pointercancel", () => window.removeEventListener("pointerup", released), {
          once: true,
        })
      },
      true,
    )
  }

  // Tell of a point, of none if it is undefined; as it is then, whatever comes.
  /** @param {number | undefined} point */
  look(point) {
    this.point = point
    this.element.classList.toggle("map-pointed", point !== undefined)
    this.onLook()
  }
}
