// How a page's script becomes a view that is kept: Streamlit calls it with each script run.

import { Teller } from "./tell.js"

// The first call of an element makes its view, each of them sets what it shows. What is loaded first,
// by what is shown, is given to both; a call that another has overtaken meanwhile is dropped.
/**
 * @param {string} page
 * @param {(root: HTMLElement, shown: any, teller: Teller, loaded: any) => { set: (shown: any, loaded: any) => void }} make
 * @param {(shown: any) => Promise<any>} load
 */
export function mount(page, make, load = async (_shown) => undefined) {
  const views = new WeakMap()
  const calls = new WeakMap()
  return async ({ parentElement, data, setTriggerValue, setStateValue }) => {
    let root = parentElement.querySelector(`.${page}-view`)
    const shown = JSON.parse(new TextDecoder().decode(data))
    if (shown.leave) return location.assign(shown.leave)
    const call = Symbol()
    calls.set(root, call)
    const loaded = await load(shown)
    if (calls.get(root) !== call) return
    // A view is made for its heads, those of them that vary, and what the problem shows of its own. Others, such as those of another
    // problem, are another view's, in a place of its own: what the first one goes on doing ends as its
    // place is gone.
    const heads = JSON.stringify([shown.heads ?? null, shown.varied ?? null, shown.own ?? null])
    if (views.get(root)?.heads !== heads) {
      if (views.has(root)) {
        const fresh = root.cloneNode(false)
        root.replaceWith(fresh)
        calls.set((root = fresh), call)
      }
      root.replaceChildren()
      const teller = new Teller(root)
      views.set(root, { teller, heads, view: make(root, shown, teller, loaded) })
    }
    const { teller, view } = views.get(root)
    teller.hear(shown.heard, setTriggerValue, setStateValue)
    view.set(shown, loaded)
  }
}
