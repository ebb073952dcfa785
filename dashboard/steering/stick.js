// The desk stays in sight: once its place is scrolled away, it sticks to the lower edge of the window.

import { element } from "../client/drawing/elements.js"

const HEADER = 60 // px of Streamlit's header, under which what is scrolled away is hidden

// `place` keeps the room of `desk`, so that nothing jumps.
/** @param {HTMLElement} place @param {HTMLElement} desk */
export function stick(place, desk) {
  const end = element(place, "div", "desk-end")
  const fit = () => {
    const { left, width } = place.getBoundingClientRect()
    desk.style.setProperty("--desk-left", `${left}px`)
    desk.style.setProperty("--desk-width", `${width}px`)
  }
  /** @param {IntersectionObserverEntry[]} entries */
  const seen = (entries) => {
    const { boundingClientRect, isIntersecting } = entries[entries.length - 1]
    const isAway = !isIntersecting && boundingClientRect.bottom < HEADER + 1
    if (isAway === desk.classList.contains("desk-stuck")) return
    place.style.minHeight = isAway ? `${place.getBoundingClientRect().height}px` : "" // to its fractions
    fit()
    desk.classList.toggle("desk-stuck", isAway)
    const room = isAway ? `${desk.offsetHeight}px` : "0px"
    document.documentElement.style.setProperty("--desk-room", room)
  }
  // What sticks to the window is not within what scrolls.
  desk.addEventListener("wheel", ({ deltaY }) => {
    if (desk.classList.contains("desk-stuck")) place.closest("[data-testid=stMain]")?.scrollBy(0, deltaY)
  })
  new IntersectionObserver(seen, { rootMargin: `-${HEADER}px 0px 0px 0px` }).observe(end)
  new ResizeObserver(fit).observe(place)
}
