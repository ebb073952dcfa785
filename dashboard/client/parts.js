// What views in the browser are made of: elements, words, numbers, questions to the server, Plotly.

const SPOKEN_EVERY = 10000 // ms between two status lines that are read out by a screen reader
export const FINAL = ["finished", "stopped", "diverged", "failed"]

let plotly
export function loadPlotly() {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = new URL("../plotly.min.js", import.meta.url)
    script.onload = () => resolve(window.Plotly)
    script.onerror = () => reject(new Error("plotly.min.js could not be loaded"))
    document.head.append(script)
  })
  return plotly
}

export async function fetchJson(url) {
  const response = await fetch(url)
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error ?? response.statusText)
  return answer
}

export function element(parent, tag, className = "", text = "") {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text) made.textContent = text
  parent.append(made)
  return made
}

// **bold** and `code`, as nodes: no text is ever parsed as HTML.
export function marked(text) {
  return text.split(/(\*\*.+?\*\*|`.+?`)/).map((part) => {
    const tag = part.startsWith("**") ? "strong" : part.startsWith("`") ? "code" : null
    if (!tag) return document.createTextNode(part)
    const made = document.createElement(tag)
    made.textContent = part.replace(/^(\*\*|`)|(\*\*|`)$/g, "")
    return made
  })
}

export function addStyle(id, text) {
  if (document.getElementById(id)) return
  const sheet = element(document.head, "style", "", text)
  sheet.id = id
}

export const capital = (word) => word[0].toUpperCase() + word.slice(1)
export const whole = (number) => Math.round(number).toLocaleString("en-US")
export const seconds = (value) => (value < 10 ? `${value.toFixed(1)} s` : `${whole(value)} s`)
export const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`
export const round = (value, digits) => String(Number(value.toFixed(digits)))

// A choice of one of several, by name; `options` tells what stands beside each.
let groups = 0
export function radios(parent, legend, options, chosen, onChoose) {
  const set = element(parent, "fieldset", "view-radios")
  element(set, "legend", "", legend)
  const group = `view-radios-${groups++}`
  for (const [name, text] of Object.entries(options)) {
    const label = element(set, "label")
    const input = element(label, "input")
    Object.assign(input, { type: "radio", name: group, value: name, checked: name === chosen })
    input.addEventListener("change", () => onChoose(name))
    label.append(text)
  }
  return set
}

// The line that says how a run is: shown at once, read out now and then.
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
