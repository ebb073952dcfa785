// What all views look like, and how each adds what is its own.

import { element } from "./elements.js"

/** @param {string} page @param {string} text */
export function addStyle(page, text) {
  for (const [id, css] of [
    ["view-style", STYLE],
    [`${page}-view-style`, text],
  ]) {
    if (!document.getElementById(id)) element(document.head, "style", "", css).id = id
  }
}

const STYLE = `
  .view { color: var(--st-text-color, inherit); }
  .view [hidden] { display: none !important; }
  .view h2 { font-size: 1rem; margin: 0.75rem 0 0.4rem; padding: 0; }
  .view a { color: var(--st-link-color, inherit); }
  .view :is(button, a, input, select):focus-visible { outline: 2px solid var(--st-primary-color, currentColor); outline-offset: 1px; }
  .view button { font: inherit; color: inherit; background: none; border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.4rem; padding: 0.2rem 0.6rem; cursor: pointer; }
  .view button:enabled:hover { border-color: currentColor; }
  .view button:disabled { opacity: 0.45; cursor: default; }
  .view-status { margin: 0 0 0.5rem; font-variant-numeric: tabular-nums; min-height: 1.5em; }
  .view-grave { border-left: 3px solid #d33; padding-left: 0.6rem; }
  .view-unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .view-charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
  .view-note { font-size: 0.85rem; margin: 0.3rem 0 0; max-width: 60rem; }
  .view-radios { border: 0; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.2rem 0.9rem; font-size: 0.9rem; }
  .view-radios legend { float: left; padding: 0; margin: 0 0.6rem 0 0; font-size: inherit; font-weight: 600; width: auto; line-height: 1.75rem; }
  .view-radios label { display: inline-flex; align-items: center; gap: 0.3rem; min-height: 1.75rem; cursor: pointer; }
  .view-table { overflow-x: auto; }
  .view-table table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin-top: 0.4rem; font-size: 0.9rem; }
  .view-table :is(th, td) { padding: 0.15rem 0.9rem 0.15rem 0; text-align: right; font-weight: 400; border: 0; }
  .view-table th:first-child { text-align: left; white-space: nowrap; }
  @media (max-width: 500px) { .view-table :is(th, td) { padding-right: 0.5rem; font-size: 0.85rem; } }
  .view-table tbody th::before { content: ""; display: inline-block; width: 0.7em; height: 0.7em; margin-right: 0.4em; border-radius: 2px; background: var(--swatch); }
  .view-sorted { overflow: auto; max-height: 34rem; }
  /* A shadow at a side where there is more to scroll to: covers that move with the content hide it. */
  .view-table, .view-sorted {
    background: linear-gradient(90deg, var(--st-background-color) 40%, transparent) left local,
      linear-gradient(270deg, var(--st-background-color) 40%, transparent) right local,
      linear-gradient(90deg, rgba(128, 128, 128, 0.6), transparent) left scroll,
      linear-gradient(270deg, rgba(128, 128, 128, 0.6), transparent) right scroll;
    background-size: 3rem 100%, 3rem 100%, 0.8rem 100%, 0.8rem 100%; background-repeat: no-repeat;
  }
  .view-sorted table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
  .view-sorted :is(th, td) { font-weight: 400; border: 0; white-space: nowrap; }
  .view-sorted thead th { position: sticky; top: 0; background: var(--st-background-color); z-index: 1; }
  .view-sorted thead button { border: 0; padding: 0.1rem 0.2rem; text-decoration: underline dotted; text-underline-offset: 0.2em; }
  .view-sorted [aria-sort="ascending"] button::after { content: " ▲"; content: " ▲" / ""; }
  .view-sorted [aria-sort="descending"] button::after { content: " ▼"; content: " ▼" / ""; }
  .term { position: relative; text-decoration: underline dotted; text-underline-offset: 0.2em; cursor: help; }
  .term-words { inset: auto; margin: 0; width: max-content; white-space: normal; text-align: left; font-weight: 400; max-width: min(20rem, 70vw); padding: 0.3rem 0.6rem; font-size: 0.85rem; line-height: 1.35; color: var(--st-text-color); background: var(--st-background-color); border: 1px solid rgba(128, 128, 128, 0.7); border-radius: 0.3rem; }
  .term:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); }
`
