// One entry of the browser's history for each page and each run shown on it; whatever else changes in
// the address replaces the entry. Streamlit makes an entry of each change that a script makes, so that
// Back would lead through every move of a slider. It is loaded with the page, before Streamlit runs.

const SHOWN = ["run", "map", "runs"] // what a page shows, by the names in its address

const [push, replace] = [history.pushState.bind(history), history.replaceState.bind(history)]
let isFresh = true // whether nobody has done anything since the entry was made
let asLeft = location.href // the address when somebody last did something

// What an entry is of: a page, and what it shows.
/** @param {URL} url */
const subject = ({ pathname, searchParams }) =>
  JSON.stringify([pathname, ...SHOWN.map((name) => searchParams.get(name))])

// An entry that nobody has touched is on the way to another: it is replaced by it.
history.pushState = (state, unused, address) => {
  const [here, there] = [new URL(location.href), new URL(address ?? "", location.href)]
  if (isFresh || subject(here) === subject(there)) return replace(state, unused, address)
  // On the way to another page Streamlit takes from the address what only the page left has.
  replace(history.state, "", asLeft)
  push(state, unused, address)
  isFresh = true
}

function act() {
  isFresh = false
  asLeft = location.href
}

for (const event of ["pointerdown", "keydown"]) addEventListener(event, act, true)
addEventListener("popstate", () => (isFresh = true), true)
