"""A class at work: 30 visitors, each with a run of their own, on one server."""

import asyncio
import sqlite3
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

import psutil

from core.problems.siamese.heads import HEAD_NAMES
from tests.benchmarks.bench import Bench, percentile_95, tell
from tests.benchmarks.goals import Measurement
from tests.benchmarks.page import MB
from tests.benchmarks.visitor import Visitor
from tests.browser.server import Server

VISITORS = 30
SETTLE = 8.0  # s, after which all train
MEASURED = 20.0  # s
LOOK_EVERY = 0.02  # s
LONG = {"steps": 100_000}  # more would make records rarer
ARCHITECTURES = (
    {},
    {"embedding_size": 32},
    {"distance": "euclidean"},
    {"optimizer": "adam", "learning_rate": 0.001},
    {"dropout": 0.0},
)
KINDS = {
    "300": [{**LONG, "steps_per_second": 300}],
    "free": [{**LONG, "steps_per_second": 0}],
    "five": [{**LONG, "steps_per_second": 300, **of} for of in ARCHITECTURES],
}


@dataclass
class Seen:
    """What came into the store of one run: steps, when each came, and the weights of each."""

    steps: list[int] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    weights: list[dict[str, float]] = field(default_factory=list)

    def rate(self, began: float, ended: float) -> float:
        """Steps a second between two moments."""
        steps = [step for step, at in zip(self.steps, self.times, strict=True) if at <= ended]
        first = [step for step, at in zip(self.steps, self.times, strict=True) if at <= began]
        return (steps[-1] - first[-1]) / (ended - began)

    def longest_stillness(self, began: float, ended: float) -> float:
        """The longest time without a record."""
        times = [began, *(at for at in self.times if began < at < ended), ended]
        return max(after - before for before, after in pairwise(times))

    def delay(self, moved: tuple[float, str, float]) -> float | None:
        """Seconds until the first record with a weight that was moved; None if none came."""
        when, head, weight = moved
        for at, weights in zip(self.times, self.weights, strict=True):
            if at >= when and abs(weights[head] - weight) < 1e-5:
                return at - when
        return None


class Tail(threading.Thread):
    """Reads a store's new records as they come, of all runs at once."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.seen = path, {}
        self.is_over = threading.Event()

    def run(self) -> None:
        """Look again and again."""
        connection = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)
        columns = ", ".join(f'records."loss_weights.{h}"' for h in range(len(HEAD_NAMES)))
        cursor = 0
        while not self.is_over.wait(LOOK_EVERY):
            with suppress(sqlite3.OperationalError):  # it is being made
                query = f"SELECT seq, run, step, {columns} FROM records WHERE seq > ? ORDER BY seq"
                for seq, run, step, *weights in connection.execute(query, (cursor,)).fetchall():
                    cursor = seq
                    seen = self.seen.setdefault(run, Seen())
                    seen.steps.append(step)
                    seen.times.append(time.monotonic())
                    seen.weights.append(dict(zip(HEAD_NAMES, weights, strict=True)))
        connection.close()


async def attend(visitors: list[Visitor], seen: dict[str, Seen]) -> float:
    """Let the visitors come and work, and leave; the moment from which on all were at work."""
    tasks = [asyncio.create_task(visitor.train()) for visitor in visitors]
    while not all(visitor.run in seen for visitor in visitors):
        for task in tasks:
            if task.done():
                task.result()
        await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE)
    began = time.monotonic()
    await asyncio.sleep(MEASURED)
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result
    return began


def lesson(bench: Bench, kind: str, n_visitors: int = VISITORS) -> dict[str, float]:
    """One class on a new server: what came out, by its name."""
    server = Server(bench.folder())
    try:
        Server.wait(lambda: server.worker, 60, "the worker")
        settings = KINDS[kind]
        visitors = [Visitor(server.url, settings[i % len(settings)], i) for i in range(n_visitors)]
        tail = Tail(server.store)
        tail.start()
        # In a thread of its own: in this one Playwright keeps its loop, once a page was measured.
        with ThreadPoolExecutor(1) as thread:
            began = thread.submit(asyncio.run, attend(visitors, tail.seen)).result()
        ended = began + MEASURED
        sizes = [psutil.Process(server.process.pid).memory_info().rss / MB]
        sizes.append(server.worker.memory_info().rss / MB)
        tail.is_over.set()
        tail.join()
    finally:
        children = psutil.Process(server.process.pid).children(recursive=True)
        server.close()
        psutil.wait_procs(children, timeout=20)
    seen = [tail.seen[visitor.run] for visitor in visitors]
    rates = [one.rate(began, ended) for one in seen]
    last = ended - 2  # what was moved later may not have come in time
    moves = [
        (one, move)
        for one, visitor in zip(seen, visitors, strict=True)
        for move in visitor.moved
        if began < move[0] < last
    ]
    delays = [one.delay(move) or MEASURED for one, move in moves]
    waits = [wait for visitor in visitors for wait in visitor.waited]
    tell(
        f"class, {kind}: {sum(rates):.0f} steps/s, {min(rates):.0f} to {max(rates):.0f} a run; "
        f"{len(delays)} moves, median {statistics.median(delays):.3f} s, {len(waits)} questions"
    )
    return {
        "rate": sum(rates),
        "fair": max(rates) / min(rates),
        "weight": percentile_95(delays),
        "records": 1000 * percentile_95(waits),
        "still": max(one.longest_stillness(began, ended) for one in seen),
        "server": sizes[0],
        "worker": sizes[1],
    }


def lessons(bench: Bench) -> dict[str, Measurement]:
    """A class of each kind, one after the other."""
    found = {kind: lesson(bench, kind) for kind in KINDS}
    one, free, five = found["300"], found["free"], found["five"]
    worst = ("records", "still", "server", "worker")
    return {
        "class": Measurement(one["rate"]),
        "class-free": Measurement(free["rate"]),
        "class-five": Measurement(five["rate"]),
        "class-fair": Measurement(one["fair"]),
        "class-five-fair": Measurement(five["fair"]),
        "class-weight": Measurement(one["weight"]),
        "class-five-weight": Measurement(five["weight"]),
        **{f"class-{what}": Measurement(max(of[what] for of in found.values())) for what in worst},
    }
