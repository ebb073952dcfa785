"""The rows of the table: what is measured, and what it has to reach. Standard library only."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Measurement:
    """What came out, in the unit of its goal: ours, and the reference's where there is one.

    Attributes:
        ours: What counts.
        reference: The same of what it is compared with.
        curve: What it is the summary of, in words.
    """

    ours: float
    reference: float | None = None
    curve: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours in multiples of the reference's."""
        return None if self.reference is None else self.ours / self.reference


def growth(costs: list[float]) -> float:
    """By how much the cost of one grows at most, from each number of them to the next."""
    return max(after / before for before, after in pairwise(costs))


def curve(numbers: Sequence[int], costs: list[float]) -> str:
    """What one costs, by how many there are, such as "10: 2.5 ms, 100: 0.4 ms"."""
    return ", ".join(f"{n:,}: {1000 * cost:.2g} ms" for n, cost in zip(numbers, costs, strict=True))


@dataclass(frozen=True)
class Goal:
    """One row of the table.

    Attributes:
        name: What the command line calls it.
        what: What is measured, in words.
        unit: Unit of ours and of the reference's.
        ratio_at_least: Least ours / reference.
        ratio_at_most: Greatest ours / reference.
        at_most: Greatest value of ours, in the unit.
        at_least: Least value of ours, in the unit.
    """

    name: str
    what: str
    unit: str
    ratio_at_least: float | None = None
    ratio_at_most: float | None = None
    at_most: float | None = None
    at_least: float | None = None

    def is_met(self, measured: Measurement) -> bool:
        """Whether every bound is kept."""
        return (
            (self.ratio_at_least is None or measured.ratio >= self.ratio_at_least)
            and (self.ratio_at_most is None or measured.ratio <= self.ratio_at_most)
            and (self.at_most is None or measured.ours <= self.at_most)
            and (self.at_least is None or measured.ours >= self.at_least)
        )

    def in_words(self) -> str:
        """The bounds as one writes them, such as "at most 1/3, at most 4 s"."""
        bounds = []
        if self.ratio_at_least is not None:
            bounds.append(f"at least {self.ratio_at_least:g}x")
        if self.ratio_at_most is not None:
            share = self.ratio_at_most
            bounds.append(f"at most {f'1/{1 / share:g}' if share < 1 else f'{share:g}x'}")
        if self.at_most is not None:
            bounds.append(f"at most {self.at_most:g} {self.unit}" if self.at_most else "none")
        if self.at_least is not None:
            bounds.append(f"at least {self.at_least:,g} {self.unit}")
        return ", ".join(bounds)


GOALS = (
    Goal("dense", "training, dense trunk, records on, against fit", "steps/s", ratio_at_least=6),
    Goal("dense-32", "the same against steps_per_execution=32", "steps/s", ratio_at_least=2),
    Goal(
        "accuracy",
        "Train pressed to 0.95 validation accuracy of both 100-way heads, against fit from build",
        "s",
        ratio_at_most=1 / 3,
        at_most=0.5,
    ),
    Goal("conv", "training, conv trunk, records on, against fit", "steps/s", ratio_at_least=2.5),
    Goal("detector", "training, detector, records on, against fit", "steps/s", ratio_at_least=2),
    Goal("autoencoder", "training, autoencoder, the same", "steps/s", ratio_at_least=2),
    Goal("tickets", "training, a model of one's own, the same", "steps/s", ratio_at_least=2),
    Goal(
        "watched",
        "training, dense trunk, while page Inside watches, against nobody watching",
        "steps/s",
        ratio_at_least=0.95,
    ),
    Goal(
        "looks",
        "training, dense trunk, looks at the validation pairs included, against none",
        "steps/s",
        ratio_at_least=0.91,
    ),
    Goal(
        "probe",
        "what a probe says that a run will do, against what it does",
        "steps/s",
        ratio_at_least=0.6,
        ratio_at_most=1.7,
    ),
    Goal("lanes", "66 lanes, dense, against 1 lane", "model-steps/s", ratio_at_least=1.2),
    Goal(
        "first-record",
        "Train pressed to first record, against build, compile and first 50 steps of fit",
        "s",
        ratio_at_most=1 / 5,
        at_most=0.4,
    ),
    Goal("never-compiled", "the same with settings never compiled", "s", at_most=1),
    Goal("weights", "set_loss_weights to first record that carries it, p95", "s", at_most=0.15),
    Goal(
        "map",
        "map of 66 settings x 600 steps, against 66 x (build, compile, fit)",
        "s",
        ratio_at_most=1 / 15,
    ),
    Goal(
        "lane-curve",
        "a map, 200 steps: what it costs a lane, by the number of lanes: growth to the next",
        "x",
        at_most=1.1,
    ),
    Goal(
        "flops",
        "its matrix products, against the peak of NumPy's float32 product",
        "GFLOP/s",
        ratio_at_least=0.5,
    ),
    Goal(
        "race", "race of 4, against 4 runs one after another", "model-steps/s", ratio_at_least=1.4
    ),
    Goal("fork", "fork to first record of the new lane, p95", "s", at_most=0.3),
    Goal("replaced", "worker killed to the next one started", "s", at_most=1),
    Goal(
        "start",
        "server start to a page to train on, against a bare Streamlit page with button and chart",
        "s",
        ratio_at_most=1.1,
    ),
    Goal("help", "python3 -m dashboard --help", "s", at_most=2),
    Goal("run-list", "list of 1,000 runs with 2,000 records each, over HTTP", "s", at_most=1),
    Goal(
        "run-curve",
        "what that costs a run, by the number of runs: its growth from one to the next",
        "x",
        at_most=1.1,
    ),
    Goal("curves", "Train pressed on the page to six curves drawn, worker warm", "s", at_most=0.5),
    Goal("tensorflow", "TensorFlow libraries in the server while a run trains", "files", at_most=0),
    Goal("seen", "record made to point drawn in Chromium, p95", "s", at_most=0.4),
    Goal("cpu", "server CPU while one page watches a run", "% of a core", at_most=5),
    Goal("drag-record", "slider dragged to record that carries it, p95", "s", at_most=0.3),
    Goal("drag-curve", "the same to the curve drawn in Chromium, p95", "s", at_most=0.6),
    Goal("drag-cpu", "server CPU while one drags", "% of a core", at_most=10),
    Goal("server-rss", "server RSS while one page watches a run", "MB", at_most=200),
    Goal("class", "a class of 30 at 300 steps/s, all together", "steps/s", at_least=2200),
    Goal("class-free", "the same without speed limit", "steps/s", at_least=2200),
    Goal("class-five", "the same with five architectures", "steps/s", at_least=2200),
    Goal("class-fair", "a class: most steps of a run over least", "x", at_most=1.2),
    Goal("class-five-fair", "the same with five architectures", "x", at_most=1.2),
    Goal("class-weight", "a class: weight moved to first record, p95", "s", at_most=0.5),
    Goal("class-five-weight", "the same with five architectures", "s", at_most=1),
    Goal(
        "class-records", "a class: answers to `/records`, p95, worst of the three", "ms", at_most=50
    ),
    Goal("class-still", "a class: longest stillness of a run, worst of three", "s", at_most=1),
    Goal("class-server", "a class: server RSS, worst of three", "MB", at_most=300),
    Goal("class-worker", "a class: worker RSS, worst of three", "MB", at_most=1500),
    Goal(
        "map-update",
        "browser main thread, an update of the live map, less the same time without updates",
        "ms",
        at_most=50,
    ),
    Goal(
        "long-task",
        "browser main thread, longest task while Explore, Inside or Map show a training",
        "ms",
        at_most=100,
    ),
    Goal("rest", "the same while they show what rests", "ms", at_most=16),
    Goal("worker-rss", "worker RSS with one dense run", "MB", at_most=900),
    Goal("growth", "worker RSS after 100 runs, against after 10", "MB", ratio_at_most=1.05),
)
