"""The page Inside: who pulls on the trunk, and what the model sees, over a real run."""

import base64
import io
import json
import re
from urllib.parse import parse_qs, quote, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from core import RunConfig
from core.problems.siamese.heads import HEAD_NAMES
from tests.browser.axe import violations
from tests.browser.insider import FILLED, Inside
from tests.browser.server import OF_A_PAGE
from tests.browser.widgets import button
from tests.waiting import until

pytestmark = pytest.mark.browser

SETTINGS = "trunk=conv&learning_rate=0.02&steps=100000&steps_per_second=100"
CHARTS = (
    *("weighted", "norm", "cosine", "share", "layers", "prediction", "histogram", "roc", "plane"),
    *(f"{kind}.{head}" for kind in ("confusion", "digits") for head in HEAD_NAMES[:2]),
)


@pytest.fixture(scope="module")
def run(new_tab):
    """A run that was trained with the page open, and stopped."""
    page = new_tab()
    inside = Inside(page).open(SETTINGS)
    button(page, "Train").click()
    page.wait_for_url(re.compile(r"[?&]run=\w+"))
    # Curves move while it trains.
    before = inside.filled("weighted")
    page.wait_for_function(f"([name, n]) => ({FILLED})(name) > n", arg=["weighted", before])
    expect(page.locator(".inside-seen")).to_be_visible()
    at = page.locator(".inside-of")
    first = at.inner_text()
    expect(at).not_to_have_text(first)  # pictures move as well
    found = parse_qs(urlsplit(page.url).query)["run"][0]
    # By then some pairs are right and some are wrong.
    until(lambda: inside.answer(found)["run"]["step"] >= 400, timeout=60)
    button(page, "Stop").click()
    expect(inside.status).to_contain_text("Stopped")

    def is_up_to_date():
        told = inside.answer(found)
        return told["snapshot"]["step"] == told["run"]["step"]

    until(is_up_to_date)
    page.close()
    return found


def shares(gram, weights):
    """Of the step G = sum of w g that each head pays for: <w g, G> / <G, G>."""
    gram, weights = np.array(gram), np.array(weights)
    parts = weights * (gram @ weights)
    return parts / parts.sum()


def test_before_train_the_bars_are_the_shares_of_the_first_step(page):
    inside = Inside(page).open("bin_out=2&embedding_size=16")
    inside.filled("prediction")
    config = json.dumps(RunConfig(embedding_size=16, steps_per_second=300).model_dump())
    gram = page.request.get(f"/api/start?config={quote(config)}", headers=OF_A_PAGE).json()["gram"]
    assert inside.trace("prediction", "sliders", "trace.x") == pytest.approx(
        shares(gram, (1, 1, 2)), abs=1e-6
    )
    assert violations(page) == []
    page.get_by_role("group", name="ctg_out_1", exact=True).get_by_role("slider").press("Home")
    page.wait_for_function(
        """() => document.querySelector('[data-quantity=prediction]').data
            .find(({meta}) => meta.role === "sliders").x[0] === 0"""
    )
    assert inside.trace("prediction", "sliders", "trace.x") == pytest.approx(
        shares(gram, (0, 1, 2)), abs=1e-6
    )
    expect(page.locator(".inside-seen")).to_be_hidden()


def test_every_chart_shows_what_the_server_tells(page, run):
    inside = Inside(page).open(f"run={run}")
    for name in CHARTS:
        assert inside.filled(name) > 0, name
        expect(inside.chart(name)).to_have_attribute("aria-label", re.compile(r"\d"))
    told = inside.answer(run)
    columns, snapshot = told["columns"], told["snapshot"]
    for column in ("weighted.bin_out", "share.ctg_out_1"):
        shown = inside.chart(column.split(".")[0]).evaluate(
            "(chart, column) => chart.data.find(({meta}) => "
            "meta.role === 'raw' && meta.column === column).y",
            column,
        )
        assert shown == [value for value in columns[column] if value is not None]
    labels = np.array(snapshot["labels"])
    assert sum(inside.trace("histogram", "same", "trace.y")) == labels[:, 2].sum()
    assert inside.trace("roc", "bin_out", "trace.x") == snapshot["roc"]["bin_out"]["fpr"]
    n_points = sum(
        len(x)
        for x in inside.chart("plane").evaluate(
            "c => c.data.filter(({meta}) => /^(rest|group)$/.test(meta.role)).map(({x}) => x)"
        )
    )
    assert n_points == 1024
    right = [z for row in inside.trace("confusion.ctg_out_1", "right", "trace.z") for z in row if z]
    top = np.array(snapshot["top"]["ctg_out_1"]["classes"])[:, 0]
    assert np.square(right).sum() == pytest.approx((top == labels[:, 0]).sum())


def test_digits_colour_the_plane_and_a_pair_is_joined_where_one_points(page, run):
    inside = Inside(page).open(f"run={run}")
    inside.filled("plane")
    page.get_by_role("radio", name="ones").check()
    page.wait_for_function(
        """() => document.querySelector('[data-quantity=plane]').data
            .filter(({meta, x}) => meta.role === "group" && x.length).length === 10"""
    )
    where = inside.chart("plane").evaluate(
        """chart => {
            const [{x, y}] = chart.data.filter(({meta}) => meta.role === "group")
            const {xaxis, yaxis} = chart._fullLayout
            const box = chart.getBoundingClientRect()
            return {
                x: box.left + xaxis._offset + xaxis.l2p(x[0]),
                y: box.top + yaxis._offset + yaxis.l2p(y[0]),
            }
        }"""
    )
    page.mouse.move(where["x"], where["y"], steps=3)
    page.wait_for_function(
        """() => document.querySelector('[data-quantity=plane]').data
            .find(({meta}) => meta.role === "join").x.length === 2"""
    )
    points = inside.answer(run)["snapshot"]["plane"]["points"]
    x, y = (inside.trace("plane", "join", f"trace.{axis}") for axis in "xy")
    assert [x[0], y[0], x[1], y[1]] in points


def test_cards_filters_pages_and_a_pick_by_keyboard(page, run):
    inside = Inside(page).open(f"run={run}")
    page.locator(".inside-pairs").scroll_into_view_if_needed()
    cards = page.locator(".inside-card:visible")
    expect(cards).to_have_count(12)
    snapshot = inside.answer(run)["snapshot"]
    labels = np.array(snapshot["labels"])
    top = [np.array(snapshot["top"][name]["classes"])[:, 0] for name in HEAD_NAMES[:2]]
    sure = [np.array(snapshot["top"][name]["p"])[:, 0] for name in HEAD_NAMES[:2]]
    same = np.array(snapshot["same"])
    is_wrong = np.stack([*(top[h] != labels[:, h] for h in (0, 1)), (same > 0.5) != labels[:, 2]])
    confidence = np.where(is_wrong, [*sure, np.maximum(same, 1 - same)], 0).max(axis=0)
    first = cards.first
    for text in (
        f"{top[0][0]:02d}, ",
        f"{100 * sure[0][0]:.0f} %",
        "same" if same[0] > 0.5 else "different",
    ):
        expect(first).to_contain_text(text)
    page.get_by_role("radio", name="wrong only").check()
    n_wrong = is_wrong.any(axis=0).sum()
    assert 12 < n_wrong < 512
    expect(page.locator(".inside-page")).to_contain_text(f"{n_wrong} of 512 pairs")
    expect(first).to_contain_text("✗ wrong")
    page.get_by_role("radio", name="most sure and wrong").check()
    expect(first).to_have_attribute("data-pair", str(confidence.argmax()))
    page.get_by_role("button", name="Next pairs").press("Enter")
    expect(page.locator(".inside-page")).to_contain_text("page 2")
    pair = int(first.get_attribute("data-pair"))
    first.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query).get("pair") == [str(pair)])
    check_maps(inside, run, pair)


# The grey of each pixel of a canvas, by row.
GREYS = """canvas => {
    const {width, height} = canvas
    const {data} = canvas.getContext("2d").getImageData(0, 0, width, height)
    return Array.from({length: height}, (_, y) =>
        Array.from({length: width}, (_, x) => data[4 * (y * width + x)]))
}"""


def check_maps(inside, run, pair):
    """Images and feature maps of a picked pair are those that the server tells."""
    told = until(lambda: (s := inside.answer(run, pair)["snapshot"])["pair"]["index"] == pair and s)
    page = inside.page
    page.locator(".inside-maps").scroll_into_view_if_needed()
    expect(page.locator(".inside-maps h3")).to_contain_text(f"Pair {pair},")
    sprite = np.array(
        Image.open(io.BytesIO(page.request.get(f"/api/runs/{run}/pictures").body())).convert("L")
    )
    height, width = told["image"]["height"], told["image"]["width"]  # of no halved picture
    for branch, side in enumerate(("img_1", "img_2")):
        canvas = page.locator(".inside-large").nth(branch)
        row, column = divmod(2 * pair + branch, told["image"]["cells"]["per_row"])
        cell = sprite[row * height :, column * width :][:height, :width]
        assert np.array_equal(canvas.evaluate(GREYS), cell)
        for layer in told["pair"]["layers"]:
            if len(layer["shape"]) != 3:
                continue
            maps = np.frombuffer(base64.b64decode(layer[side]), np.uint8).reshape(layer["shape"])
            canvas = page.locator(f'.inside-layer[data-layer="{layer["name"]}"] canvas').nth(branch)
            shown = np.array(canvas.evaluate(GREYS))
            h, w, n_channels = layer["shape"]
            for c in (0, n_channels - 1):
                y, x = (c // 8) * (h + 1), (c % 8) * (w + 1)
                assert np.array_equal(shown[y : y + h, x : x + w], maps[:, :, c]), layer["name"]


@pytest.mark.parametrize(("scheme", "width"), [("light", 400), ("dark", 1400)])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_window(new_tab, run, scheme, width):
    page = new_tab(width, scheme=scheme)
    inside = Inside(page).open(f"run={run}")
    for name in CHARTS:
        inside.filled(name)
    page.locator(".inside-maps").scroll_into_view_if_needed()
    expect(page.locator(".inside-tiles").first).to_be_visible()
    assert violations(page) == []
    assert page.get_by_test_id("stMain").evaluate("e => e.scrollWidth - e.clientWidth") == 0
    page.close()


def test_a_run_that_diverges_says_which_head_broke_first(page):
    inside = Inside(page).open("learning_rate=50&embedding_size=16")
    button(page, "Train").click()
    expect(inside.status).to_contain_text("Diverged")
    expect(page.locator(".inside-notice")).to_contain_text(re.compile("|".join(HEAD_NAMES)))
    page.locator(".inside-pairs").scroll_into_view_if_needed()
    expect(page.locator(".inside-card").first).to_be_visible()
    assert violations(page) == []


def test_a_server_that_is_gone_is_told_and_its_return_too(page, run):
    inside = Inside(page).open(f"run={run}")
    expect(inside.status).to_contain_text("Stopped")
    page.evaluate("[window.real, window.fetch] = [fetch, async () => { throw Error('away') }]")
    expect(inside.status).to_contain_text("The server does not answer (away)")
    page.evaluate("window.fetch = window.real")
    expect(inside.status).to_contain_text("Stopped")


def test_a_collapse_is_named_with_what_leads_out_and_no_threshold(page):
    inside = Inside(page).open(
        "learning_rate=0.45&seed=3&ctg_out_1=0&ctg_out_2=0&bin_out=1&steps=200"
    )
    button(page, "Train").click()
    expect(inside.status).to_contain_text("Finished")
    seen = page.locator(".inside-of")
    expect(seen).to_contain_text("At step 200: All images get the same embedding.")
    expect(seen).to_contain_text("lower the learning rate (now 0.45)")
    expect(seen).to_contain_text("Weight for the class heads")
    expect(seen).to_have_class(re.compile("view-grave"))
    inside.filled("histogram")
    words = page.locator(".inside-box", has=inside.chart("histogram")).locator(".inside-words")
    expect(words).to_contain_text("no distance tells same pairs from different ones")
    expect(words).not_to_contain_text("Closer than")
    assert inside.chart("histogram").evaluate("chart => chart.layout.shapes.length") == 0
    assert violations(page) == []
