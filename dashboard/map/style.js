// What the page Map looks like. What comes later has its place from the beginning: the status line,
// the progress, what is said of noise, the picked point.

export const STYLE = `
  .map-progress { display: block; width: 100%; height: 0.6rem; margin-bottom: 0.3rem; accent-color: var(--st-primary-color); }
  .map-status { margin: 0; }
  .map-main { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .map-picture { position: relative; min-width: 0; }
  .map-triangle, .map-line { height: 480px; }
  .map-triangle { position: relative; }
  .map-drawing { position: absolute; overflow: visible; user-select: none; }
  .chart-saving { position: absolute; top: 0; right: 0; display: flex; opacity: 0; transition: opacity 0.2s; }
  :is(:hover, :focus-within) > .chart-saving { opacity: 1; }
  .view .chart-saving button { border: 0; padding: 3px; line-height: 0; opacity: 0.6; }
  .view .chart-saving button:is(:hover, :focus-visible) { opacity: 1; }
  .chart-saving svg { width: 16px; height: 16px; fill: currentColor; }
  .map-line ~ .map-overlay .map-readout[data-wide] { min-height: 0; }
  .map-picture .map-others { margin: 0.2rem 0 0; font-size: 0.9rem; }
  .map-picture .map-pointed, .map-picture .map-pointed * { cursor: pointer !important; }
  .map-front { min-width: 0; height: 420px; }
  .map-front .points path { cursor: pointer; }
  .map-overlay { position: absolute; inset: 0; overflow: clip; pointer-events: none; }
  .map-overlay svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; fill: none; }
  .map-under { stroke: var(--st-background-color); stroke-width: 4px; }
  .map-over { stroke: var(--st-text-color); stroke-width: 1.5px; }
  .map-readout { position: absolute; box-sizing: border-box; width: 9.2rem; padding: 0.15rem 0.4rem; font-size: 0.8rem; line-height: 1.3; font-variant-numeric: tabular-nums; background: var(--st-background-color); border: 1px solid var(--st-text-color); border-radius: 0.3rem; }
  .map-readout span { display: block; }
  .map-readout[data-wide] { width: calc(100% - 64px); min-height: 3.75rem; } /* beside the toolbar */
  .map-readout[data-wide] span { display: inline-block; margin-right: 0.8rem; }
  .map-noise { margin: 0.5rem 0 0; min-height: 3.2em; font-size: 0.9rem; }
  .map-point { min-width: 0; box-sizing: border-box; border-left: 3px solid #c2187a; padding-left: 0.8rem; }
  .map-point h2 { margin: 0 0 0.2rem; }
  .map-point p { margin: 0; font-size: 0.9rem; min-height: 1.5em; }
  .map-point .view-table :is(th, td) { padding-block: 0; }
  .map-buttons { display: flex; flex-wrap: wrap; gap: 0.5rem; margin: 0.4rem 0; }
  .map-pair { display: grid; gap: 0.5rem; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
  .map-curves { min-width: 0; height: 200px; }
  .map-table-head { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; align-items: baseline; }
  .map-quiet { opacity: 0.8; }
  .map-numbers { content-visibility: auto; contain-intrinsic-size: auto 40rem; }
  .map-table caption { text-align: left; caption-side: top; padding-bottom: 0.3rem; }
  .map-table th, .map-table td { padding: 0.15rem 0.8rem 0.15rem 0; text-align: right; }
  .map-table :is(th, td):first-child { position: sticky; left: 0; background: var(--st-background-color); }
  .map-table thead th:first-child { z-index: 2; }
  .map-table .map-picked { background: rgba(194, 24, 122, 0.18); }
  .map-table .map-tie td:nth-child(2) { font-weight: 700; }
  @media (max-width: 767px) {
    .map-status { min-height: 3.2em; }
    .map-main { grid-template-columns: minmax(0, 1fr); }
    .map-triangle { height: 570px; }
    .map-noise { min-height: 8em; }
    .map-point { min-height: 520px; }
  }
`
