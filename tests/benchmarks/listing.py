"""How soon the list of runs is there, where there are many."""

import json
import time
from pathlib import Path
from urllib.request import urlopen

from core import RunConfig, Store
from core.store import results
from core.store.tables import selected
from tests.benchmarks.bench import Bench, interleaved
from tests.benchmarks.goals import Measurement
from tests.browser.server import Server
from tests.siamese import COLUMNS, HEADS, HEADS_TEXT, RESULT, weighted

RUNS, RECORDS = 1000, 2000  # records of each run
ROUNDS = range(5)


def run_list(bench: Bench) -> dict[str, Measurement]:
    """From the question for all runs to the last byte of the answer, the first one included."""
    folder = bench.folder()
    fill(folder / "runs.sqlite")
    server = Server(folder)
    try:

        def seconds(_) -> float:
            began = time.perf_counter()
            with urlopen(f"{server.url}/api/lanes") as answer:
                found = json.load(answer)["rows"]
            assert len(found) == RUNS
            return time.perf_counter() - began

        took = interleaved(f"list of {RUNS:,} runs, s", ROUNDS, ours=seconds)
    finally:
        server.close()
    return {"run-list": Measurement(took["ours"])}


def fill(path: Path) -> None:
    """Make a store of many ended runs, by SQL alone: training them would take hours."""
    store = Store(path)
    config, lanes = RunConfig().model_dump_json(), json.dumps([weighted().model_dump()])
    db = store._db
    with db.writing():
        db.executemany(
            "INSERT INTO runs (id, owner, state, first_config, config, lanes, heads, created) "
            "VALUES (?, '1-test', 'finished', ?, ?, ?, ?, ?)",
            [(f"{i:012x}", config, config, lanes, HEADS_TEXT, i) for i in range(RUNS)],
        )
        values = ", ".join("n * 0.0005" for _ in COLUMNS[3:])
        db.execute(
            f"INSERT INTO records (run, {selected(HEADS)}) WITH RECURSIVE steps(n) AS "
            f"(SELECT 1 UNION ALL SELECT n + 1 FROM steps LIMIT {RECORDS}) "
            f"SELECT id, n, 0, 0, {values} FROM runs CROSS JOIN steps"
        )
        db.execute(
            f"INSERT INTO results (run, lane, step, {results.NAMES}) "
            f"SELECT id, 0, {RECORDS}, {RESULT} FROM runs"
        )
    store.close()
