// Questions to the server. Its routes are found from here, not from the root of the site: the page
// may be served below a path.

const SERVER = new URL("../../../../", import.meta.url) // above /scripts/VERSION/client/asking/

/** @param {string} path Below the place where the page is served. */
export const address = (path) => new URL(path, SERVER).href

// What there is to be known of a run under a name; a value of null is left out of the query.
/** @param {string} run @param {string} name @param {Record<string, unknown>} query */
export function ofRun(run, name, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== null)
  const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString()
  return `api/runs/${encodeURIComponent(run)}/${name}${text && `?${text}`}`
}

// Why there is no answer that can be used: `status` is the server's, 0 where it said nothing.
export class Refusal extends Error {
  /** @param {string} message */
  constructor(message, status = 0) {
    super(message)
    this.status = status
  }
}

/** @param {string} path @param {RequestInit} how */
async function ask(path, how) {
  const response = await fetch(address(path), how)
  const answer = await response.json()
  if (!response.ok) throw new Refusal(answer.error ?? response.statusText, response.status)
  return answer
}

// What is asked for only for a page of this server is asked for with this: no other site can have it
// sent. Browsers say so by themselves, but not over plain HTTP from another computer.
const OURS = { "X-Explorer-Page": "1" }

/** @param {string} path @param {AbortSignal} [signal] */
export const fetchJson = (path, signal) => ask(path, { signal, headers: OURS })

/** @param {string} path @param {unknown} body */
export const postJson = (path, body) => ask(path, { method: "POST", body: JSON.stringify(body) })
