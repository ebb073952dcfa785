// What is measured inside one run: rows of gradients of all its lanes, and the newest snapshot of
// one lane and pair. Nothing is measured unless somebody asks, so it is asked only while watched.

import { Lines } from "./lines.js"
import { FINAL, fetchJson } from "./parts.js"

const MOVING_POLL = 500 // ms between two questions while the run trains
const RESTING_POLL = 2000
const BUSY = 1 / 3 // share of the browser's time that may go into what `onNews` does

// After each answer, and after each that did not come, `onNews` is called with
//   rows      whether there are more rows in `lines`, or they were divided anew,
//   anew      whether they were divided anew, so that what was computed along them is void,
//   snapshot  whether `snapshot` is another.
// Then there are
//   answer    the last answer of `/api/runs/{id}/inside`, null before the first,
//   lines     all rows there are, see lines.js,
//   snapshot  the newest, of lane `snapshot.lane` and pair `snapshot.pair.index`, which lag behind
//             `lane` and `pair` for a moment; null while there is none,
//   fault     why the server does not answer, "" if it does.
export class InsideSource {
  // `most`: lanes that are shown; a run may have more. It asks nothing before `set` and `watch`.
  constructor(most, onNews) {
    Object.assign(this, { onNews, lines: new Lines(most), run: null, lane: 0, pair: 0, isWatched: false })
    this.forget()
    this.onVisible = () => !document.hidden && this.poll()
    document.addEventListener("visibilitychange", this.onVisible)
  }

  // Which run, lane and pair; each may be left out, to stay as it is. With a run of null there is
  // nothing to ask.
  set({ run = this.run, lane = this.lane, pair = this.pair }) {
    if (run === this.run && lane === this.lane && pair === this.pair) return
    const isOther = run !== this.run
    Object.assign(this, { run, lane, pair })
    if (isOther) this.forget()
    this.poll()
  }

  // Whether anything that needs it is on screen.
  watch(isWatched) {
    if (isWatched === this.isWatched) return
    this.isWatched = isWatched
    if (isWatched) this.poll()
  }

  stop() {
    this.asked = null
    this.isWatched = false
    clearTimeout(this.timer)
    document.removeEventListener("visibilitychange", this.onVisible)
  }

  forget() {
    this.lines.reset()
    Object.assign(this, { answer: null, snapshot: null, seen: null, cursor: 0, fault: "", isWhole: false })
  }

  // At once, and then again and again.
  async poll() {
    clearTimeout(this.timer)
    const { run, lane, pair } = this
    const asked = (this.asked = Symbol())
    if (run === null || !this.isWatched) return
    let wait = RESTING_POLL
    let arrived = performance.now()
    try {
      if (!document.hidden || !this.isWhole) {
        const answer = await fetchJson(this.question())
        if (asked !== this.asked) return // another question is under way
        arrived = performance.now()
        wait = this.take(answer, lane, pair)
      }
    } catch (error) {
      if (asked !== this.asked) return
      this.fault = error.message
      this.onNews({ rows: false, anew: false, snapshot: false })
    } finally {
      // Unless `onNews` has asked for something else.
      const busy = (performance.now() - arrived) * (1 / BUSY - 1)
      if (asked === this.asked) this.timer = setTimeout(() => this.poll(), wait && Math.max(wait, busy))
    }
  }

  question() {
    const query = new URLSearchParams({ lane: this.lane, pair: this.pair, after: this.cursor, watch: 1 })
    if (this.seen !== null) query.set("seen", this.seen)
    return `/api/runs/${encodeURIComponent(this.run)}/inside?${query}`
  }

  // Milliseconds until the next question.
  take(answer, lane, pair) {
    const { columns, snapshot, more } = answer
    const rows = columns.step?.length > 0
    const anew = columns.step ? this.lines.append(answer) : false
    if (snapshot) Object.assign(this, { snapshot, seen: answer.token })
    const isThere = this.snapshot?.lane === lane && this.snapshot.pair?.index === pair
    Object.assign(this, { answer, cursor: answer.cursor, fault: "", isWhole: !more && (isThere || Boolean(answer.told)) })
    this.onNews({ rows: rows || anew, anew, snapshot: Boolean(snapshot) })
    if (more) return 0
    const { state } = answer.run
    if (FINAL.includes(state) || state === "paused") return isThere || answer.told ? RESTING_POLL : MOVING_POLL
    return MOVING_POLL
  }
}
