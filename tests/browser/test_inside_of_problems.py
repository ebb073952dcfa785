"""The page Inside of a model of one's own, of the detector, and of the autoencoder."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from core.places import PROJECT
from tests.browser.axe import violations_on_both_grounds
from tests.browser.insider import Inside
from tests.browser.server import OF_A_PAGE, Server
from tests.browser.widgets import WAIT, button, overflow
from tests.core.problems.names import KIND, SPOTS, TAME, WEIGHT

pytestmark = pytest.mark.browser

FILES = [
    PROJECT / "tests" / "core" / "problems" / f"{name}.py" for name in ("animals", "strangers")
]
CURVES = ("weighted", "norm", "cosine", "share", "layers", "prediction")


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """A page with models of one's own."""
    folder = tmp_path_factory.mktemp("inside")
    named = [option for file in FILES for option in ("--problem", str(file))]
    options = (*named, "--store", str(folder / "runs.sqlite"), "--open", "--no-browser", "--port")
    server = Server(folder, ("-m", "dashboard", *options))
    yield server
    server.close()


def looked_into(page, own_server, problem, steps=60):
    """A run of a problem, trained with the page open, and what is told of it once it is whole."""
    inside = Inside(page)
    page.goto(f"{own_server.url}/inside?problem={problem}&steps={steps}&steps_per_second=0")
    expect(inside.status).not_to_be_empty()
    button(page, "Train").click()
    expect(inside.status).to_contain_text("Finished", timeout=3 * WAIT)
    run = parse_qs(urlsplit(page.url).query)["run"][0]
    expect(page.locator(".inside-view section:visible")).not_to_have_count(1)
    return inside, run


def told(page, own_server, run):
    asked = page.request.get(f"{own_server.url}/api/runs/{run}/inside", headers=OF_A_PAGE)
    return asked.json()


def check_on_a_phone(new_tab, page):
    """Nothing is wider than a phone, and all is there."""
    phone = new_tab(400, 800)
    phone.goto(page.url)
    expect(phone.locator(".inside-status")).to_contain_text("Finished")
    expect(phone.locator(".inside-view section:visible")).not_to_have_count(1)
    assert overflow(phone) <= 0
    phone.close()


def test_a_model_of_ones_own_shows_who_pulls_and_its_heads_by_their_kind(page, own_server, new_tab):
    inside, run = looked_into(page, own_server, "animals")
    for name in CURVES:
        assert inside.filled(name) > 0, name
    answer = told(page, own_server, run)
    shared = [layer["name"] for layer in answer["layers"] if layer["trunk"]]
    assert shared == ["seen.from.afar", "a_layer_with_a_rather_long_name"]
    # With one head the others are compared: a row for each of them and each shared layer.
    assert len(inside.trace("layers", "layers", "trace.z")) == 3 * 2
    column = f"cosine.{KIND}.{WEIGHT}"
    assert inside.chart("cosine").evaluate(
        "(c, column) => c.data.filter(({meta}) => meta.column === column).length", column
    )
    page.get_by_label("Cosines with").select_option(SPOTS)
    page.wait_for_function(
        """column => !document.querySelector('[data-quantity=cosine]').data
            .some(({meta}) => meta.column === column)""",
        arg=column,
    )
    assert inside.filled(f"classes.{KIND}") > 0
    assert inside.filled(f"classes.{TAME}") > 0
    counts = [
        n
        for role in ("right", "wrong")
        for row in inside.trace(f"classes.{KIND}", role, "trace.text")
        for n in row
        if n
    ]
    n_validation = 135  # 15 % of 900
    assert sum(counts) == n_validation
    numbers = answer["snapshot"]["answers"][WEIGHT]
    assert inside.filled(f"numbers.{WEIGHT}") == n_validation + 2  # and the ends of the line
    assert inside.trace(f"numbers.{WEIGHT}", "points", "trace.y") == numbers["given"]
    line = [inside.trace(f"numbers.{WEIGHT}", "equal", f"trace.{axis}") for axis in "xy"]
    assert line[0] == line[1]
    # What is no class and no number has nothing, and a problem of one's own no other view.
    expect(page.locator(".inside-answers .inside-chart")).to_have_count(3)
    expect(page.locator(".inside-own, .inside-seen")).to_have_count(0)
    assert violations_on_both_grounds(page) == []
    check_on_a_phone(new_tab, page)


def test_where_nothing_is_shared_it_is_said(page, own_server):
    page.goto(f"{own_server.url}/inside?problem=strangers&steps=30")
    expect(page.locator(".inside-notice")).to_contain_text("share nothing", timeout=2 * WAIT)
    looked_into(page, own_server, "strangers", 30)
    expect(page.locator(".inside-unshared")).to_contain_text("The heads share nothing that is")
    for name in ("weighted", "cosine", "prediction"):
        expect(page.locator(f'[data-quantity="{name}"]')).to_be_hidden()
    expect(page.locator(".inside-answers .inside-chart")).to_have_count(2)
    assert violations_on_both_grounds(page) == []


def test_the_detector_shows_scenes(page, own_server, new_tab):
    inside, run = looked_into(page, own_server, "detector", 40)
    for name in CURVES:
        assert inside.filled(name) > 0, name
    scenes = told(page, own_server, run)["snapshot"]["scenes"]
    cards = page.locator(".inside-scene")
    expect(cards).to_have_count(len(scenes))
    for k in (0, len(scenes) - 1):
        there = ", ".join(str(one["digit"]) for one in scenes[k]["there"])
        expect(cards.nth(k)).to_contain_text(f"There: {there}. Found: ")
        lit = (
            cards.nth(k)
            .locator("canvas")
            .first.evaluate(
                """canvas => {
                const {width, height} = canvas
                const {data} = canvas.getContext("2d").getImageData(0, 0, width, height)
                return data.filter((value, at) => at % 4 < 3 && value > 250).length
            }"""
            )
        )
        assert lit > 0
    expect(page.locator(".inside-answers")).to_be_hidden()
    expect(button(page, "Answers of the heads")).to_be_hidden()
    assert violations_on_both_grounds(page) == []
    check_on_a_phone(new_tab, page)


def test_the_autoencoder_shows_digits_rebuilt_and_drawn(page, own_server, new_tab):
    inside, run = looked_into(page, own_server, "autoencoder", 80)
    for name in (*CURVES, "classes.class"):
        assert inside.filled(name) > 0, name
    snapshot = told(page, own_server, run)["snapshot"]
    shown = page.locator(".inside-digit canvas")
    expect(shown).to_have_count(len(snapshot["images"]) * 2 + len(snapshot["drawn"]))
    greys = shown.evaluate_all(
        """all => all.map((canvas) => {
            const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
            return btoa(String.fromCharCode(...data.filter((_, at) => at % 4 === 0)))
        })"""
    )
    n = len(snapshot["images"])
    assert greys[: 2 * n : 2] == snapshot["images"]
    assert greys[1 : 2 * n : 2] == snapshot["rebuilt"]
    assert greys[2 * n :] == snapshot["drawn"]
    expect(page.locator(".inside-own .inside-note")).to_contain_text(re.compile("step 80.*error"))
    assert violations_on_both_grounds(page) == []
    check_on_a_phone(new_tab, page)
