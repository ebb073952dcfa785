// What all figures of the page Learn share: one source of records, one of what is measured inside
// the run, one of the worker's memory. Each is asked only while a figure that needs it is on screen,
// but for the records, which the status line always needs.

/** @import { Memory } from "../../client/types.js" */
import { endless, Poll } from "../../client/asking/poll.js"
import { InsideSource, RunSource } from "../../client/asking/sources.js"
import { nextTask } from "../../client/drawing/tasks.js"

const LEAST_REST = 200 // ms between two drawings
const BUSY = 1 / 3 // share of the time that may go into drawing
const AHEAD = "100px" // of the screen, where a figure counts as seen already

class Hub {
  /** @type {Set<any>} */ figures = new Set()
  /** @type {string | null} */ run = null
  lane = 0
  pair = 0 // the one that is looked at in detail
  /** @type {RunSource | null} */ records = null // sources, there while there are figures
  /** @type {InsideSource | null} */ inside = null
  /** @type {Memory | null} */ memory = null // the last answer of `/api/memory`
  memoryFault = ""
  restedAt = 0
  isRemembered = false // whether the memory is asked for
  /** @type {any} */ due = null // timer of the next drawing

  constructor() {
    this.observer = new IntersectionObserver((entries) => this.onSeen(entries), { rootMargin: AHEAD })
    this.memories = new Poll({
      question: () => "api/memory",
      take: (memory) => this.remember(memory, ""),
      fail: (message) => this.remember(this.memory, `The server does not answer (${message}); trying again.`),
      pace: endless,
      isWanted: () => this.isNeeded("memory"),
    })
  }

  join(figure) {
    if (this.figures.has(figure)) return
    this.figures.add(figure)
    this.observer.observe(figure.root)
  }

  set({ run, state, lane, most }) {
    if (run !== this.run) this.pair = 0
    Object.assign(this, { run, lane })
    this.records ??= new RunSource(most, ({ rows, changed }) => (rows || changed) && this.news("records"))
    this.inside ??= new InsideSource(
      most,
      () => this.news("inside"),
      () => true,
    )
    const { answer } = this.records
    const goesOn = answer?.run.is_finished && answer.run.state !== state // it was rewound
    if (run !== this.records.run || goesOn) this.records.set(run)
    this.inside.set({ run, lane, pair: this.pair })
    this.watch()
  }

  // Which pair is looked at in detail.
  pick(pair) {
    this.pair = pair
    this.inside?.set({ pair })
    this.news("inside")
  }

  onSeen(entries) {
    for (const { target, isIntersecting } of entries) {
      for (const figure of this.figures)
        if (figure.root === target) figure.isSeen = isIntersecting || figure.constructor.isAlways
    }
    this.watch()
    this.schedule()
  }

  isNeeded(source) {
    return [...this.figures].some(
      (figure) => figure.isSeen && figure.root.isConnected && figure.constructor.needs.includes(source),
    )
  }

  watch() {
    this.inside?.watch(this.isNeeded("inside"))
    const isRemembered = this.isNeeded("memory")
    if (isRemembered && !this.isRemembered) this.memories.ask()
    this.isRemembered = isRemembered
  }

  remember(memory, memoryFault) {
    Object.assign(this, { memory, memoryFault })
    this.news("memory")
  }

  // The line of the lane that the page shows, as it is trained now.
  /** @returns {any} */
  get line() {
    return this.records?.lines.current(this.lane)
  }

  // The same of what is measured inside.
  get measured() {
    return this.inside?.lines.current(this.lane)
  }

  // The newest snapshot, if it is of the lane that the page shows.
  get snapshot() {
    const { snapshot } = this.inside ?? {}
    return this.run && snapshot?.lane === this.lane ? snapshot : null
  }

  news(source) {
    for (const figure of this.figures) {
      if (!figure.root.isConnected) this.leave(figure)
      else if (figure.constructor.needs.includes(source)) figure.isStale = true
    }
    this.schedule()
  }

  leave(figure) {
    this.figures.delete(figure)
    this.observer.unobserve(figure.root)
    if (this.figures.size) return
    this.records?.poll.stop()
    this.inside?.poll.stop()
    Object.assign(this, { records: null, inside: null, run: null })
  }

  // Draw what is on screen and has news, as soon as there is time.
  schedule() {
    this.due ??= setTimeout(() => this.draw(), Math.max(0, this.restedAt - performance.now()))
  }

  async draw() {
    const began = performance.now()
    for (const figure of this.figures) {
      if (!figure.isSeen || !figure.isStale || !figure.root.isConnected) continue
      figure.isStale = false
      figure.draw()
      await nextTask() // no figure holds the page up for long
    }
    this.restedAt = performance.now() + Math.max(LEAST_REST, (performance.now() - began) / BUSY)
    this.due = null
    if ([...this.figures].some((figure) => figure.isSeen && figure.isStale && figure.root.isConnected)) this.schedule()
  }
}

export const hub = new Hub()
