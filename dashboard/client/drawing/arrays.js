// Which attributes of a trace are arrays. Plotly looks through all attributes that there can be for
// them, for each trace at each draw: a quarter of the time that a live chart takes (measured). That
// follows from where a trace has arrays, and so is found once for all that have them there. Pure.

// What `find` says of a trace with all its defaults, remembered for all of its type that have arrays where it has.
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

// Where there are arrays in what is not private to Plotly, those in lists of objects included; what
// rows or values an array has is all the same.
/** @returns {string[]} */
function places(value, path = "") {
  return Object.entries(value).flatMap(([name, part]) => {
    if (name.startsWith("_") || !isObject(part)) return []
    const at = `${path}.${name}`
    if (!isArray(part)) return places(part, at)
    const isList = isObject(part[0]) && !isArray(part[0])
    return isList ? [at, ...places(part, at)] : [at]
  })
}

const isArray = (value) => Array.isArray(value) || ArrayBuffer.isView(value)
const isObject = (value) => typeof value === "object" && value !== null
