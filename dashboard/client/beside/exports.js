// Files to be taken away: what is made for longer than a second says so, and what cannot be made says
// why, on the page, where a browser by itself would show nothing and then an answer meant for
// programs. It is loaded with the page, and does so for every link to `/api/export`.

const SILENT = 1000 // ms, before it is said that a file is made

const PLACE = `
  position: fixed; z-index: 999991; bottom: 1rem; left: 50%; transform: translateX(-50%); width: max-content;
  max-width: calc(100vw - 2rem); display: flex; flex-direction: column; gap: 0.5rem; align-items: center;`
const NOTICE = `
  box-sizing: border-box; padding: 0.5rem 1rem; border-radius: 0.5rem; font-size: 0.95rem; display: flex; gap: 1rem;
  align-items: center; border: 1px solid currentColor; overflow-wrap: anywhere; font-variant-numeric: tabular-nums;`
const QUIET = "color: light-dark(#1f2328, #f0f0f0); background: light-dark(#ffffff, #2a2a28);"
const GRAVE = "color: light-dark(#5c0011, #ffd9de); background: light-dark(#ffe9ec, #4a0d18);"
const BUTTON = `
  font: inherit; color: inherit; background: none; border: 1px solid currentColor; border-radius: 0.4rem;
  padding: 0.1rem 0.6rem; cursor: pointer;`

const place = document.createElement("div") // of all notices, one above the other
place.style.cssText = PLACE

/** @template {keyof HTMLElementTagNameMap} Tag @param {Element} parent @param {Tag} tag */
function add(parent, tag) {
  const made = document.createElement(tag)
  parent.append(made)
  return made
}

// What is said of a file: that it is made, for how long by now, or why there is none. It is not to be
// seen before anything is said.
class Notice {
  constructor() {
    this.root = document.createElement("div")
    this.root.className = "export-notice"
    this.root.setAttribute("role", "status")
    this.root.style.cssText = NOTICE + QUIET
    this.words = add(this.root, "span")
    this.time = add(this.root, "span")
    this.time.setAttribute("aria-hidden", "true") // or else each second would be read out
    this.button = add(this.root, "button")
    this.button.style.cssText = BUTTON
  }

  /** @param {string} words @param {string} does @param {() => void} onPress */
  say(words, does, onPress) {
    if (!place.isConnected) (document.querySelector(".stApp") ?? document.body).append(place)
    if (!this.root.isConnected) place.append(this.root)
    if (this.words.textContent !== words) this.words.textContent = words
    this.button.textContent = does
    this.button.onclick = onPress
  }

  /** @param {string} words */
  fail(words) {
    this.root.style.cssText = NOTICE + GRAVE
    this.time.textContent = ""
    this.say(words, "Close", () => this.root.remove())
  }
}

/** @param {string} address @param {string} name What it is called on the page. */
async function take(address, name) {
  const notice = new Notice()
  const asked = new AbortController()
  const began = performance.now()
  const timer = setInterval(() => {
    notice.say(`Making the file “${name}” …`, "Cancel", () => asked.abort())
    notice.time.textContent = `${Math.round((performance.now() - began) / 1000)} s`
  }, SILENT)
  try {
    const response = await fetch(address, { signal: asked.signal })
    if (!response.ok) throw new Error(await reason(response))
    const file = await response.blob()
    save(file, /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "run")
    notice.root.remove()
  } catch (error) {
    if (asked.signal.aborted) return notice.root.remove()
    // A fetch that fails by itself is told in the browser's words, which help nobody.
    const isOurs = error instanceof Error && !(error instanceof TypeError)
    const why = isOurs ? error.message : "the server does not answer. Try again."
    notice.fail(`No file “${name}”: ${why}`)
  } finally {
    clearInterval(timer)
  }
}

// The server's sentence; of a proxy in between, what it calls the fault.
/** @param {Response} response */
async function reason(response) {
  const answer = await response.json().catch(() => null)
  return answer?.error ?? `${response.status} ${response.statusText}`
}

/** @param {Blob} file @param {string} name */
function save(file, name) {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(file)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

document.addEventListener(
  "click",
  (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return
    /** @type {HTMLAnchorElement | null} */
    const link = event.target.closest('a[href*="/api/export?"]')
    if (!link || link.hasAttribute("disabled") || link.getAttribute("aria-disabled") === "true") return
    event.preventDefault()
    take(link.href, link.textContent?.trim() ?? "")
  },
  true,
)
