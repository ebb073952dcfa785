// What is recorded of a run, and what is measured inside one: asked for page by page; as long as it
// trains, again and again.

/** @import { Inside, Records } from "../types.js" */
import { tellPresent } from "../telling/present.js"
import { ofRun } from "./fetch.js"
import { Lines } from "./lines.js"
import { Poll } from "./poll.js"

const MOVING = 500 // ms between two questions while the run trains

class Source {
  /** @type {string | null} */ run = null // its id; with null there is nothing to ask
  /** @type {any} */ answer = null // the last one, null before the first
  cursor = 0
  fault = "" // why the server does not answer, "" if it does

  // `most` lanes are kept. After each answer, and after each that did not come, `onNews` is called
  // with what is new; it may take its time, the next question comes after that. `paces` and
  // `isWanted` are those of `Poll`.
  constructor(most, onNews, paces) {
    this.lines = new Lines(most)
    this.poll = new Poll({
      moving: MOVING,
      ...paces,
      question: () => (this.run === null ? null : this.question()),
      take: (answer) => onNews(this.take(answer)),
      fail: (message) => {
        this.fault = message
        return onNews({ rows: false, anew: false, changed: true, snapshot: false })
      },
    })
  }

  // What to ask of the run: each kind its way.
  question() {
    return ""
  }

  // Of another run nothing is known yet.
  /** @param {string | null} run */
  follow(run) {
    if (run === this.run) return
    this.lines.reset()
    Object.assign(this, { run, answer: null, cursor: 0, fault: "" })
  }

  // What is new in an answer:
  //   rows     whether there are more rows in `lines`, or they were divided anew,
  //   anew     whether they were divided anew, so that what was computed along them is void,
  //   changed  whether the run has another state, or the server answers again.
  take(answer) {
    const changed = Boolean(this.fault) || this.answer?.run.state !== answer.run.state
    const { step } = answer.columns
    const anew = step ? this.lines.append(answer) : false
    Object.assign(this, { answer, cursor: answer.cursor, fault: "" })
    tellPresent(answer)
    return { rows: anew || step?.length > 0, anew, changed, snapshot: false }
  }
}

// Answers of `/api/runs/{id}/records`.
export class RunSource extends Source {
  /** @type {Records | null} */ answer = null
  query = {} // what is asked along with what is new

  // Ask now, of this run.
  /** @param {string | null} run */
  set(run, query = {}) {
    this.follow(run)
    this.query = query
    this.poll.ask()
  }

  // Whether all is there that was recorded when it was asked for, or it cannot be had.
  get isWhole() {
    return Boolean(this.fault || (this.answer && !this.answer.more))
  }

  question() {
    return ofRun(String(this.run), "records", { ...this.query, after: this.cursor })
  }
}

// Answers of `/api/runs/{id}/inside`: rows of gradients of all lanes, and the newest snapshot of one
// lane and pair. Nothing is measured unless somebody asks, so it is asked only while watched.
export class InsideSource extends Source {
  /** @type {Inside | null} */ answer = null
  lane = 0
  pair = 0
  isWatched = false
  /** @type {any} */ snapshot = null // the newest; its lane and pair lag behind `lane` and `pair` for a moment
  /** @type {string | null} */ seen = null // token of the snapshot

  constructor(most, onNews, isWanted) {
    // A run that rests or has ended may be looked into; and somebody may take it up again.
    const pace = ({ run, told, more }, moving, resting) =>
      more ? 0 : run.is_moving || !(this.isThere || told) ? moving : resting
    super(most, onNews, { isWanted: () => this.isWatched && isWanted(), pace })
  }

  // Which run, lane and pair; each may be left out, to stay as it is. Asks now if one is another.
  set({ run = this.run, lane = this.lane, pair = this.pair }) {
    if (run === this.run && lane === this.lane && pair === this.pair) return
    if (run !== this.run) Object.assign(this, { snapshot: null, seen: null })
    this.follow(run)
    Object.assign(this, { lane, pair })
    this.poll.ask()
  }

  // Whether anything that needs it is on screen.
  watch(isWatched) {
    if (isWatched === this.isWatched) return
    this.isWatched = isWatched
    this.poll.ask()
  }

  question() {
    const { lane, pair, cursor, seen } = this
    return ofRun(String(this.run), "inside", { lane, pair, after: cursor, watch: 1, seen })
  }

  // Whether the snapshot is the one that is asked for.
  get isThere() {
    return this.snapshot?.lane === this.lane && this.snapshot.pair?.index === this.pair
  }

  take(answer) {
    const { snapshot } = answer
    if (snapshot) Object.assign(this, { snapshot, seen: answer.token })
    return { ...super.take(answer), snapshot: Boolean(snapshot) }
  }
}
