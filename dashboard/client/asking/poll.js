// Asks the server for news again and again, by one policy for all views: soon while a run moves,
// at rest otherwise, no more once it has ended; never two questions at once; none while the page is
// hidden; and what is done with answers takes a third of the browser's time at most.

import { fetchJson } from "./fetch.js"

const BUSY = 1 / 3
const RESTING = 2000 // ms

// Milliseconds until the next question after an answer of a run, null if there is none.
export function usual({ run, more }, moving, resting) {
  if (more) return 0
  return run.is_moving ? moving : run.is_finished ? null : resting
}

// The pace of what never ends.
export const endless = (_answer, _moving, resting) => resting

export class Poll {
  /** @type {ReturnType<typeof setTimeout> | undefined} */ timer
  asked = new AbortController()
  now = () => this.ask()

  // `question`: what to ask, null if nothing for now; `take`: what to do with an answer, which may
  // take its time; `fail`: what to do with why there is none; `moving`, `resting`: ms between two
  // questions; `pace`: when to ask again, where it is not as usual; `isWanted`: whether anybody looks.
  /**
   * @param {object} how
   * @param {() => string | null} how.question
   * @param {(answer: any) => any} how.take
   * @param {(message: string) => any} how.fail
   * @param {number} [how.moving]
   * @param {number} [how.resting]
   * @param {(answer: any, moving: number, resting: number) => number | null} [how.pace]
   * @param {() => boolean} [how.isWanted]
   */
  constructor({ moving = RESTING, resting = RESTING, pace = usual, isWanted = () => true, ...how }) {
    this.how = { moving, resting, pace, isWanted, busy: BUSY, ...how }
  }

  // At once; the answer to a question that is under way is dropped.
  async ask() {
    this.stop()
    const { question, take, fail, isWanted } = this.how
    const path = isWanted() ? question() : null
    if (path === null) return
    if (document.hidden) return document.addEventListener("visibilitychange", this.now, { once: true })
    const { signal } = (this.asked = new AbortController())
    let answer = null
    let fault = ""
    try {
      answer = await fetchJson(path, signal)
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error)
    }
    if (signal.aborted) return
    const began = performance.now()
    try {
      await (answer ? take(answer) : fail(fault))
    } catch (error) {
      console.error(error) // the fault is ours, not the server's: it is asked on
    }
    if (signal.aborted) return // what was done has asked for something else
    this.next(answer, performance.now() - began)
  }

  // Go on after an answer, null if there is none; somebody else may have got it.
  next(answer, took = 0) {
    this.stop()
    const { moving, resting, pace, busy } = this.how
    const pause = answer ? pace(answer, moving, resting) : resting
    if (pause === null) return
    this.timer = setTimeout(this.now, pause && Math.max(pause, took * (1 / busy - 1)))
  }

  stop() {
    clearTimeout(this.timer)
    this.asked.abort()
  }
}
