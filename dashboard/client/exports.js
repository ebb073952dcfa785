// Files to be taken away: what is made for longer than a second says so, and what cannot be made says
// why, on the page, where a browser by itself would show nothing and then an answer meant for
// programs. It is loaded with the page, and does so for every link to `/api/export`.

const SILENT = 1000 // ms, before it is said that a file is made
const TOLD = 8000 // ms that a fault stays

const STYLE = `
  position: fixed; z-index: 999991; bottom: 1rem; left: 50%; transform: translateX(-50%); width: max-content;
  max-width: calc(100vw - 2rem); box-sizing: border-box; padding: 0.5rem 1rem; border-radius: 0.5rem; font-size: 0.95rem;
  display: flex; gap: 1rem; align-items: center; border: 1px solid currentColor; overflow-wrap: anywhere;`
const QUIET = "color: light-dark(#1f2328, #f0f0f0); background: light-dark(#ffffff, #2a2a28);"
const GRAVE = "color: light-dark(#5c0011, #ffd9de); background: light-dark(#ffe9ec, #4a0d18);"
const BUTTON = "font: inherit; color: inherit; background: none; border: 1px solid currentColor; border-radius: 0.4rem;"

class Notice {
  /** @type {HTMLElement | null} */ root = null

  /** @param {string} text @param {boolean} isGrave @param {string} [does] @param {() => void} [onPress] */
  say(text, isGrave, does = "Close", onPress = () => this.close()) {
    if (!this.root) {
      this.root = document.createElement("div")
      this.root.className = "export-notice"
      this.root.setAttribute("role", "status")
      this.root.append(document.createElement("span"), document.createElement("button"))
      ;(document.querySelector(".stApp") ?? document.body).append(this.root)
    }
    const [words, button] = /** @type {[HTMLElement, HTMLButtonElement]} */ ([...this.root.children])
    this.root.style.cssText = STYLE + (isGrave ? GRAVE : QUIET)
    words.textContent = text
    button.style.cssText = BUTTON
    button.textContent = does
    button.onclick = onPress
  }

  close() {
    this.root?.remove()
    this.root = null
  }
}

/** @param {string} address @param {string} name What it is called on the page. */
async function take(address, name) {
  const notice = new Notice()
  const asked = new AbortController()
  const began = performance.now()
  const say = () => {
    const seconds = Math.round((performance.now() - began) / 1000)
    const text = `Making the file “${name}” … ${seconds} s`
    notice.say(text, false, "Cancel", () => asked.abort())
  }
  const timer = setInterval(say, SILENT)
  try {
    const response = await fetch(address, { signal: asked.signal })
    if (!response.ok) throw new Error((await response.json()).error)
    const file = await response.blob()
    save(file, /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1] ?? "run")
    notice.close()
  } catch (error) {
    if (asked.signal.aborted) return notice.close()
    notice.say(`No file “${name}”: ${error instanceof Error ? error.message : error}`, true)
    setTimeout(() => notice.close(), TOLD)
  } finally {
    clearInterval(timer)
  }
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
    if (!link) return
    event.preventDefault()
    take(link.href, link.textContent?.trim() ?? "")
  },
  true,
)
