// Who draws when: only what is due and on screen, one after another, in at most a third of the
// browser's time.

const BUSY = 1 / 3
const NEAR = "150px" // around the window, so that what is scrolled to is there

export class Painter {
  /** @type {{ element: Element, kind: string, draw: () => any, isDue: boolean, isSeen: boolean, drawn: number }[]} */
  panels = []
  isAtWork = false

  constructor() {
    this.observer = new IntersectionObserver((entries) => this.observe(entries), { rootMargin: NEAR })
  }

  // `draw` may give back a promise. `kind` names what it is drawn from.
  add(element, kind, draw) {
    const panel = { element, kind, draw, isDue: false, isSeen: false, drawn: 0 }
    this.panels.push(panel)
    this.observer.observe(element)
    return panel
  }

  // What is drawn from one of these kinds is to be drawn anew.
  due(...kinds) {
    for (const panel of this.panels) if (kinds.includes(panel.kind)) panel.isDue = true
    this.start()
  }

  observe(entries) {
    for (const { target, isIntersecting } of entries) {
      const panel = this.panels.find(({ element }) => element === target)
      if (panel) panel.isSeen = isIntersecting
    }
    this.start()
  }

  start() {
    if (this.isAtWork) return
    this.isAtWork = true
    setTimeout(() => this.next())
  }

  // The one that has waited longest.
  async next() {
    const waiting = this.panels.filter(({ isDue, isSeen }) => isDue && isSeen)
    const panel = waiting.sort((one, other) => one.drawn - other.drawn)[0]
    if (!panel || document.hidden) {
      this.isAtWork = false
      return
    }
    panel.isDue = false
    const began = performance.now()
    try {
      await panel.draw()
    } catch (error) {
      console.error(error)
    }
    panel.drawn = performance.now()
    setTimeout(() => this.next(), (panel.drawn - began) * (1 / BUSY - 1))
  }
}
