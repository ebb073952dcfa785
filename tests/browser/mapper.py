"""The page Map as a person has it: what is read off it, and what is done to it."""

import re
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, expect

SMALL = "resolution=4&map_steps=100&embedding_size=16"
LONG = "resolution=4&map_steps=100000"

# Where the middle of a point's hexagon is in the window, by its index.
PLACE = """point => {
    const triangle = document.querySelector(".map-triangle")
    const {margin, ternary: {_subplot: {w, h}}} = triangle._fullLayout
    const box = triangle.getBoundingClientRect()
    const all = triangle.data.filter(({meta}) => ["grid", "values"].includes(meta.role))
    const {a, c} = all.map(({a, c, customdata}) => {
        const k = customdata.indexOf(point)
        return {a: a[k], c: c[k]}
    }).find(({a}) => a !== undefined)
    return [box.left + margin.l + w * (c + a / 2), box.top + margin.t + h * (1 - a)]
}"""


# Whether all that is above the picture and the picture itself have stood still for so many frames.
STILL = """frames => {
    const found = [".desk", ".map-triangle"].map((name) => document.querySelector(name))
    const boxes = found.map((node) => node && JSON.stringify(node.getBoundingClientRect()))
    const now = found[0] && found[1].querySelector(".main-svg") ? boxes.join() : null
    const {was, count} = window.stood ?? {}
    window.stood = {was: now, count: now !== null && now === was ? count + 1 : 0}
    return window.stood.count >= frames
}"""


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
        expect(self.page.locator(".map-triangle .main-svg").first).to_be_visible()
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

    def trace(self, role: str, picture: str = "triangle") -> dict:
        """A trace of a picture, by its role."""
        return self.page.evaluate(
            """([picture, role]) => {
                const {data} = document.querySelector(`.map-${picture}`)
                const {meta, ...trace} = data.find(({meta}) => meta.role === role)
                return JSON.parse(JSON.stringify(trace))
            }""",
            [picture, role],
        )

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
        titles = self.page.locator(".map-table thead th").all_inner_texts()
        k = [title.removesuffix(" ▲").removesuffix(" ▼") for title in titles].index(name)
        cells = self.page.locator(f".map-table tbody tr td:nth-child({k + 1})")
        return cells.all_inner_texts()
