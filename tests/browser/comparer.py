"""The page Compare as a person has it, and runs with known curves to be compared there."""

import os
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

from core import LossWeights, RunConfig, Store
from core.problems.siamese.heads import HEAD_NAMES
from core.run.states import RunState
from tests.browser.widgets import all_of, texts_of
from tests.siamese import COLUMNS, record_of
from tests.waiting import until

RECORDED, LOOKED = 10, 100  # steps


def seeded(store: Store, config: RunConfig, lanes: list[LossWeights], strength: float) -> str:
    """A run in training, with curves up to step 200; `strength` sets them apart from others'."""
    run = store.add_run(config, lanes, f"{os.getpid()}-tests")
    store.set_state(run, RunState.RUNNING)
    grow(store, run, strength, 0, 200)
    return run


def grow(store: Store, run: str, strength: float, after: int, to: int) -> None:
    """Record further steps of a seeded run."""
    records = []
    for step in range(after + RECORDED, to + 1, RECORDED):
        for lane, weights in enumerate(store.run(run).lanes):
            values = value_at(step, strength + lane)
            row = {"step": step, "lane": lane, "branch": 0, "time": step / 100}
            row |= {"total_loss": 1.0, "learning_rate": 0.05}
            for head in HEAD_NAMES:
                row |= {f"loss.{head}": values["loss"], f"accuracy.{head}": values["accuracy"]}
                row[f"loss_weights.{head}"] = getattr(weights, head)
                if step % LOOKED == 0:
                    row[f"val_loss.{head}"] = values["loss"] / 2
                    row[f"val_accuracy.{head}"] = values["accuracy"]
            records.append(record_of((0, *(row.get(column) for column in COLUMNS))))
    store.append(run, records)


def value_at(step: int, strength: float) -> dict[str, float]:
    """What a seeded run of a strength recorded at a step, the same for each head."""
    return {
        "loss": (4 + strength) / (1 + step / 50),
        "accuracy": step / (step + 100 + 10 * strength),
    }


class Comparer:
    """The page Compare in a tab.

    Args:
        page: The tab.
    """

    def __init__(self, page: Page):
        self.page = page

    def open(self, query: str = "") -> "Comparer":
        """Open the page and wait until it can be used."""
        self.page.goto(f"/compare?{query}")
        expect(self.status).not_to_be_empty()
        return self

    @property
    def status(self):
        """The line above the curves."""
        return self.page.locator(".compare-status")

    @property
    def parameters(self) -> dict[str, str]:
        """What the URL says."""
        return {name: one for name, (one,) in parse_qs(urlsplit(self.page.url).query).items()}

    def wait_for_parameters(self, **parameters: str) -> None:
        """Return once the URL says so."""
        until(
            lambda: parameters.items() <= self.parameters.items() or self.page.wait_for_timeout(50)
        )

    def wait_for_curves(self, n: int) -> None:
        """Return once so many curves are drawn."""
        expect(self.page.locator(".compare-view")).to_have_attribute("data-drawn", str(n))

    def chart(self, quantity: str = "loss", head: str = "bin_out"):
        """One of the charts."""
        return self.page.locator(f".compare-chart[data-quantity={quantity}][data-head={head}]")

    def curves(self, role: str, quantity: str = "loss", head: str = "bin_out") -> dict[str, dict]:
        """x and y of the curves of a role, by key."""
        return self.chart(quantity, head).evaluate(
            """(chart, role) => Object.fromEntries(chart.data
                .filter(({meta}) => meta.role === role)
                .map(({meta, x, y}) => [meta.key, {x, y}]))""",
            role,
        )

    def wait_for_chart(self, condition: str, value=None) -> None:
        """Return once an expression of `chart`, the loss of bin_out, and of `value` holds."""
        self.page.wait_for_function(
            f"""value => {{
                const all = ".compare-chart[data-quantity=loss][data-head=bin_out]"
                const chart = document.querySelector(all)
                return chart?.data && ({condition})
            }}""",
            arg=value,
        )

    def turn_on(self, *names: str) -> None:
        """Turn toggles on."""
        for name in names:
            toggle = self.page.get_by_test_id("stCheckbox").filter(has_text=name)
            expect(toggle.locator("input")).to_be_enabled()
            toggle.click()
            expect(toggle.locator("input")).to_be_checked()

    def rows(self, section: str, table: int = 0) -> list[list[str]]:
        """The texts of a table's body, row by row."""
        body = self.page.locator(f".compare-{section} tbody").nth(table)
        return [texts_of(row.locator("th, td")) for row in all_of(body.locator("tr"))]
