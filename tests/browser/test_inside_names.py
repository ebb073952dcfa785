"""Classes are told as classes: by their own names, in a colour each, and with none between two."""

import io
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.data.datasets import folder_of
from core.data.own_data import add
from tests.browser.insider import Inside
from tests.browser.widgets import WAIT, button

pytestmark = pytest.mark.browser

NAMES = sorted(
    f"{kind} {animal}"
    for kind in ("<b>tame</b>", "wild", "extraordinary", "old")
    for animal in ("ant", "bee", "cat", "dog", "horse")
)
N = 20 * len(NAMES)


@pytest.fixture(scope="module")
def looked_into(new_tab, server):
    """A run on images whose classes have names, trained with the page open."""
    rng = np.random.default_rng(3)
    y = np.arange(N) % len(NAMES)
    x = (rng.random((len(NAMES), 12, 12))[y] + 4 * rng.random((N, 12, 12))) / 5
    file = io.BytesIO()
    np.savez(file, x=x, y=np.array(NAMES)[y])
    file.seek(0)
    dataset = add(file, folder_of(server.store), "pets").name
    page = new_tab()
    inside = Inside(page).open(f"dataset={dataset}&training_pairs=400&steps=20")
    button(page, "Train").click()
    expect(inside.status).to_contain_text("Finished", timeout=2 * WAIT)
    expect(page.locator(".inside-seen")).to_be_visible()
    page.wait_for_url(re.compile(r"[?&]run=\w+"))
    url = page.url
    page.close()
    return re.search(r"run=(\w+)", url)[1]


def test_own_names_stand_on_cards_axes_and_points(page, looked_into):
    inside = Inside(page).open(f"run={looked_into}")
    snapshot = inside.answer(looked_into)["snapshot"]
    assert snapshot["classes"] == NAMES
    page.locator(".inside-pairs").scroll_into_view_if_needed()
    first = page.locator(".inside-card").first
    for head, side in (("ctg_out_1", 0), ("ctg_out_2", 1)):
        says = NAMES[snapshot["top"][head]["classes"][0][0]]
        expect(first.locator(".inside-side").nth(side)).to_contain_text(f"{says}, ")
    is_there = NAMES[snapshot["labels"][0][0]]
    page.locator(".inside-maps").scroll_into_view_if_needed()
    image = page.get_by_role("img", name=f"Image 1 of pair 0: {is_there}", exact=True)
    expect(image).to_be_visible()
    inside.filled("plane")
    told = inside.chart("plane").evaluate("c => c.data.flatMap(({text}) => text ?? [])")
    written = {name.replace("<", "&lt;").replace(">", "&gt;") for name in NAMES}
    assert {text.split("<br>")[0] for text in told} <= written
    assert "class" not in page.locator(".inside-cards").inner_text()


def test_an_axis_of_classes_names_each_at_its_place_and_nothing_between(page, looked_into):
    inside = Inside(page).open(f"run={looked_into}")
    inside.filled("confusion.ctg_out_1")
    chart = inside.chart("confusion.ctg_out_1")
    shown = chart.evaluate(
        """c => [...c.querySelectorAll('.ytick text')].map(text => text.textContent)"""
    )
    assert len(shown) == len(NAMES)
    for name, tick in zip(NAMES, shown, strict=True):
        head, _, tail = tick.partition("…")
        assert name.startswith(head)
        assert name.endswith(tail)
    for axis in ("xaxis", "yaxis"):
        places = chart.evaluate("(c, axis) => c._fullLayout[axis].tickvals", axis)
        assert places == [int(place) for place in places]
        assert 0 <= min(places) <= max(places) < len(NAMES)


def test_of_many_classes_some_are_in_colour_and_one_can_be_chosen(page, looked_into):
    inside = Inside(page).open(f"run={looked_into}")
    inside.filled("plane")
    chart = inside.chart("plane")
    assert chart.locator(".colorbar").count() == 0
    lit = "c => c.data.filter(({meta, x}) => meta.role === 'group' && x.length).length"
    assert chart.evaluate(lit) == 8
    assert inside.trace("plane", "rest", "trace.x.length") > 0
    chosen = NAMES[3]
    page.get_by_label("in colour").select_option(chosen)
    labels = np.array(inside.answer(looked_into)["snapshot"]["labels"])[:, :2]
    page.wait_for_function(
        """n => {
            const {data} = document.querySelector('[data-quantity=plane]')
            const lit = data.filter(({meta, x}) => meta.role === "group" && x.length)
            return lit.length === 1 && lit[0].x.length === n
        }""",
        arg=int((labels == 3).sum()),
    )
