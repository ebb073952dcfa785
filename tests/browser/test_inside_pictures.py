"""Beside each pair's labels are its own two images, however they were scaled down to be kept."""

import base64
import io
import re
import sqlite3
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from core import RunConfig
from core.data.datasets import folder_of
from core.data.own_data import add
from core.problems.siamese.pairs import dataset_of
from tests.browser.widgets import WAIT, button
from tests.waiting import until

pytestmark = pytest.mark.browser

# Noise does not compress, so that all images of each of these take more than may be kept.
COLOUR, ODD = (64, 64, 3), (47, 45, 1)
N = 1500  # images: were they few, they would lie next to each other often, and compress
FAR = 300  # a pair that is on none of the first cards
PER_ROW = 32
# What canvases show, and how much wider than high they are on the page.
DRAWN = """all => all.map((canvas) => {
    const {width, height} = canvas.getBoundingClientRect()
    return [canvas.toDataURL(), width / height]
})"""


@pytest.fixture(scope="module", params=[COLOUR, ODD], ids=str)
def looked_into(request, new_tab, server):
    """A run on noise images that was trained with the page open, and its validation images."""
    rng = np.random.default_rng(5)
    file = io.BytesIO()
    x = rng.integers(256, size=(N, *request.param), dtype=np.uint8)
    np.savez(file, x=x, y=np.arange(N) % 3)
    file.seek(0)
    name = add(file, folder_of(server.store), "noise").name
    settings = {"dataset": name, "training_pairs": 20, "batch_size": 8, "steps": 20}
    page = new_tab()
    page.goto("/inside?" + "&".join(f"{name}={value}" for name, value in settings.items()))
    button(page, "Train").click()
    page.wait_for_url(re.compile(r"[?&]run=\w+"))
    run = parse_qs(urlsplit(page.url).query)["run"][0]
    expect(page.locator(".inside-status")).to_contain_text("Finished", timeout=2 * WAIT)
    expect(page.locator(".inside-seen")).to_be_visible()
    page.close()
    pairs = dataset_of(RunConfig(**settings), folder_of(server.store)).validation
    return run, np.stack([pairs.img_1, pairs.img_2], axis=1)


def of_pair(images):
    """A function that gives what is to be seen of an image: each second, fourth ... pixel."""

    def scaled(pair, side, height):
        by = round(images.shape[2] / height)
        assert by in (2, 4)
        return images[pair, side, ::by, ::by]

    return scaled


def check(canvases, pairs, images, scaled):
    """Canvases show both images of each of the pairs, pixel for pixel and of the right shape."""
    whole = images.shape[3] / images.shape[2]
    for at, (url, wide) in enumerate(canvases.evaluate_all(DRAWN)):
        shown = np.array(Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))).convert("RGB"))
        pair = pairs[at // 2]
        expected = scaled(pair, at % 2, len(shown))
        assert np.array_equal(shown, np.broadcast_to(expected, (*expected.shape[:2], 3))), pair
        assert wide == pytest.approx(whole, rel=0.03)
    assert at + 1 == 2 * len(pairs)


def check_inside(page, run, images, scaled):
    """So it is on page Inside: with the cards of the first two pages, and the pair looked into."""
    page.goto(f"/inside?run={run}&pair={FAR}")
    page.locator(".inside-pairs").scroll_into_view_if_needed()
    for first in (0, 12):
        expect(page.locator(".inside-card").first).to_have_attribute("data-pair", str(first))
        wait_for_drawing(page.locator(".inside-card canvas").last)
        check(page.locator(".inside-card canvas"), range(first, first + 12), images, scaled)
        page.get_by_role("button", name="Next pairs").click()
    page.locator(".inside-maps").scroll_into_view_if_needed()
    expect(page.locator(".inside-maps h3")).to_contain_text(f"Pair {FAR},")
    wait_for_drawing(page.locator(".inside-large").last)
    check(page.locator(".inside-large"), [FAR], images, scaled)


def wait_for_drawing(canvas):
    """Return once something is drawn on a canvas, which has a size of its own before."""
    until(lambda: canvas.evaluate("canvas => canvas.width !== 300"))


def test_cards_and_the_picked_pair_show_their_own_images(page, looked_into):
    run, images = looked_into
    check_inside(page, run, images, of_pair(images))


@pytest.mark.parametrize("looked_into", [COLOUR], ids=str, indirect=True)
def test_page_learn_shows_the_pair_that_is_asked_for(page, looked_into):
    run, images = looked_into
    page.goto(f"/learn?run={run}")
    figure = page.locator(".learn-view[data-figure=terms]")
    figure.scroll_into_view_if_needed()
    number = figure.get_by_role("spinbutton")
    for pair in (1, FAR):
        expect(number).to_be_enabled()
        number.fill(str(pair))
        number.press("Enter")
        canvases = figure.locator("canvas")
        expect(canvases.last).to_have_attribute("aria-label", re.compile(f"of pair {pair}:"))
        check(canvases, [pair], images, of_pair(images))


@pytest.mark.parametrize("looked_into", [ODD], ids=str, indirect=True)
def test_pictures_that_an_older_version_has_kept_are_cut_where_they_were_joined(
    page, server, looked_into
):
    """They were halved as one picture: there, the cells of odd sizes differ by a pixel."""
    run, images = looked_into
    n, _, height, width, channels = images.shape
    cells = images.reshape(-1, PER_ROW, height, width, channels)
    whole = np.vstack([np.hstack(list(row)) for row in cells])[::2, ::2]
    numbers = np.arange(2 * n).reshape(-1, PER_ROW)
    cell_of_pixel = numbers.repeat(height, axis=0).repeat(width, axis=1)[::2, ::2]
    file = io.BytesIO()
    Image.fromarray(whole.squeeze()).save(file, "png")
    with sqlite3.connect(server.store) as db:
        db.execute("UPDATE pictures SET png = ? WHERE run = ?", (file.getvalue(), run))
    db.close()
    # The browser keeps for ever what it has seen of these pictures, but under another address.
    page.route("**/pictures", lambda route: route.continue_(url=f"{route.request.url}?old"))

    def scaled(pair, side, _):
        rows, columns = np.nonzero(cell_of_pixel == 2 * pair + side)
        return whole[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]

    check_inside(page, run, images, scaled)
