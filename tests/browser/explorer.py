"""The Explore page as a person has it: what is read off it, and what is done to it."""

import re
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

# At the page's own limit of 300 steps/s: a worker at full speed would take a core from the browser
# that these tests are about.
LONG = "steps=100000"


class Explorer:
    """The Explore page in a tab.

    Args:
        page: The tab.
    """

    def __init__(self, page: Page):
        self.page = page

    def open(self, query: str = "") -> "Explorer":
        """Open the page and wait until it can be used."""
        self.page.goto(f"./?{query}")
        begun = self.page.locator(".live-chart .main-svg, .task svg").filter(visible=True)
        expect(begun.first).to_be_visible()
        expect(self.page.locator(".live-status")).not_to_be_empty()
        expect(self.page.locator(".desk-said")).not_to_be_empty()
        return self

    def button(self, name: str):
        """The button of exactly that name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def press(self, name: str) -> None:
        """Press a button once it can be."""
        expect(self.button(name)).to_be_enabled()
        self.button(name).click()

    def train(self) -> str:
        """Press Train and give back the id of the run."""
        self.press("Train")
        self.page.wait_for_url(re.compile(r"[?&]run=\w+"))
        return self.run

    @property
    def run(self) -> str | None:
        """The run in the URL."""
        return parse_qs(urlsplit(self.page.url).query).get("run", [None])[0]

    @property
    def status(self):
        """The status line."""
        return self.page.locator(".live-status")

    def traces(self, quantity: str) -> dict[str, dict]:
        """x and y of each trace in the legend of a chart, by name."""
        return self.page.evaluate(
            """quantity => Object.fromEntries(
                document.querySelector(`.live-chart[data-quantity=${quantity}]`).data
                    .filter(trace => trace.showlegend !== false)
                    .map(trace => [trace.name, {x: trace.x, y: trace.y}]))""",
            quantity,
        )

    def n_points(self, quantity: str = "loss", name: str = "ctg_out_1") -> int:
        """Number of points of a trace."""
        return len(self.traces(quantity)[name]["x"])

    def last_x(self, quantity: str = "loss", name: str = "ctg_out_1") -> float:
        """Where a trace ends."""
        return (self.traces(quantity)[name]["x"] or [0])[-1]

    def wait_for_parameters(self, **parameters: str) -> None:
        """Return once the URL says so."""
        wanted = {name: [value] for name, value in parameters.items()}
        self.page.wait_for_url(lambda url: wanted.items() <= parse_qs(urlsplit(url).query).items())

    def wait_for_x(self, at_least: float, timeout: float = 30_000) -> None:
        """Return once the curves of all charts have come so far: each is drawn on its own."""
        self.page.wait_for_function(
            """least => {
                const curves = ({data}) => data?.filter(({meta}) => meta.role === "smooth") ?? []
                const charts = [...document.querySelectorAll(".live-chart")].map(curves)
                return charts.length > 0 &&
                    charts.every(all => all.some(({x}) => x.at(-1) >= least))
            }""",
            arg=at_least,
            timeout=timeout,
        )

    def layout(self, quantity: str, expression: str):
        """Something of a chart's layout, as a JavaScript expression of `layout`."""
        return self.page.evaluate(
            f"""quantity => {{
                const chart = document.querySelector(`.live-chart[data-quantity=${{quantity}}]`)
                const layout = chart._fullLayout
                return {expression}
            }}""",
            quantity,
        )

    def curves(self, quantity: str, head: str = "", role: str = "smooth") -> dict[int, dict]:
        """x and y of the curves of a role in a chart that are not empty, by lane.

        Args:
            quantity: "loss" or "accuracy".
            head: The head of a small chart of a race; of the large chart, which curve.
            role: As in `dashboard.charts.live_figures`; "abandoned" gives those of training.
        """
        found = self.page.evaluate(
            """([quantity, head, role]) => {
                const all = `.live-chart[data-quantity=${quantity}]`
                const chart = document.querySelector(`${all}[data-head=${head}]`) ??
                    document.querySelector(all)
                const column = (role === "validation" ? "val_" : "") + `${quantity}.${head}`
                return chart.data
                    .filter(({meta, x}) => meta.role === role && meta.column === column && x.length)
                    .map(({meta, x, y}) => [meta.lane, {x, y}])
            }""",
            [quantity, head, role],
        )
        return dict(found)

    @property
    def step(self) -> int:
        """The step that the status line says."""
        return int(re.search(r"step ([\d,]+)", self.status.inner_text())[1].replace(",", ""))

    def wait_for_step(self, at_least: int) -> None:
        """Return once the status line says so."""
        self.page.wait_for_function(
            """least => {
                const [, step] = document.querySelector(".live-status")?.textContent
                    .match(/step ([\\d,]+)/) ?? []
                return Number(step?.replaceAll(",", "")) >= least
            }""",
            arg=at_least,
        )

    def rewind(self, step: int) -> None:
        """Press the button of a checkpoint, and wait until the run is there."""
        self.press(f"Rewind to step {step:,}")
        expect(self.status).to_contain_text(f"Paused · step {step:,} of")

    def marks(self, quantity: str):
        """The marks above the large chart of one lane."""
        return self.page.locator(f".live-chart[data-quantity={quantity}] .mark")

    def slider(self, head: str):
        """The loss-weight slider of a head."""
        return self.page.get_by_role("group", name=head, exact=True).get_by_role("slider")

    def slide(self, head: str, presses: int) -> None:
        """Move a loss-weight slider by the keyboard, to the right or, if negative, to the left."""
        self.slider(head).focus()
        for _ in range(abs(presses)):
            self.page.keyboard.press("ArrowRight" if presses > 0 else "ArrowLeft")
