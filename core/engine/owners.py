"""Who trains a run: the name of an engine, and whether that engine is still there."""

import os
import uuid

from core.run.states import RunState
from core.store import Store

LOST = "The process that trained this run is gone. What was recorded is kept."

_open_here: set[str] = set()


def new() -> str:
    """A name for a new engine of this process."""
    owner = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
    _open_here.add(owner)
    return owner


def end(owner: str) -> None:
    """From now on, this process has no engine of that name."""
    _open_here.discard(owner)


def is_alive(owner: str) -> bool:
    """Whether the engine of that name may still be working."""
    pid = int(owner.split("-")[0])
    if pid == os.getpid():
        return owner in _open_here
    if os.name == "nt":
        return True  # os.kill would send an event there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass
    return True


def clean_up(store: Store) -> None:
    """Stop the runs of engines that are gone, and delete for good what those have deleted."""
    for owner in store.owners_of_unfinished():
        if not is_alive(owner):
            end_runs(store, owner)
    for owner in store.deleters():
        if not is_alive(owner):
            store.purge(owner)


def end_runs(store: Store, owner: str) -> None:
    """Stop the runs that one engine has not finished."""
    for run in store.runs(owner=owner):
        store.set_state(run.id, RunState.STOPPED, LOST)
