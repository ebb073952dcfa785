"""Runs whose engine is gone: they are stopped, and what it has deleted is deleted for good."""

from contextlib import suppress

from core.errors import CommandError, StoreError
from core.run.owner import Owner, Standing, forget, standing_of
from core.run.run import Run
from core.run.states import RunState
from core.store import Store

LOST = "The process that trained this run is gone. What was recorded is kept."


def clean_up(store: Store) -> None:
    """Stop the runs of engines that are gone, and delete for good what those have deleted.

    What is on another machine may be at work, and is left alone.
    """
    for owner in store.owners_of_unfinished():
        if standing_of(owner) is Standing.GONE:
            end_runs(store, owner)
    for owner in store.deleters():
        if standing_of(owner) is Standing.GONE:
            store.purge(owner)


def retire(store: Store, owner: str) -> None:
    """End an engine of this process, its runs and what it has deleted."""
    with suppress(StoreError):
        end_runs(store, owner)
        store.purge(owner)
    forget(owner)


def within_reach(store: Store, run: str, owner: str) -> Run:
    """A run that an engine can steer, or that has ended.

    Raises:
        RunNotFound: If there is no such run.
        CommandError: If it is trained elsewhere, or here by another engine: what this one would
            send would reach its own worker, which knows nothing of the run.
    """
    found = store.run(run)
    if found.elsewhere:
        raise CommandError(found.elsewhere)
    if not found.is_finished and found.owner != owner:
        there = Owner.read(found.owner)
        raise CommandError(
            f"Run {run} is trained by another program of this machine, process "
            f"{there.pid if there else 'unknown'}: steer it there. What a page trains takes loss "
            "weights from any program by its server's route POST /api/runs/{id}/weights."
        )
    return found


def end_runs(store: Store, owner: str) -> None:
    """Stop the runs that one engine has not finished."""
    for run in store.runs(owner=owner):
        store.set_state(run.id, RunState.STOPPED, LOST)
