"""`python3 -m dashboard.api.make_example`: train the example of the page Learn, and keep it."""

import base64
import gzip
import json
import os
import tempfile
import time
from pathlib import Path

from starlette.requests import Request

from core.run.config import RunConfig
from dashboard import service
from dashboard.api.example import FILE
from dashboard.api.inside import show_inside, show_pictures
from dashboard.api.records import show_records

SPEED = 300  # steps/s: the page's own
LONGEST = 60  # s for the run and what is measured inside it
WATCHED = "lane=0&pair=0&watch=1"


def train() -> dict:
    """Train the default run, and keep what the routes tell of it."""

    def ask(show, query: str = ""):
        path, headers = {"run": run}, [(b"sec-fetch-site", b"same-origin")]
        asked = {"path_params": path, "query_string": query.encode()}
        scope = {"type": "http", "headers": headers, **asked}
        return show(Request(scope))

    engine = service.engine()
    engine.wait_until_ready()
    run = engine.start(RunConfig(steps_per_second=SPEED))
    store, deadline = engine.store, time.monotonic() + LONGEST
    while not (stored := store.run(run)).is_finished or not store.inside.pictures(run):
        ask(show_inside, WATCHED)  # to ask is what has it measured
        if time.monotonic() > deadline:
            raise TimeoutError(f"Run {run} is {stored.state} at step {stored.step}.")
        time.sleep(0.1)
    kept = {
        "records": ask(show_records),
        "inside": ask(show_inside, WATCHED),
        "pictures": base64.b64encode(bytes(ask(show_pictures).body)).decode(),
    }
    for told in (kept["records"], kept["inside"]):
        told["run"] |= {"id": service.EXAMPLE, "can": nothing(told["run"]["can"])}
    kept["records"] |= {"checkpoints": []}
    return kept


def nothing(can: dict) -> dict:
    """What can be done with it: nothing, and there is nothing to say of it."""
    return {name: type(value)() for name, value in can.items()}


def main() -> None:
    """Write the file."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["EXPLORER_STORE"] = str(Path(folder) / "runs.sqlite")
        try:
            kept = json.dumps(train(), separators=(",", ":"))
        finally:
            service.close()
    FILE.write_bytes(gzip.compress(kept.encode(), mtime=0))
    print(f"{FILE}: {FILE.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
