// Which attributes of a trace are arrays. Plotly looks through all attributes that there can be for
// them, for each trace at each draw: a quarter of the time that a live chart takes (measured). That
// follows from where a trace has arrays, so it is found once for each such place. Pure.

// What `find` says of a trace with all its defaults, remembered for all that have arrays where it has.
/**
 * @param {(trace: any) => string[]} find
 * @returns {(trace: any) => string[]}
 */
export function remembered(find) {
  /** @type {Map<string, string[]>} */
  const known = new Map()
  return (trace) => {
    const key = `${trace.type} ${places(trace).join(" ")}`
    const found = known.get(key) ?? find(trace)
    known.set(key, found)
    return [...found]
  }
}

// Where there are arrays in what is not private to Plotly, those in lists of objects included.
/** @returns {string[]} */
function places(value, path = "") {
  return Object.entries(value).flatMap(([name, part]) => {
    if (name.startsWith("_") || !part || typeof part !== "object") return []
    const at = `${path}.${name}`
    const isArray = Array.isArray(part) || ArrayBuffer.isView(part)
    const isSimple = isArray && typeof part[0] !== "object"
    return [...(isArray ? [at] : []), ...(isSimple ? [] : places(part, at))]
  })
}
