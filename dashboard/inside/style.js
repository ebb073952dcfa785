// How the view of a run's inside looks.

export const STYLE = `
  .inside-view section { position: relative; }
  .inside-view h2 { font-size: 1.3rem; margin: 1rem 0 0.3rem; padding: 0; }
  .inside-view h3 { font-size: 1rem; margin: 1rem 0 0.3rem; padding: 0; }
  .inside-view h4 { font-size: 0.9rem; font-weight: 600; margin: 0.5rem 0 0.2rem; padding: 0; font-variant-numeric: tabular-nums; }
  .inside-view p { margin: 0 0 0.5rem; }
  .inside-note, .inside-words, .inside-of { font-size: 0.9rem; max-width: 75ch; }
  .inside-words { font-variant-numeric: tabular-nums; }
  .inside-words, .inside-of, .inside-notice { line-height: 1.5; min-height: calc(var(--lines) * 1.5em); }
  .inside-words, .inside-of { --lines: 3; }
  .inside-notice { --lines: 2; }
  .inside-view .inside-of { max-width: 110ch; font-variant-numeric: tabular-nums; }
  .inside-away { visibility: hidden; }
  .inside-status { line-height: 1.5; }
  @media (max-width: 767px) { .inside-status { min-height: 3em; } .inside-words { --lines: 5; } .inside-of { --lines: 7; } }
  .inside-contents { display: flex; flex-wrap: wrap; gap: 0.3rem; margin: 0.3rem 0; }
  .inside-contents button { font-size: 0.85rem; padding: 0.1rem 0.5rem; }
  .inside-part { scroll-margin-top: 4.5rem; outline: none; }
  .inside-box { min-width: 0; position: relative; }
  .inside-charts > .inside-box:has([data-quantity=layers]) { grid-column: 1 / -1; }
  .inside-predicted { max-width: 50rem; }
  .inside-wide { margin-top: 1rem; max-width: 52rem; }
  .inside-bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.3rem 1.2rem; margin: 0.4rem 0; font-size: 0.9rem; }
  .inside-page { font-variant-numeric: tabular-nums; min-width: 17em; }
  .inside-view input { accent-color: var(--st-primary-color); width: 1rem; height: 1rem; margin: 0; }
  .inside-view select { font: inherit; color: inherit; background: var(--st-background-color); border: 1px solid rgba(128, 128, 128, 0.5); border-radius: 0.4rem; min-height: 1.75rem; padding: 0 0.3rem; }
  .inside-cards { display: grid; gap: 0.6rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); }
  .inside-view .inside-card { display: flex; flex-direction: column; gap: 0.2rem; text-align: left; padding: 0.4rem 0.6rem; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
  .inside-view .inside-card[aria-pressed=true] { outline: 3px solid var(--st-primary-color, currentColor); outline-offset: -1px; }
  .inside-card-title { font-weight: 600; }
  .inside-both { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; }
  .inside-side { display: flex; flex-direction: column; gap: 0.15rem; min-width: 0; }
  .inside-image, .inside-large { --most: 90px; display: block; width: min(100%, var(--most), var(--most) * var(--shape, 1)); aspect-ratio: var(--shape); image-rendering: pixelated; }
  .inside-large { --most: 160px; }
  .inside-says { display: block; }
  .inside-side .inside-says span, .inside-branch .inside-says span, .inside-top span { display: block; min-height: 1.5em; line-height: 1.5; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  .inside-card > .inside-says { min-height: 3em; line-height: 1.5; }
  .inside-says[data-right=false] { font-weight: 700; text-decoration: underline wavy #d33 1px; text-underline-offset: 0.25em; }
  .inside-branches { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 1rem; max-width: 60rem; }
  .inside-tiles { display: block; width: 100%; image-rendering: pixelated; }
  .inside-strip { display: block; width: 100%; height: 48px; background: rgba(128, 128, 128, 0.15); image-rendering: pixelated; }
  .inside-scenes { display: grid; gap: 0.8rem 1.2rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 270px), 1fr)); }
  .inside-scene { margin: 0; min-width: 0; }
  .inside-scene canvas { display: block; width: 100%; max-width: 190px; }
  .inside-scene .inside-both { max-width: 388px; }
  .inside-scene figcaption { font-size: 0.85rem; line-height: 1.5; min-height: 3em; font-variant-numeric: tabular-nums; }
  .inside-digits { display: flex; flex-wrap: wrap; gap: 0.6rem; }
  .inside-digit { display: flex; flex-direction: column; gap: 0.2rem; }
  .inside-digit canvas { display: block; width: 48px; height: 48px; image-rendering: pixelated; }
  .inside-top { font-size: 0.85rem; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
`
