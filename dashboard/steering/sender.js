// Loss weights that were moved, on their way to the run: one message at a time, ten a second at most,
// of each head the newest. What the server did not take stays here until it does, or until the run
// has ended.

import { ofRun, postJson } from "../client/asking/fetch.js"

const EVERY = 100 // ms between two messages
const PATIENCE = 5000 // ms for what was taken to come into force; then the run is believed

/**
 * @typedef {Record<string, number>} ByHead
 * @typedef {{ weights: ByHead, run: string, lane: number }} Moves
 */

export class Sender {
  /** @type {Moves[]} */ waiting = [] // of each lane that was moved
  /** @type {Moves | null} */ flying = null // what the server is being told
  /** @type {Map<string, { weight: number, at: number }>} */ taken = new Map() // and not in force yet, see `key`
  fault = "" // why the server took nothing the last time
  isLate = false // whether what waits could not be sent at first
  /** @type {() => void} */ onNews = () => {}
  /** @type {(moves: Moves) => void} */ onLate = () => {} // what was taken in the end
  /** @type {(moves: Moves) => void} */ onEnded = () => {} // what came too late
  /** @type {(why: string) => void} */ onRefused = () => {}

  // What was moved at once, as by a preset, is told at once.
  /** @param {string} run @param {number} lane @param {ByHead} weights */
  move(run, lane, weights) {
    let moves = this.waiting.find((one) => one.run === run && one.lane === lane)
    if (!moves) this.waiting.push((moves = { run, lane, weights: {} }))
    Object.assign(moves.weights, weights)
    this.send()
  }

  async send() {
    if (this.flying) return
    while ((this.flying = this.waiting.shift() ?? null)) {
      const pause = new Promise((resolve) => setTimeout(resolve, EVERY))
      const { run, lane, weights } = this.flying
      try {
        const { sent } = await postJson(ofRun(run, "weights"), { lane, weights })
        if (sent && this.isLate) this.onLate(this.flying)
        Object.assign(this, { fault: "", isLate: false })
        const at = performance.now()
        if (!sent) this.onEnded(this.flying)
        else for (const [head, weight] of Object.entries(weights)) this.taken.set(key(run, lane, head), { weight, at })
      } catch (error) {
        if (this.giveBack(error, this.flying)) break
      }
      this.onNews()
      await pause
    }
    this.flying = null
    this.onNews()
  }

  // Whether there is no use in going on.
  giveBack(error, moves) {
    const status = error?.status ?? 0
    if (status >= 400 && status < 500) this.onRefused(error.message)
    else {
      const newer = this.waiting.find(({ run, lane }) => run === moves.run && lane === moves.lane)
      if (newer) newer.weights = { ...moves.weights, ...newer.weights }
      else this.waiting.unshift(moves)
      this.fault = error?.message ?? String(error)
      this.isLate = true
      return true
    }
    return false
  }

  // How a lane is trained now; the server answers, so what waits may go.
  see(run, lane, inForce, isReady) {
    const now = performance.now()
    for (const [head, weight] of Object.entries(inForce)) {
      const of = key(run, lane, head)
      const taken = this.taken.get(of)
      if (taken && (taken.weight === weight || (isReady && now - taken.at > PATIENCE))) this.taken.delete(of)
    }
    if (this.waiting.length) this.send()
  }

  // Where a slider is that the run is yet to follow, null where it follows the run.
  ahead(run, lane, head) {
    const moves = this.flying ? [...this.waiting, this.flying] : this.waiting
    const moved = moves.find((one) => one.run === run && one.lane === lane && head in one.weights)
    return moved?.weights[head] ?? this.taken.get(key(run, lane, head))?.weight ?? null
  }

  // What has not been taken, in words.
  get inWords() {
    return inWords(...(this.flying ? [this.flying] : []), ...this.waiting)
  }
}

/** @param {Moves[]} moves */
export const inWords = (...moves) =>
  Object.entries(Object.assign({}, ...moves.map(({ weights }) => weights)))
    .map(([head, weight]) => `${head} ${weight}`)
    .join(", ")

const key = (run, lane, head) => `${run} ${lane} ${head}`

// One for all pages of this tab: what was moved on one may be on its way while another is opened.
export const sender = new Sender()
