// The line that says how a run is: shown at once, read out now and then.

import { capital } from "../saying/words.js"
import { element, marked, put } from "./elements.js"

const SPOKEN_EVERY = 10000 // ms between two status lines that are read out by a screen reader

export class StatusLine {
  /** @type {string | null} */ state = null // what was read out last
  spokenAt = 0

  // The line and its spoken twin, of the classes NAME-status and NAME-spoken.
  /** @param {Element} parent @param {string} name */
  constructor(parent, name) {
    this.line = element(parent, "p", `view-status ${name}-status`)
    this.spoken = element(parent, "p", `view-unseen ${name}-spoken`)
    this.spoken.setAttribute("role", "status")
  }

  // `state` is the run's, or "" where there is none; at its changes the line is read out.
  say(text, state = "", isGrave = false) {
    const plain = text.replaceAll("**", "")
    if (this.line.textContent !== plain) this.line.replaceChildren(...marked(text))
    this.line.classList.toggle("view-grave", isGrave)
    const now = performance.now()
    if (state === this.state && now - this.spokenAt <= SPOKEN_EVERY) return
    put(this.spoken, plain)
    this.state = state
    this.spokenAt = now
  }

  // How the run of an answer is: its state, and what `parts` tell of it.
  sayRun({ run, ready, fault }, parts) {
    const said = [`**${capital(run.state)}**`, ...parts]
    const isStarting = run.is_moving && !run.step && !ready
    if (isStarting) said.splice(1, 1, "TensorFlow is starting; training begins as soon as it has")
    const text = said.join(" · ") + (run.message ? `. ${run.message}` : "")
    this.say(fault || text, run.state, Boolean(fault) || run.is_grave)
  }

  // Why the server does not answer.
  fail(message) {
    this.say(`The server does not answer (${message}); trying again.`, "fault", true)
  }
}
