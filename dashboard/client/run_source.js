// The records of one run, asked for page by page; as long as it trains, again and again.

import { Lines } from "./lines.js"
import { FINAL, fetchJson } from "./parts.js"

const MOVING_POLL = 500 // ms between two questions while the run trains
const RESTING_POLL = 2000

export class RunSource {
  // `onNews` is called with true if lines were divided anew, else with false.
  constructor(run, most, onNews) {
    Object.assign(this, { run, onNews, lines: new Lines(most), cursor: 0, isWhole: false, fault: "" })
    this.poll()
  }

  async poll() {
    let wait = RESTING_POLL
    try {
      if (!document.hidden || !this.isWhole) {
        const answer = await fetchJson(`/api/runs/${this.run}/records?after=${this.cursor}`)
        if (this.isStopped) return
        wait = this.take(answer)
      }
    } catch (error) {
      if (this.isStopped) return
      this.fault = error.message
      this.isWhole = true
      this.onNews(false)
    }
    if (wait !== null) this.timer = setTimeout(() => this.poll(), wait)
  }

  // Milliseconds until there may be more, null if there will be none.
  take(answer) {
    const before = this.answer
    Object.assign(this, { answer, cursor: answer.cursor, fault: "", isWhole: !answer.more })
    const anew = this.lines.append(answer)
    const { state } = answer.run
    if (anew || answer.columns.step.length || before?.run.state !== state) this.onNews(anew)
    if (answer.more) return 0
    if (FINAL.includes(state)) return null
    return state === "paused" ? RESTING_POLL : MOVING_POLL
  }

  stop() {
    this.isStopped = true
    clearTimeout(this.timer)
  }
}
