"""How soon the list of runs is there, where there are many."""

import json
import time
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

from core import RunConfig, Store
from core.store import results
from core.store.tables import selected
from tests.benchmarks.bench import Bench, interleaved
from tests.benchmarks.goals import Measurement, curve, growth
from tests.browser.server import Server
from tests.siamese import COLUMNS, HEADS, HEADS_TEXT, RESULT, weighted

RUNS, RECORDS = 1000, 2000  # records of each run
CURVE, FEW = (10, 100, 1000, 10_000), 20  # numbers of runs, and records of each
ROUNDS = range(5)


def run_list(bench: Bench) -> dict[str, Measurement]:
    """From the question for all runs to the last byte of the answer, the first one included."""
    return {"run-list": Measurement(seconds_of_list(bench, RUNS, RECORDS))}


def run_curve(bench: Bench) -> dict[str, Measurement]:
    """What the same costs a run, the more runs there are."""
    costs = [seconds_of_list(bench, n_runs, FEW) / n_runs for n_runs in CURVE]
    return {"run-curve": Measurement(growth(costs), curve=curve(CURVE, costs))}


def seconds_of_list(bench: Bench, n_runs: int, n_records: int) -> float:
    """Seconds until a new server has told all runs of a store; the median of some answers."""
    folder = bench.folder()
    fill(folder / "runs.sqlite", n_runs, n_records)
    with closing(Server(folder)) as server:

        def seconds(_) -> float:
            began = time.perf_counter()
            with urlopen(f"{server.url}/api/lanes") as answer:
                found = json.load(answer)["rows"]
            assert len(found) == n_runs
            return time.perf_counter() - began

        return interleaved(f"list of {n_runs:,} runs, s", ROUNDS, ours=seconds)["ours"]


def fill(path: Path, n_runs: int, n_records: int) -> None:
    """Make a store of many ended runs, by SQL alone: training them would take hours."""
    store = Store(path)
    config, lanes = RunConfig().model_dump_json(), json.dumps([weighted().model_dump()])
    db = store._db
    with db.writing():
        db.executemany(
            "INSERT INTO runs (id, owner, state, first_config, config, lanes, heads, created) "
            "VALUES (?, '1-test', 'finished', ?, ?, ?, ?, ?)",
            [(f"{i:012x}", config, config, lanes, HEADS_TEXT, i) for i in range(n_runs)],
        )
        values = ", ".join("n * 0.0005" for _ in COLUMNS[3:])
        db.execute(
            f"INSERT INTO records (run, {selected(HEADS)}) WITH RECURSIVE steps(n) AS "
            f"(SELECT 1 UNION ALL SELECT n + 1 FROM steps LIMIT {n_records}) "
            f"SELECT id, n, 0, 0, {values} FROM runs CROSS JOIN steps"
        )
        db.execute(
            f"INSERT INTO results (run, lane, step, {results.NAMES}) "
            f"SELECT id, 0, {n_records}, {RESULT} FROM runs"
        )
    store.close()
