// Says what stands between the page and its server, where Streamlit would stay white: a proxy that does
// not pass on the name in the address bar, or no WebSocket. It is no module: a browser asks for those
// with its origin, which is what may be refused.

{
  const script = /** @type {HTMLScriptElement} */ (document.currentScript)
  const SERVER = new URL("../../../../", script.src) // above /scripts/VERSION/client/beside/
  const PATIENCE = 8000 // ms until a page on which nothing has come is asked about

  const PANEL = `
  position: fixed; inset: 0; z-index: 999992; padding: 15vh 1rem 1rem; overflow: auto; font: 1.1rem/1.5 system-ui, sans-serif;
  color: light-dark(#1f2328, #f0f0f0); background: light-dark(#ffffff, #1b1b1a); overflow-wrap: anywhere;`

  /** @param {string} sentence */
  function say(sentence) {
    const panel = document.createElement("div")
    panel.id = "unreachable"
    panel.setAttribute("role", "alert")
    panel.style.cssText = PANEL
    const text = document.createElement("p")
    text.style.cssText = "max-width: 42rem; margin: auto;"
    text.textContent = sentence
    panel.append(text)
    document.body.append(panel)
  }

  // The server's sentence where it refuses a question; what a proxy answers by itself says nothing.
  /** @param {string} path @param {string} method */
  async function refusal(path, method) {
    const response = await fetch(new URL(path, SERVER), { method }).catch(() => null)
    if (!response || response.ok) return null
    const answer = await response.json().catch(() => null)
    return answer?.error ?? null
  }

  // Of the questions that change nothing, OPTIONS is the one with which a browser sends its origin.
  async function ask() {
    const sentence =
      (await refusal("_stcore/health", "OPTIONS")) ?? (isEmpty() && (await refusal("_stcore/stream", "GET")))
    if (sentence) say(sentence)
  }

  const isEmpty = () =>
    !document.querySelector("[data-testid=stElementContainer]:not(:has([data-testid=stAppSkeleton]))")

  /** @type {HTMLMetaElement | null} */
  const meta = document.querySelector("meta[name=asked-as]")
  if (meta?.content !== location.host) ask()
  setTimeout(() => isEmpty() && !document.querySelector("#unreachable") && ask(), PATIENCE)
}
