"""`GET /api/memory`: how much memory the training process takes, run after run."""

import os
import threading
import time
from bisect import bisect_right
from collections import deque
from pathlib import Path

from starlette.requests import Request
from starlette.routing import Route

from core.engine import Engine
from dashboard import service
from dashboard.api.answers import answering

EVERY = 5  # s between two looks, which take some 20 microseconds
KEPT = 20_000  # looks: more than a day
UNKNOWN = "This system does not tell how much memory a process takes where this page looks for it."

_looks: deque[tuple[float, int, int]] = deque(maxlen=KEPT)  # time, process id, bytes


def resident(pid: int) -> int | None:
    """Bytes of memory that a process holds (its resident set), None where that is not told."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return None
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def look(engine: Engine) -> None:
    """Note how much memory the training process takes now."""
    pid = engine.worker_pid
    if pid and (held := resident(pid)):
        _looks.append((time.time(), pid, held))


def keep_looking(engine: Engine) -> threading.Event:
    """Look from time to time, until the event that is given back is set."""
    is_over = threading.Event()

    def ask():
        look(engine)
        while not is_over.wait(EVERY):
            look(engine)

    threading.Thread(target=ask, name="memory", daemon=True).start()
    return is_over


def show_memory(request: Request) -> dict:
    """`GET /api/memory`: memory of the training process after each run of this server.

    `runs` are numbers of runs that this server had begun, and `megabytes` what the process held
    when it was last looked at with so many. `told` is a sentence where there is nothing to show.
    """
    engine = service.engine()
    look(engine)
    begun = sorted(run.created for run in engine.store.runs(owner=engine.owner))
    return {**after_runs(list(_looks), begun), "told": "" if _looks else UNKNOWN}


def after_runs(looks: list[tuple[float, int, int]], begun: list[float]) -> dict[str, list]:
    """What was held after so many runs.

    Args:
        looks: Times, in s, process ids and bytes, in the order of time.
        begun: When runs began, in order.

    Returns:
        `runs` and `megabytes`, in columns: for each number of runs that there was a look at, the
        last one, before the next run began.
    """
    last = {bisect_right(begun, time_): held / 1e6 for time_, _, held in looks}
    return {"runs": list(last), "megabytes": list(last.values())}


ROUTES = [Route("/api/memory", answering(show_memory))]
