// The columns of the list of runs: those that are always there, and settings to be chosen.

/** @import { Lane } from "../client/types.js" */
import { element } from "../client/elements.js"
import { percent, round, seconds, whole } from "../client/words.js"

export const NOTE = "runs-note"
export const CURVE = "runs-curve"
const NUMERIC = { className: "runs-number", falls: true }
const REMEMBERED = "runs-columns" // in the browser's own memory
const NO_COLUMN = "none" // in an address that is to have none of them

// `head` is the index of the head whose small curve stands in the cell, if any.
/** @typedef {{ title: string, key: (row: Lane) => any, text?: (row: Lane) => string, help?: string, hint?: (row: Lane) => string, className?: string, falls?: boolean, head?: number }} Column */

/** @param {string[]} heads @param {string[]} settings @param {string[]} chosen @returns {Column[]} */
export function columnsOf(heads, settings, chosen) {
  const share = (value) => (value === undefined || value === null ? "" : percent(value, 1))
  const worst = (row) => (row.result ? Math.min(...row.result.last) : undefined)
  const worstHead = (row) => heads[row.result.last.indexOf(worst(row))]
  const accuracy = (title, key, help) => ({ title, key, help, ...NUMERIC, text: (row) => share(key(row)) })
  const setting = (name) => {
    const key = (row) => row.settings[settings.indexOf(name)]
    return { title: titleOf(name), key, text: (row) => String(key(row)), ...NUMERIC }
  }
  return [
    { title: "Run", key: (row) => row.number },
    { title: "State", key: (row) => row.state, text: (row) => row.state },
    ...settings.filter((name) => chosen.includes(name)).map(setting),
    ...heads.map((head, h) => ({
      title: `w ${head}`,
      help: `Loss weight of ${head} in force, or at the end; * where it was another one before`,
      key: (row) => row.weights?.[h],
      text: (row) =>
        row.weights
          ? `${round(row.weights[h], 4)}${row.moved[h] ? "*" : ""}`
          : row.points && !h
            ? `${row.points} settings`
            : "",
      hint: (row) => (row.moved?.[h] ? `${round(row.began[h], 4)} at the start, moved since` : ""),
      ...NUMERIC,
    })),
    ...heads.map((head, h) => ({
      ...accuracy(head, (row) => row.result?.last[h], `Last validation accuracy of ${head}, and how it came there`),
      className: `runs-number ${CURVE}`,
      head: h,
    })),
    {
      ...accuracy("Worst head", worst, "Last validation accuracy of the head that does worst"),
      text: (row) => (row.result ? `${share(worst(row))} ${worstHead(row)}` : ""),
    },
    { title: "Started", key: (row) => row.created, text: (row) => started(row.created), ...NUMERIC },
    {
      title: "Duration",
      key: (row) => row.seconds,
      text: (row) => duration(row.seconds),
      ...NUMERIC,
      help: "Of training, pauses not counted; of a weight map from its start to its end",
    },
    {
      title: "Steps",
      key: (row) => row.step,
      text: (row) => (row.step < row.steps ? `${whole(row.step)} of ${whole(row.steps)}` : whole(row.step)),
      ...NUMERIC,
    },
    ...heads.map((head, h) =>
      accuracy(`best ${head}`, (row) => row.result?.best[h], `Best validation accuracy of ${head} in the run`),
    ),
    accuracy(
      "best worst",
      (row) => row.result?.best_worst,
      "Best validation accuracy, at one look, of the head that did worst there",
    ),
    {
      title: "Note",
      key: (row) => row.note.toLowerCase() || undefined,
      text: (row) => row.note.split("\n")[0],
      hint: (row) => row.note.split("\n")[0],
      className: NOTE,
    },
  ]
}

// What a column of a setting is called: "learning_rate" is Learning rate.
/** @param {string} name */
const titleOf = (name) => name[0].toUpperCase() + name.slice(1).replaceAll("_", " ")

// Which settings have a column: as the address says, or else as this browser had it last.
export class Chooser {
  /** @type {string[]} */ settings = []

  /** @param {HTMLElement} root @param {Record<string, string>} kept @param {() => void} onChange */
  constructor(root, kept, onChange) {
    const text = kept.columns ?? localStorage.getItem(REMEMBERED) ?? ""
    this.chosen = text === NO_COLUMN ? [] : text.split(",").filter(Boolean)
    this.onChange = onChange
    this.root = element(root, "details", "runs-columns")
    element(this.root, "summary", "", "Columns")
    this.list = element(this.root, "div")
    this.list.setAttribute("role", "group")
    this.list.setAttribute("aria-label", "Settings that have a column")
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.root.open = false
    })
    this.root.addEventListener("focusout", ({ relatedTarget: next }) => {
      // A press on a name in the list gives the focus to what the list is in.
      const isLeft = next instanceof Node && !this.root.contains(next) && !next.contains(this.root)
      if (isLeft) this.root.open = false
    })
  }

  // The settings that there are to choose from.
  /** @param {string[]} settings */
  offer(settings) {
    if (this.settings.length) return
    this.settings = settings
    for (const name of settings) {
      const label = element(this.list, "label")
      const box = element(label, "input")
      box.type = "checkbox"
      box.checked = this.chosen.includes(name)
      box.addEventListener("change", () => this.choose(name, box.checked))
      element(label, "span", "", titleOf(name))
    }
  }

  /** @param {string} name @param {boolean} is */
  choose(name, is) {
    this.chosen = this.settings.filter((one) => (one === name ? is : this.chosen.includes(one)))
    localStorage.setItem(REMEMBERED, this.kept().columns)
    this.onChange()
  }

  kept() {
    return { columns: this.chosen.join(",") || NO_COLUMN }
  }
}

function started(created) {
  return new Date(created * 1000).toLocaleString("en-GB", {
    day: "2-digit",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  })
}

function duration(value) {
  return value < 120 ? seconds(value) : value < 7200 ? `${round(value / 60, 1)} min` : `${round(value / 3600, 1)} h`
}
