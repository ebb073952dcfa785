"""What runs were asked to do, as JSON: settings, lanes, and what was changed in mid-run."""

import json
from dataclasses import fields
from pathlib import Path

from pydantic import BaseModel

from core.run.run import Run
from core.store import Store


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write `settings_json` to a file; settings are of the whole run, whatever the lane."""
    out.write_text(settings_json(store, runs), encoding="utf-8")


def settings_json(store: Store, runs: list[str]) -> str:
    """A JSON object whose `runs` are those named, each with its `changes`.

    Raises:
        RunNotFound: If there is no such run.
    """
    stored = map(store.run, runs)
    documents = [{**run_document(run), "changes": changes_of(run)} for run in stored]
    return json.dumps({"runs": documents}, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def run_document(run: Run) -> dict:
    """What was asked and how it ended, as JSON; the lanes of a weight map follow from its `map`.

    Changes and records are told apart from it; engine, number and person are those of this store,
    and what is fused is this program's.
    """
    told_apart = ("changes", "newest", "owner", "number", "person", "unfused")
    names = [field.name for field in fields(run) if field.name not in told_apart]
    document = {name: plain(getattr(run, name)) for name in names}
    if run.map:
        document["lanes"] = []
    return document


def changes_of(run: Run) -> list[dict]:
    """The changes that are in force, in order: `step`, and the command without the run's id."""
    return [
        {"step": change.step, **change.command.model_dump(exclude={"run"})}
        for change in run.changes
    ]


def plain(value):
    """A field of a run as JSON has it."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value
