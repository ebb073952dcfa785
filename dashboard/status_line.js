// The line that says how a run is: shown at once, read out by a screen reader now and then.

import { element, marked } from "./view_parts.js"

const SPOKEN_EVERY = 10000 // ms between two lines that are read out

export class StatusLine {
  constructor(parent, name) {
    this.line = element(parent, "p", `${name}-status`)
    this.spoken = element(parent, "p", `${name}-unseen ${name}-spoken`)
    this.spoken.setAttribute("role", "status")
    this.spokenAt = 0
  }

  // `state` is the run's, or "" where there is none; at its changes the line is read out.
  say(text, state = "", isGrave = false) {
    const plain = text.replaceAll("**", "")
    if (this.line.textContent !== plain) this.line.replaceChildren(...marked(text))
    this.line.classList.toggle("is-grave", isGrave)
    const now = performance.now()
    if (state !== this.state || now - this.spokenAt > SPOKEN_EVERY) {
      this.spoken.textContent = plain
      this.state = state
      this.spokenAt = now
    }
  }
}
