// Tells Python what has happened, until it has heard it. Streamlit may lose what a component sets
// while a script runs; so a message has an id, Python hands over the id that it heard last of each
// event (client/component.py), and until it is that one the message is sent again.

const NEWS_WAIT = 300 // ms: the script that made the news may be about to tell; old widgets went along
const AGAIN = 1000 // ms until a message is sent again; twice as long each time
const MOST = 7 // times that it is sent
const LEAVING = 5000 // ms after a press on a link, at most, for Streamlit to change the page
const SOON = 200 // ms until it is looked whether it has

// A message in between would have the page that is left run again, in place of the one gone to.
const here = () => globalThis.location?.pathname
let left = { at: -LEAVING, from: here() }
export const leave = (at = performance.now(), from = here()) => {
  left = { at, from }
}
const isLeaving = () => performance.now() < left.at + LEAVING && here() === left.from

globalThis.document?.addEventListener(
  "click",
  ({ target, ctrlKey, metaKey, shiftKey }) => {
    /** @type {HTMLAnchorElement | null} */
    const link = target instanceof Element ? target.closest("a[href]:not([download], [target=_blank])") : null
    const isHere = !(ctrlKey || metaKey || shiftKey) // and not in another tab or window
    if (isHere && link?.origin === location.origin && link.pathname !== location.pathname) leave()
  },
  true,
)

export class Teller {
  /** @type {Map<string, any>} */ waiting = new Map() // messages by event
  /** @type {Map<string, unknown>} */ kept = new Map() // the newest by name
  /** @type {string | null} */ latest = null // what was told as news last

  /** @type {(event: string, text: string) => void} */ send = () => {}
  /** @type {(name: string, value: unknown) => void} */ setState = () => {}

  // Of the view in the element `root`; one that has left the page tells nothing.
  /** @param {Element} root */
  constructor(root) {
    this.root = root
  }

  // With each script run: what it has heard, and how to tell it more. News that are not sent yet it
  // may have told by itself.
  hear(heard, send, setState) {
    Object.assign(this, { send, setState })
    for (const [event, { id }] of this.waiting) if (heard[event] === id) this.drop(event)
    if (this.waiting.get("news")?.left === MOST) this.news("", "")
  }

  // In so many ms, unless the same event has another value by then.
  tell(event, value, wait = 0) {
    this.drop(event)
    const message = { id: performance.timeOrigin + performance.now(), value, left: MOST, pause: AGAIN, timer: 0 }
    this.waiting.set(event, message)
    if (wait) message.timer = setTimeout(() => this.sendNow(event, message), wait)
    else this.sendNow(event, message)
  }

  // As state, which goes along with every script run, and has one run at once.
  keep(name, value) {
    this.kept.set(name, value)
    if (isLeaving()) setTimeout(() => this.kept.get(name) === value && this.keep(name, value), SOON)
    else if (this.root.isConnected) this.setState(name, value)
  }

  sendNow(event, message) {
    if (isLeaving()) {
      message.timer = setTimeout(() => this.sendNow(event, message), SOON)
      return
    }
    if (!message.left-- || !this.root.isConnected) return this.drop(event)
    this.send(event, JSON.stringify([message.id, message.value]))
    message.timer = setTimeout(() => this.sendNow(event, message), message.pause)
    message.pause *= 2
  }

  // Python has told something as it was: it must look again where that is another `now`.
  news(told, now) {
    if (told === now) this.drop("news")
    else if (now !== this.latest) this.tell("news", now, NEWS_WAIT)
    this.latest = told === now ? null : now
  }

  // Whether Python is yet to hear of it.
  isWaiting(event) {
    return this.waiting.has(event)
  }

  drop(event) {
    clearTimeout(this.waiting.get(event)?.timer)
    this.waiting.delete(event)
  }
}
