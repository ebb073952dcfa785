// Says that the server does not answer, in place of Streamlit's dialog, which asks about the internet
// and must be closed by hand. It is loaded with the page, before Streamlit runs.

const ASK_EVERY = 500 // ms, whether it is back
const HEALTH = new URL("../../../../_stcore/health", import.meta.url)
const WORDS =
  "The server of this page does not answer: is it still running? What was recorded is kept, and the page goes on by itself as soon as the server is back."

const STYLE = `
  position: fixed; z-index: 999992; top: 0.5rem; left: 50%; transform: translateX(-50%); width: max-content;
  max-width: calc(100vw - 2rem); box-sizing: border-box; padding: 0.5rem 1rem; border-radius: 0.5rem; font-size: 0.95rem;
  color: light-dark(#5c0011, #ffd9de); background: light-dark(#ffe9ec, #4a0d18); border: 1px solid currentColor;`

/** @type {HTMLElement | null} */
let notice = null

function tell() {
  if (notice) return
  notice = document.createElement("div")
  notice.className = "server-away"
  notice.setAttribute("role", "alert")
  notice.style.cssText = STYLE
  notice.textContent = WORDS
  ;(document.querySelector(".stApp") ?? document.body).append(notice)
  ask()
}

async function ask() {
  const isBack = await fetch(HEALTH, { cache: "no-store" }).then(
    ({ ok }) => ok,
    () => false,
  )
  if (!isBack) return setTimeout(ask, ASK_EVERY)
  notice?.remove()
  notice = null
}

// Streamlit keeps no other dialog open while it has no connection, and this project has none.
new MutationObserver(() => {
  const dialog = document.querySelector(".stDialog")
  if (!dialog?.textContent?.includes("Connection error")) return
  /** @type {HTMLButtonElement | null} */
  const close = dialog.querySelector("button[aria-label=Close]")
  close?.click()
  tell()
}).observe(document.documentElement, { childList: true, subtree: true })
