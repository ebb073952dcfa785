// What the weights desk looks like, in its place and stuck to the lower edge.

// Sliders are drawn here, in the colour of their head on both grounds: a browser's own take the track
// of the other ground where they find the colour too like that of this one.
const track = (filled) =>
  `box-sizing: border-box; height: 0.5rem; border: 1px solid color-mix(in srgb, currentColor 55%, transparent); border-radius: 0.25rem; background: ${filled};`
const THUMB =
  "box-sizing: border-box; width: 1rem; height: 1rem; border: none; border-radius: 50%; background: var(--swatch);"

export const STYLE = `
  .desk { background: var(--st-secondary-background-color); border-radius: 0.6rem; padding: 0.5rem 0.9rem 0.5rem; box-sizing: border-box; }
  .desk-end { height: 1px; }
  .desk-top { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 0.9rem; font-size: 0.9rem; }
  .desk-mode { font-weight: 600; }
  .desk-lanes { display: flex; gap: 0.8rem; }
  .desk-lanes label { display: inline-flex; align-items: center; gap: 0.3rem; min-height: 1.75rem; cursor: pointer; white-space: nowrap; }
  .desk-more, .desk-presets { display: flex; flex-wrap: wrap; gap: 0.3rem; }
  .desk-presets { margin-left: auto; }
  .desk button { min-height: 1.75rem; padding: 0 0.55rem; font-size: 0.85rem; background: var(--st-background-color); }
  .desk button[aria-pressed=true] { border-color: currentColor; box-shadow: inset 0 0 0 1px currentColor; font-weight: 600; }
  .desk-help { min-width: 1.75rem; border-radius: 50% !important; }
  .desk-heads { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 0.2rem 1.6rem; margin-top: 0.35rem; }
  .desk-head { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: 0 0.6rem; min-width: 0; }
  .desk-name { display: flex; align-items: baseline; gap: 0.4rem; min-width: 0; white-space: nowrap; overflow: hidden; }
  .desk-name code { font-size: 0.9rem; color: inherit; background: none; padding: 0; font-weight: 600; }
  .desk-called { font-size: 0.8rem; overflow: hidden; text-overflow: ellipsis; opacity: 0.85; }
  .desk-swatch { flex: none; width: 0.7em; height: 0.7em; border-radius: 2px; background: var(--swatch); }
  .desk-number { width: 5.2rem; box-sizing: border-box; font: inherit; font-size: 0.9rem; font-variant-numeric: tabular-nums; color: inherit; background: var(--st-background-color); border: 1px solid rgba(128, 128, 128, 0.7); border-radius: 0.3rem; padding: 0.1rem 0.3rem; text-align: right; }
  .desk-range { grid-column: 1 / -1; width: 100%; margin: 0; height: 1.6rem; appearance: none; background: none; cursor: pointer; touch-action: pan-y; }
  .desk-range:disabled { opacity: 0.45; cursor: default; }
  .desk-range::-webkit-slider-runnable-track { ${track("linear-gradient(to right, var(--swatch) var(--filled), transparent var(--filled))")} }
  .desk-range::-moz-range-track { ${track("none")} }
  .desk-range::-moz-range-progress { ${track("var(--swatch)")} }
  .desk-range::-webkit-slider-thumb { appearance: none; margin-top: calc(-0.25rem - 1px); ${THUMB} }
  .desk-range::-moz-range-thumb { ${THUMB} }
  .desk :disabled { cursor: not-allowed; }
  .desk-said, .desk-adopted { margin: 0.15rem 0 0; font-size: 0.85rem; min-height: 1.4em; }
  .desk-stuck { max-height: 45vh; overflow-y: auto; position: fixed; z-index: 90; bottom: 0; left: var(--desk-left); width: var(--desk-width); border-radius: 0.6rem 0.6rem 0 0; box-shadow: 0 -2px 12px rgba(0, 0, 0, 0.25); padding-bottom: max(0.4rem, env(safe-area-inset-bottom)); }
  .desk-stuck :is(.desk-presets, .desk-more, .desk-adopted, .desk-called, .desk-help) { display: none; }
  .desk-stuck .desk-said:not(.view-grave) { display: none; }
  .stMainBlockContainer { padding-bottom: calc(3rem + var(--desk-room, 0px)) !important; }
  .desk-keys { color: inherit; background: var(--st-background-color); border: 1px solid rgba(128, 128, 128, 0.7); border-radius: 0.6rem; max-width: min(30rem, calc(100vw - 2rem)); }
  .desk-keys::backdrop { background: rgba(0, 0, 0, 0.4); }
  .desk-keys dl { display: grid; grid-template-columns: auto 1fr; gap: 0.3rem 1rem; margin: 0.5rem 0 1rem; }
  .desk-keys dt { font-family: monospace; font-weight: 600; }
  .desk-keys dd { margin: 0; }
  @media (max-width: 640px) {
    .desk { padding: 0.4rem 0.6rem; }
    .desk-presets { margin-left: 0; gap: 0.2rem; }
    .desk button { padding: 0 0.4rem; font-size: 0.8rem; }
    .desk-stuck .desk-mode { display: none; }
    .desk-head { grid-template-columns: 6.4rem 1fr 4.2rem; }
    .desk-name code { font-size: 0.8rem; }
    .desk-heads[data-long] .desk-head { grid-template-columns: 1fr 4.2rem; }
    .desk-heads[data-long] .desk-name { grid-column: 1 / -1; }
    .desk-heads[data-long] .desk-range { grid-column: 1; grid-row: 2; }
    .desk-heads[data-long] .desk-number { grid-column: 2; grid-row: 2; }
    .desk-range { grid-column: 2; grid-row: 1; height: 2rem; }
    .desk-number { grid-column: 3; grid-row: 1; width: 4.2rem; }
    .desk-called { display: none; }
    .desk-said { min-height: 3.2em; }
  }
`
