// Tables of all pages.

import { element } from "./parts.js"

export const signed = (points) => (points < -0.05 ? "−" : points < 0.05 ? "±" : "+") + Math.abs(points).toFixed(1)

// A table with one header row; gives back its body.
export function table(parent, titles) {
  const made = element(element(parent, "div", "live-table"), "table")
  const row = element(element(made, "thead"), "tr")
  for (const title of titles) element(row, "th", "", title).scope = "col"
  return element(made, "tbody")
}

// A row of a table: its name, and so many cells that are given back.
export function tableRow(body, name, nCells) {
  const row = element(body, "tr")
  element(row, "th", "", name).scope = "row"
  return Array.from({ length: nCells }, () => element(row, "td", "", "–"))
}

export function isDark(node) {
  return getComputedStyle(node).color.match(/[\d.]+/g).map(Number)[0] > 140
}

export const TABLE_STYLE = `
    .live-table { overflow-x: auto; }
    .live-table table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin-top: 0.4rem; font-size: 0.9rem; }
    .live-table th, .live-table td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: right; font-weight: 400; border: 0; }
    .live-table th:first-child { text-align: left; white-space: nowrap; }
    @media (max-width: 500px) { .live-table th, .live-table td { padding-right: 0.5rem; font-size: 0.85rem; } }
    .live-table tbody th::before { content: ""; display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.4em; border-radius: 2px; background: var(--swatch); }
  `
