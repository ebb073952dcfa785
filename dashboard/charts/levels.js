// Where words stand on levels such as those of chance: above their own line; and where two would
// overlap, in one. Pure.

const TALL = 16 // px of a line of words

// What to write at each level and where, from its `name`, such as "chance, ln 100", and `at`, in px
// below the upper end of a plot of this height. Nothing is written at what is out of sight.
/**
 * @param {{ name: string, at: number }[]} levels
 * @param {number} height
 * @returns {{ text: string, position: "top left" | "bottom left" }[]}
 */
export function levelWords(levels, height) {
  const order = [...levels.keys()].sort((one, other) => levels[one].at - levels[other].at)
  /** @type {number[][]} */
  const groups = []
  for (const k of order) {
    if (!(levels[k].at >= 0 && levels[k].at <= height)) continue
    const group = groups[groups.length - 1]
    if (group && levels[k].at - levels[group[group.length - 1]].at < room(levels[group[0]])) group.push(k)
    else groups.push([k])
  }
  const found = levels.map(() => /** @type {{ text: string, position: any }} */ ({ text: "", position: "top left" }))
  for (const group of groups) {
    const isBelow = !fits(levels[group[0]])
    const at = isBelow ? group[group.length - 1] : group[0]
    found[at] = { text: joined(group.map((k) => levels[k].name)), position: isBelow ? "bottom left" : "top left" }
  }
  return found
}

// Whether there is room above a line; if not, its words stand below it, and those of the next must not
// stand above theirs.
const fits = ({ at }) => at >= TALL
const room = (uppermost) => (fits(uppermost) ? TALL : 2 * TALL)

// "chance, ln 100" and "chance, ln 2" are "chance, ln 100 and ln 2".
/** @param {string[]} names */
const joined = (names) => names.map((name, k) => (k ? name.replace(/^.*, /, "") : name)).join(" and ")
