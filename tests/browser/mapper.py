"""The page Map as a person has it: what is read off it, and what is done to it."""

import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from plotly.colors import sample_colorscale

from dashboard.theme import MAP_COLOURS
from tests.browser.widgets import all_of, texts_of

SMALL = "resolution=4&map_steps=100&embedding_size=16"
LONG = "resolution=4&map_steps=100000"

# Where the middle of a point's hexagon is in the window, by its index.
PLACE = """point => {
    const cell = document.querySelector(`.map-cells [data-point="${point}"]`)
    const {left, right, top, bottom} = cell.getBoundingClientRect()
    return [(left + right) / 2, (top + bottom) / 2]
}"""

# The points of the triangle that are measured, and the colours that they have.
COLOURS = """() => Object.fromEntries(
    [...document.querySelectorAll(".map-cells [data-point]")]
        .filter((cell) => cell.getAttribute("fill") !== "none")
        .map((cell) => [cell.dataset.point, cell.getAttribute("fill")]))"""

# Shares of the three corners at which the marks of a role stand.
MARKED = """role => {
    const middle = (node) => {
        const {left, right, top, bottom} = node.getBoundingClientRect()
        return [(left + right) / 2, (top + bottom) / 2]
    }
    const cells = [...document.querySelectorAll(".map-cells [data-point]")].map(middle)
    const [, y0] = cells[0]
    const last = cells.at(-1)
    const left = cells.reduce((least, cell) => (cell[0] < least[0] ? cell : least))
    return [...document.querySelectorAll(`.map-drawing [data-role="${role}"]`)].map((mark) => {
        const [x, y] = middle(mark)
        const up = (last[1] - y) / (last[1] - y0)
        const right = (x - left[0]) / (last[0] - left[0]) - up / 2
        return [up, 1 - up - right, right]
    })
}"""

# Whether all that is above the picture and the picture itself have stood still for so many frames.
STILL = """frames => {
    const found = [".desk", ".map-triangle"].map((name) => document.querySelector(name))
    const boxes = found.map((node) => node && JSON.stringify(node.getBoundingClientRect()))
    const now = found[0] && found[1].querySelector(".map-drawing") ? boxes.join() : null
    const {was, count} = window.stood ?? {}
    window.stood = {was: now, count: now !== null && now === was ? count + 1 : 0}
    return window.stood.count >= frames
}"""


def channels(colours) -> list[list[int]]:
    """Red, green and blue of colours such as "rgb(68, 1, 84)"."""
    return [[int(part) for part in re.findall(r"\d+", colour)] for colour in colours]


class Mapper:
    """The page Map in a tab.

    Args:
        page: The tab.
    """

    def __init__(self, page: Page):
        self.page = page

    def open(self, query: str = "") -> "Mapper":
        """Open the page and wait until it can be used."""
        self.page.goto(f"/map?{query}")
        expect(self.page.locator(".map-drawing")).to_be_visible()
        expect(self.status).not_to_be_empty()
        return self

    def button(self, name: str):
        """The button of exactly that name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def train(self) -> str:
        """Press "Train map" and give back the id of the map."""
        expect(self.button("Train map")).to_be_enabled()
        self.button("Train map").click()
        self.page.wait_for_url(re.compile(r"[?&]map=\w+"))
        return self.parameter("map")

    def finish(self) -> str:
        """Train a map to its end."""
        run = self.train()
        expect(self.status).to_contain_text("Finished", timeout=90_000)
        expect(self.button("Train map")).to_be_enabled()
        return run

    def cancel(self) -> None:
        """End the map that the page trains, if it does."""
        # Not as a person clicks: one that has just ended by itself would be waited for.
        self.button("Cancel").evaluate_all("all => all.forEach((button) => button.click())")
        for cancel in self.button("Cancel").all():
            expect(cancel).to_be_disabled()

    def parameter(self, name: str) -> str | None:
        """What the URL says under a name."""
        return parse_qs(urlsplit(self.page.url).query).get(name, [None])[0]

    def wait_for_parameters(self, **parameters: str) -> None:
        """Return once the URL says so."""
        wanted = {name: [value] for name, value in parameters.items()}
        self.page.wait_for_url(lambda url: wanted.items() <= parse_qs(urlsplit(url).query).items())

    @property
    def status(self):
        """The status line."""
        return self.page.locator(".map-status")

    def answer(self, run: str) -> dict:
        """What the server tells of a map."""
        return self.page.request.get(f"/api/runs/{run}/map").json()

    def trace(self, role: str, picture: str = "front") -> dict:
        """A trace of a picture that Plotly draws, by its role."""
        return self.page.evaluate(
            """([picture, role]) => {
                const {data} = document.querySelector(`.map-${picture}`)
                const {meta, ...trace} = data.find(({meta}) => meta.role === role)
                return JSON.parse(JSON.stringify(trace))
            }""",
            [picture, role],
        )

    def colours(self) -> dict[int, str]:
        """Of the points of the triangle that are measured, the colours."""
        found = self.page.evaluate(COLOURS)
        return {int(point): colour for point, colour in found.items()}

    def check_colours(self, values, low: float, high: float) -> None:
        """Whether each point has the colour that Plotly gives its value between these ends."""
        shares = [min(1, max(0, (value - low) / (high - low))) for value in values]
        wanted = dict(enumerate(channels(sample_colorscale(MAP_COLOURS, shares))))
        shown = self.colours()
        found = dict(zip(shown, channels(shown.values()), strict=True))
        assert found.keys() == wanted.keys()
        for point, colour in wanted.items():
            assert found[point] == pytest.approx(colour, abs=1), point

    def marked(self, role: str) -> list[list[float]]:
        """Where the marks of a role stand in the triangle: shares of the three corners."""
        return self.page.evaluate(MARKED, role)

    def ticks(self) -> list[str]:
        """What stands below the colours of the triangle."""
        return [text.text_content() for text in all_of(self.page.locator(".map-bar text"))][1:]

    def place(self, point: int) -> list[float]:
        """Where a point is in the window, once it is in view and the page stands still."""
        self.page.locator(".map-triangle").scroll_into_view_if_needed()
        self.page.wait_for_function(STILL, arg=10)
        return self.page.evaluate(PLACE, point)

    def hover(self, point: int) -> Locator:
        """Point at a point of the triangle, however late it gets there; what is said of it."""
        said = self.page.locator(f".map-overlay[data-point='{point}'] .map-readout")
        for _ in range(10):
            self.page.mouse.move(*self.place(point))
            with suppress(AssertionError):
                expect(said).to_be_visible(timeout=3000)
                return said
        raise AssertionError(f"The pointer does not get to point {point}.")

    def click(self, point: int) -> None:
        """Click a point of the triangle."""
        self.hover(point)
        self.page.mouse.down()
        self.page.mouse.up()

    def column(self, name: str) -> list[str]:
        """The texts of a column of the table."""
        titles = texts_of(self.page.locator(".map-table thead th"))
        k = [title.removesuffix(" ▲").removesuffix(" ▼") for title in titles].index(name)
        cells = self.page.locator(f".map-table tbody tr td:nth-child({k + 1})")
        return texts_of(cells)
