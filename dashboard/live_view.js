// The live view of one run: asks for new records, and shows status, charts and the total's make-up.

import { LiveChart } from "./live_chart.js"

const MOVING_POLL = 200 // ms between two questions while the run trains
const RESTING_POLL = 1000
const SPOKEN_EVERY = 10000 // ms between two status lines read out by a screen reader
const LOOKED = "val_accuracy.bin_out"
const FINAL = ["finished", "stopped", "diverged", "failed"]

let plotly
function loadPlotly() {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script")
    script.src = new URL("plotly.min.js", import.meta.url)
    script.onload = () => resolve(window.Plotly)
    script.onerror = () => reject(new Error("plotly.min.js could not be loaded"))
    document.head.append(script)
  })
  return plotly
}

const views = new WeakMap()

// Called by Streamlit with each script run; the view is made by the first call and kept.
export async function show(component) {
  const root = component.parentElement.querySelector(".live-view")
  const shown = JSON.parse(new TextDecoder().decode(component.data))
  if (!views.has(root)) views.set(root, new LiveView(root, await loadPlotly(), shown))
  views.get(root).set(shown, component.setTriggerValue)
}

class LiveView {
  constructor(root, plotly, { figures, heads }) {
    style()
    root.replaceChildren()
    this.root = root
    this.status = element(root, "p", "live-status")
    this.spoken = element(root, "p", "live-spoken")
    this.spoken.setAttribute("role", "status")
    this.spokenAt = 0
    this.hints = element(root, "ul", "live-hints")
    const charts = element(root, "div", "live-charts")
    this.charts = Object.entries(figures).map(([quantity, figure]) => {
      const box = element(charts, "div", "live-chart")
      box.dataset.quantity = quantity
      box.setAttribute("role", "figure")
      box.setAttribute("aria-label", figure.layout.title.text)
      return new LiveChart(plotly, box, figure)
    })
    this.total = new Total(element(root, "section", "live-total"), heads)
    new ResizeObserver(() => this.charts.forEach((chart) => chart.resize())).observe(charts)
  }

  set(shown, tell) {
    const sameRun = this.shown?.run === shown.run
    this.shown = shown
    this.tell = tell
    this.told = shown.state
    if (!sameRun || !this.answer) {
      this.cursor = 0
      this.answer = null
      this.rows = []
      for (const chart of this.charts) chart.reset()
      this.draw()
      clearTimeout(this.timer)
      this.poll()
    } else {
      this.draw()
    }
  }

  async poll() {
    const { run } = this.shown
    if (!this.root.isConnected || !run) return
    let wait = RESTING_POLL
    try {
      if (!document.hidden) {
        const answer = await fetchJson(`/api/runs/${run}/records?lane=0&after=${this.cursor}`)
        if (run !== this.shown.run) return
        this.take(answer)
        if (answer.more) wait = 0
        else if (answer.run.state === "running" || answer.run.state === "queued") wait = MOVING_POLL
        else if (FINAL.includes(answer.run.state)) wait = null
      }
    } catch (error) {
      this.say(`The server does not answer (${error.message}); trying again.`)
    }
    if (wait !== null && run === this.shown.run) this.timer = setTimeout(() => this.poll(), wait)
  }

  take(answer) {
    const { columns } = answer
    const isNew = columns.step.length > 0
    const changed = !this.answer || this.answer.run.state !== answer.run.state
    this.answer = answer
    this.cursor = answer.cursor
    for (let i = 0; i < columns.step.length; i++) {
      this.rows.push({ step: columns.step[i], time: columns.time[i] })
    }
    if (isNew) this.last = row(columns, columns.step.length - 1)
    const looked = columns[LOOKED].findLastIndex((value) => value !== null)
    if (looked >= 0) this.looked = row(columns, looked)
    if (isNew) for (const chart of this.charts) chart.append(columns)
    if (isNew || changed) this.draw()
    else this.describe()
    if (answer.run.state !== this.told) {
      this.told = answer.run.state
      this.tell("state", answer.run.state)
    }
  }

  draw() {
    const { shown, answer } = this
    const moving = answer ? !FINAL.includes(answer.run.state) && answer.run.state !== "paused" : false
    const steps = answer ? answer.run.config.steps : shown.steps
    for (const chart of this.charts) {
      chart.set({ ...shown, steps, moving })
      chart.draw()
    }
    this.total.draw(this.rows.length ? this.last : null, this.looked)
    this.describe()
  }

  describe() {
    const { answer } = this
    if (!this.shown.run) return this.say("Press **Train** to begin.")
    if (!answer) return this.say("Looking for the run…")
    const { run } = answer
    this.say(answer.fault || statusLine(answer, this.rows), run.state, Boolean(answer.fault))
    this.hints.replaceChildren(...answer.hints.map((hint) => item(hint)))
  }

  say(text, state = "", isFault = false) {
    const plain = text.replaceAll("**", "")
    if (this.status.textContent !== plain) this.status.replaceChildren(...marked(text))
    this.status.dataset.state = state
    this.status.classList.toggle("live-fault", isFault || ["diverged", "failed"].includes(state))
    const now = performance.now()
    if (state !== this.spokenState || now - this.spokenAt > SPOKEN_EVERY) {
      this.spoken.textContent = plain
      this.spokenState = state
      this.spokenAt = now
    }
  }
}

function statusLine({ run, ready }, rows) {
  const { steps } = run.config
  const last = rows.at(-1) ?? { step: 0, time: 0 }
  const parts = [`**${capital(run.state)}**`, `step ${whole(last.step)} of ${whole(steps)}`]
  if (run.state === "queued" && !ready) parts.splice(1, 1, "TensorFlow is starting; training begins as soon as it has")
  const rate = stepsPerSecond(rows)
  if (rate) parts.push(`${whole(rate)} steps/s`)
  if (last.time) parts.push(`${seconds(last.time)} elapsed`)
  if (rate && run.state === "running") parts.push(`about ${seconds((steps - last.step) / rate)} left`)
  return parts.join(" · ") + (run.message ? `. ${run.message}` : "")
}

// Over the last second of training.
function stepsPerSecond(rows) {
  if (rows.length < 2) return 0
  const last = rows.at(-1)
  let i = rows.length - 2
  while (i > 0 && last.time - rows[i].time < 1) i--
  return (last.step - rows[i].step) / Math.max(last.time - rows[i].time, 1e-9)
}

// How the total is made: each head's weight x loss, as a bar and as a table.
class Total {
  constructor(root, heads) {
    this.heads = heads
    element(root, "h2", "", "How the total loss is made, now")
    this.bar = element(root, "div", "live-bar")
    this.bar.setAttribute("role", "img")
    this.parts = heads.map((head) => element(this.bar, "span", "", head.name))
    const table = element(element(root, "div", "live-table"), "table")
    const titles = ["head", "weight", "× loss", "= part", "share", "validation accuracy"]
    const row = element(element(table, "thead"), "tr")
    for (const title of titles) element(row, "th", "", title).scope = "col"
    const body = element(table, "tbody")
    this.rows = heads.map((head) => {
      const row = element(body, "tr")
      const name = element(row, "th", "", head.name)
      name.scope = "row"
      name.title = head.asks
      return titles.slice(1).map(() => element(row, "td", "", "–"))
    })
  }

  draw(last, looked) {
    const dark = getComputedStyle(this.bar).color.match(/[\d.]+/g).map(Number)[0] > 140
    const parts = this.heads.map(({ name }) =>
      last ? last[`loss_weights.${name}`] * last[`loss.${name}`] : 0,
    )
    const total = parts.reduce((sum, part) => sum + part, 0)
    this.heads.forEach((head, h) => {
      const share = total ? parts[h] / total : 0
      const colour = head.colours[dark ? 1 : 0]
      Object.assign(this.parts[h].style, { width: `${100 * share}%`, background: colour, color: dark ? "#111" : "#fff" })
      this.rows[h][0].parentElement.style.setProperty("--head-colour", colour)
      this.parts[h].textContent = share > 0.12 ? `${head.name} ${percent(share)}` : ""
      const texts = last
        ? [
            round(last[`loss_weights.${head.name}`], 3),
            last[`loss.${head.name}`].toFixed(3),
            parts[h].toFixed(3),
            percent(share),
            looked ? percent(looked[`val_accuracy.${head.name}`], 1) : "–",
          ]
        : ["–", "–", "–", "–", "–"]
      texts.forEach((text, i) => (this.rows[h][i].textContent = text))
    })
    const words = this.heads.map((head, h) => `${head.name} ${total ? percent(parts[h] / total) : "none"}`)
    this.bar.setAttribute("aria-label", last ? `Shares of the total loss: ${words.join(", ")}` : "No total loss yet")
  }
}

function row(columns, i) {
  return Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[i]]))
}

async function fetchJson(url) {
  const response = await fetch(url)
  const answer = await response.json()
  if (!response.ok) throw new Error(answer.error ?? response.statusText)
  return answer
}

function element(parent, tag, className = "", text = "") {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text) made.textContent = text
  parent.append(made)
  return made
}

function item(text) {
  const made = document.createElement("li")
  made.append(...marked(text))
  return made
}

// **bold** and `code`, as nodes: no text is ever parsed as HTML.
function marked(text) {
  return text.split(/(\*\*.+?\*\*|`.+?`)/).map((part) => {
    const tag = part.startsWith("**") ? "strong" : part.startsWith("`") ? "code" : null
    if (!tag) return document.createTextNode(part)
    const made = document.createElement(tag)
    made.textContent = part.replace(/^(\*\*|`)|(\*\*|`)$/g, "")
    return made
  })
}

const capital = (word) => word[0].toUpperCase() + word.slice(1)
const whole = (number) => Math.round(number).toLocaleString("en-US")
const seconds = (value) => (value < 10 ? `${value.toFixed(1)} s` : `${whole(value)} s`)
const percent = (share, digits = 0) => `${(100 * share).toFixed(digits)} %`
const round = (value, digits) => String(Number(value.toFixed(digits)))

function style() {
  if (document.getElementById("live-view-style")) return
  const sheet = document.createElement("style")
  sheet.id = "live-view-style"
  sheet.textContent = `
    .live-view { color: var(--st-text-color, inherit); }
    .live-status { margin: 0 0 0.5rem; font-variant-numeric: tabular-nums; min-height: 1.5em; }
    .live-fault { border-left: 3px solid #d33; padding-left: 0.6rem; }
    .live-spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
    .live-hints { margin: 0 0 0.5rem; padding-left: 1.2rem; min-height: 1.5em; }
    .live-charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
    .live-chart { min-width: 0; height: 400px; }
    .live-total h2 { font-size: 1rem; margin: 0.75rem 0 0.4rem; padding: 0; }
    .live-bar { display: flex; height: 1.7rem; border-radius: 4px; overflow: hidden; background: rgba(128, 128, 128, 0.2); }
    .live-bar span { overflow: hidden; white-space: nowrap; font-size: 0.8rem; line-height: 1.7rem; text-align: center; transition: width 0.2s; }
    .live-table { overflow-x: auto; }
    .live-table table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin-top: 0.4rem; font-size: 0.9rem; }
    .live-table th, .live-table td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: right; font-weight: 400; border: 0; }
    .live-table th:first-child { text-align: left; white-space: nowrap; }
    @media (max-width: 500px) { .live-table th, .live-table td { padding-right: 0.5rem; font-size: 0.85rem; } }
    .live-table tbody th::before { content: ""; display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.4em; border-radius: 2px; background: var(--head-colour); }
  `
  document.head.append(sheet)
}
