"""One colour a head and one a lane, told apart by colour-blind eyes too, on light and dark."""

from collections.abc import Iterable

from core.analysis.comparison import MOST_CURVES
from core.run.heads import Heads, unit_of
from core.run.weights import RACE_LANES

# Of heads by their place, for light and dark ground. The first two are after Okabe and Ito 2008,
# "Color Universal Design"; their green is left out, since it looks like the blue to eyes without
# blue cones. The last five were found by search (tests/dashboard/test_theme.py says how far apart).
HEAD_COLOURS = (
    ("#0072B2", "#56B4E9"),
    ("#C04A00", "#F0A030"),
    ("#701C4E", "#F5558A"),
    ("#0F3C0F", "#00FF87"),
    ("#874BF0", "#D22DFF"),
    ("#87695A", "#87873C"),
    ("#000000", "#C3FFFF"),
    ("#3C0087", "#F0FF1E"),
)


def head_colours(place: int) -> tuple[str, str]:
    """The colours of a head; beyond those that there are they come again, with other dashes."""
    return HEAD_COLOURS[place % len(HEAD_COLOURS)]


def colours_of(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The colours of heads by their names, which are given in their order."""
    return {name: head_colours(place) for place, name in enumerate(names)}


def head_dashes(place: int) -> tuple[str, str]:
    """How curves of a head are drawn, in training and in validation."""
    return ("solid", "dash") if place < len(HEAD_COLOURS) else ("longdashdot", "dot")


def heads_shown(heads: Heads) -> list[dict]:
    """What the browser is told of each head, see `Head` in client/types.js."""
    return [
        {
            "name": head.name,
            "asks": head.asks,
            "called": head.called,
            "colours": head_colours(place),
            "metric": head.metric,
            "better": head.better,
            "unit": unit_of(head.loss),
        }
        for place, head in enumerate(heads)
    ]


# The first lane, which the others are compared with, is ink. Found by search: any two are far
# apart for each kind of eyes (tests/dashboard/charts/test_live_figures.py says how far).
LANE_COLOURS = (
    ("#111111", "#FFFFFF"),
    ("#1E88E5", "#3FA9F5"),
    ("#EE3377", "#EF476F"),
    ("#9A7B00", "#F0A030"),
)
assert len(LANE_COLOURS) == RACE_LANES

# Curves that are compared: those of lanes, and as many more as a search found that stay apart, a
# little less far. A symbol each, for whoever does not tell them by colour.
CURVE_COLOURS = (
    *LANE_COLOURS,
    ("#00694B", "#78FFB4"),
    ("#873C0F", "#B45A0F"),
    ("#874BFF", "#962DFF"),
    ("#4B00B4", "#3C69D2"),
    ("#870F96", "#965A96"),
    ("#D24BA5", "#B4B4D2"),
    ("#4B1E00", "#FFE100"),
    ("#4B2D5A", "#B4FF87"),
)
CURVE_SYMBOLS = (
    *("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x", "star"),
    *("pentagon", "bowtie", "triangle-left", "triangle-right"),
)
assert len(CURVE_COLOURS) == len(CURVE_SYMBOLS) == MOST_CURVES

# Each two heads, in the order of `itertools.combinations`: like no head.
HEAD_PAIR_COLOURS = (CURVE_COLOURS[0], CURVE_COLOURS[4], CURVE_COLOURS[6])
# Pairs of images: of the same class, of different ones.
SAME_COLOURS = {"same": CURVE_COLOURS[4], "different": CURVE_COLOURS[3]}

QUIET = ("#5F6368", "#A8ADB4")

# From -1 by the ground to 1, for light and dark: the PuOr of Cynthia Brewer's ColorBrewer 2.0,
# orange against purple, which colour-blind eyes tell apart.
DIVERGING = (
    ((0, "#B35806"), (0.25, "#F1A340"), (0.5, "#F7F7F7"), (0.75, "#998EC3"), (1, "#542788")),
    ((0, "#FDB863"), (0.25, "#B06A1E"), (0.5, "#2B2A27"), (0.75, "#6A5FA0"), (1, "#C5BEE6")),
)
# Of a confusion matrix, from one pair to many: what is right is on the diagonal, and blue.
CONFUSION = {
    "right": (("#8FC1E3", "#00538A"), ("#2F6F9B", "#8FD3FF")),
    "wrong": (("#F0A868", "#A03A00"), ("#A8541A", "#FFC46B")),
}

# Of a weight map: even in lightness, and without red against green.
MAP_COLOURS = "Viridis"
MARK_COLOURS = {"fill": "#FFFFFF", "edge": "#000000"}  # readable on every colour of the map

# Streamlit leaves room above and beside a page that the charts need, and its captions and main
# buttons have too little contrast.
STYLE = """<style>
.stMainBlockContainer { padding: 4rem clamp(1rem, 3vw, 3rem) 3rem; }
.stMainBlockContainer h1 { font-size: 2rem; padding: 0; }
.stSidebar [data-testid="stSidebarHeader"] { height: 2.5rem; }
.stApp [data-testid="stCaptionContainer"] { opacity: 0.8; }
.stApp button[kind="primary"]:enabled { color: light-dark(#ffffff, #111111); }
.stApp .stMultiSelect [data-tag-index] * { color: light-dark(#ffffff, #111111); }
.stSidebar [data-testid="stButtonGroup"] button { padding: 0 0.55rem; }
/* The place of the desk and of a map's options until they have come, and what a map's line may
   take: nothing below jumps. */
.st-key-desk:not(:has(.desk)) { min-height: calc(8rem + 0.5625px); }
.st-key-map_bar { min-height: 3rem; }
.st-key-map_options { min-height: 4.25rem; }
.st-key-map_bar .stMarkdown p { font-size: 0.9rem; }
.st-key-pages, .stLayoutWrapper:has(> .st-key-pages) { display: none; }
@media (max-width: 767px) {
  .stLayoutWrapper:has(> .st-key-pages) { display: contents; }
  .st-key-pages {
    display: flex; flex-wrap: nowrap; overflow-x: auto;
    position: fixed; z-index: 999990; top: 1.05rem; left: 3rem; right: 0; width: auto;
  }
  .st-key-pages [data-testid="stPageLink-NavLink"] { padding: 0.1rem 0.3rem; }
  .st-key-pages [data-testid="stPageLink-NavLink"] p { font-size: 0.85rem; }
  .stMainBlockContainer h1 { font-size: 1.5rem; }
  .st-key-desk:not(:has(.desk)) { min-height: 16.2rem; }
  .stMain:has(.map-view) .st-key-about { min-height: 4.2rem; }
  .st-key-map_options { min-height: 13.75rem; }
  .st-key-map_options [data-testid="stButtonGroup"] button { padding: 0 0.4rem; }
  .st-key-buttons { gap: 0.4rem; }
  .st-key-buttons button { padding: 0.2rem 0.5rem; min-height: 2.25rem; }
}
</style>"""
