"""Which attributes of a trace are arrays: what is remembered is what Plotly would find anew."""

import base64
from importlib.resources import files
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from dashboard.environment import PROJECT
from tests.browser.explorer import Explorer

pytestmark = pytest.mark.browser

TRACES = {
    "a line": {"x": [1, 2], "y": [3, 4]},
    "the same with words": {"x": [1, 2], "y": [3, 4], "mode": "lines+text", "text": ["a", "b"]},
    "with words that no mode shows": {"x": [1, 2], "y": [3, 4], "mode": "lines", "text": ["a"]},
    "with colours": {"x": [1, 2], "y": [3, 4], "mode": "markers", "marker": {"color": [1, 2]}},
    "with bars of errors": {"x": [1, 2], "y": [3, 4], "error_y": {"array": [1, 1]}},
    "with more to tell": {"x": [1, 2], "y": [3, 4], "customdata": [["a"], ["b"]]},
    "with nothing": {"x": [], "y": []},
    "bars": {"type": "bar", "x": ["a", "b"], "y": [3, 4], "text": ["a", "b"]},
    "cells": {"type": "heatmap", "z": [[1, 2], [3, 4]], "text": [["a", "b"], ["c", "d"]]},
    "more cells": {"type": "heatmap", "z": [[1], [2], [3]], "text": [["a"], ["b"], ["c"]]},
    "a gap first": {"x": [None, 2], "y": [None, 4]},
    "axes side by side": {"type": "parcoords", "dimensions": [{"values": [1, 2]}, {"label": "b"}]},
    "more of them": {"type": "parcoords", "dimensions": [{"values": [1]}, {"values": [2]}]},
}
# For each trace, drawn twice: what Plotly finds, what is remembered, and how often it was asked.
FIND = """async ({ script, traces }) => {
    const { remembered } = await import(script)
    const find = Plotly.PlotSchema.findArrayAttributes
    let asked = 0
    const fast = remembered((trace) => (asked++, find(trace)))
    const element = document.body.appendChild(document.createElement("div"))
    const found = []
    for (const draw of [1, 2]) {
        for (const trace of traces) {
            await Plotly.newPlot(element, [structuredClone(trace)])
            const [full] = element._fullData
            found.push([find(full), fast(full), asked])
        }
    }
    return found
}"""

# How often Plotly looks through all attributes while it draws a chart once more.
LOOKS = """async () => {
    const { PlotSchema } = Plotly
    const { crawl } = PlotSchema
    let looks = 0
    PlotSchema.crawl = (...given) => (looks++, crawl(...given))
    await Plotly.redraw(document.querySelector(".live-chart"))
    PlotSchema.crawl = crawl
    return looks
}"""


def test_what_is_remembered_is_what_would_be_found(chrome):
    source = (PROJECT / "dashboard/client/drawing/arrays.js").read_bytes()
    script = f"data:text/javascript;base64,{base64.b64encode(source).decode()}"
    page = chrome.new_page()
    page.add_script_tag(path=str(files("plotly") / "package_data" / "plotly.min.js"))
    found = page.evaluate(FIND, {"script": script, "traces": list(TRACES.values())})
    page.close()

    for name, (expected, remembered, _) in zip([*TRACES, *TRACES], found, strict=True):
        assert remembered == expected, name
    assert {tuple(sorted(expected)) for expected, _, _ in found} >= {
        ("x", "y"),
        ("error_y.array", "x", "y"),
        ("marker.color", "x", "y"),
    }
    asked = [0, *(asked for _, _, asked in found)]
    n_more = [after - before for before, after in pairwise(asked)]
    names = [name for name, more in zip([*TRACES, *TRACES], n_more, strict=True) if more]
    # Nobody is asked at the second draw, nor what differs in values alone, or in how many rows.
    alike = {"with words that no mode shows", "with nothing", "more cells", "a gap first"}
    assert names == [name for name in TRACES if name not in alike]


def test_a_live_chart_drawn_again_looks_for_nothing(page):
    explorer = Explorer(page).open("steps=60")
    explorer.train()
    expect(explorer.status).to_contain_text("Finished")
    assert page.evaluate(LOOKS) == 0
