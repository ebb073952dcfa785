"""What the measurements share: a warm engine, the reference, a browser; each made at first use."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from core import Engine, Store
from core.places import KERAS_HOME, PROJECT
from tests.browser import chromium

POLL = 0.002


class Bench:
    """Opens what a measurement asks for, and closes all of it at the end."""

    def __enter__(self) -> "Bench":
        self._open = ExitStack()
        return self

    def __exit__(self, *exception) -> None:
        self._open.close()

    def folder(self) -> Path:
        """A new empty folder, gone at the end."""
        # A worker that is still ending may write into it.
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        return Path(self._open.enter_context(folder))

    @cached_property
    def engine(self) -> Engine:
        """A real engine, its worker warm."""
        engine = self._open.enter_context(Engine(self.folder() / "runs.sqlite"))
        engine.wait_until_ready()
        return engine

    @cached_property
    def reference(self) -> "Reference":
        """Plain Keras, in a process that is as warm."""
        return self._open.enter_context(Reference(self.folder() / "reference.log"))

    @cached_property
    def browser(self) -> Browser:
        """The Chromium of the machine."""
        path = chromium.find() or chromium.install()
        if path is None:
            raise RuntimeError("No Chromium was found, and none could be installed.")
        playwright = self._open.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=path, args=chromium.OPTIONS)
        self._open.callback(browser.close)
        return browser


class Reference:
    """The process of `tests.benchmarks.reference`, which trains with `keras.Model.fit`.

    It does nothing between two questions, so that it takes nothing from what is measured then.

    Args:
        log: Where its standard error goes.
    """

    def __init__(self, log: Path):
        self._log = log
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.reference"],
                cwd=PROJECT,
                # As the engine sets them for its worker.
                env={
                    "TF_CPP_MIN_LOG_LEVEL": "3",
                    **os.environ,
                    "KERAS_BACKEND": "tensorflow",
                    "KERAS_HOME": str(KERAS_HOME),
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=file,
                text=True,
            )

    def __enter__(self) -> "Reference":
        return self

    def __exit__(self, *exception) -> None:
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def ask(self, question: str, **arguments) -> float:
        """Call the function of that name there, and return its answer."""
        print(json.dumps([question, arguments]), file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The reference has ended:\n{self._log.read_text()}")
        return json.loads(answer)


class Records:
    """A run's records in one lane, seen in the store as they come, by a reader from outside.

    Args:
        store: The store, or another one on the same file.
        run: The run.
        lane: The lane.
    """

    def __init__(self, store: Store, run: str, lane: int = 0):
        self._store, self._run, self._lane = store, run, lane
        self._cursor = 0

    def read(self) -> list[dict]:
        """The records that are new, by column."""
        columns = self._store.columns(self._run, self._cursor, lane=self._lane)
        self._cursor = max([self._cursor, *columns.pop("seq")])
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def wait(self, seconds: float = 60) -> list[dict]:
        """The next records, as soon as there are any.

        Raises:
            TimeoutError: If there are none for so long.
        """
        deadline = time.monotonic() + seconds
        while not (rows := self.read()):
            if time.monotonic() > deadline:
                raise TimeoutError(f"Run {self._run} made no record within {seconds:g} s.")
            time.sleep(POLL)
        return rows


def interleaved(title: str, rounds, **measures) -> dict[str, float]:
    """Call each of the measures in turn, once a round, and return the median of each.

    In turn, so that what else the machine does hits all of them alike.

    Args:
        title: What to call them on standard error, where the figures are told as they come.
        rounds: What is given to the measures, one value a round.
        **measures: Functions of one argument that give a number.
    """
    figures = {name: [] for name in measures}
    for value in rounds:
        for name, function in measures.items():
            figures[name].append(function(value))
    for name, values in figures.items():
        tell(f"{title}, {name}: {' '.join(f'{value:.4g}' for value in values)}")
    return {name: statistics.median(values) for name, values in figures.items()}


def percentile_95(values: list[float]) -> float:
    """The value that 95 % of the values do not exceed, between neighbours interpolated."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def tell(line: str) -> None:
    """Say on standard error how it goes."""
    print(line, file=sys.stderr, flush=True)
