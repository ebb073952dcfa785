"""What a bundle says of the run in it, checked at the border."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

from core.run.commands import Fork, SetLive, SetLossWeights, parse_command
from core.run.config import LIVE_SETTINGS, RunConfig
from core.run.lanes import Change
from core.run.simplex import MapConfig, parts_of_map
from core.run.states import RunState
from core.run.weights import MAX_LANES, LossWeights
from core.store.runs import LONGEST_NAME, LONGEST_NOTE

WHAT = "loss-weight-explorer run"
VERSION = 1
MOST_STEPS = 1_000_000  # of a run, see `RunConfig`
Step = Annotated[int, Field(ge=0, le=MOST_STEPS)]
STEP = TypeAdapter(Step)
Seconds = Annotated[float, Field(ge=0, le=1e10, allow_inf_nan=False)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Strict(BaseModel):
    """Frozen, and refusing names that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Title(BaseModel):
    """The two fields that a manifest of any version has."""

    model_config = ConfigDict(extra="ignore")

    what: str
    version: int


class RunDocument(Strict):
    """A run as `core.export.documents.run_document` writes it.

    Raises:
        ValidationError: If it is no run that this program could have trained.
    """

    id: str = Field(pattern="^[0-9a-f]{12}$")
    state: RunState
    first_config: RunConfig
    config: RunConfig
    lanes: list[LossWeights] = Field(max_length=MAX_LANES)
    created: Seconds
    step: Step
    message: str = Field(max_length=2000)
    branches: list[Step] = Field(min_length=1, max_length=10_000)
    map: MapConfig | None
    lanes_at_once: int = Field(ge=0, le=MAX_LANES)
    parts_done: int = Field(ge=0)
    name: str = Field("", max_length=LONGEST_NAME)
    note: str = Field("", max_length=LONGEST_NOTE)
    pinned: bool = False
    seconds: Seconds = 0.0

    @model_validator(mode="after")
    def _fits_together(self):
        if differs(self.first_config, self.config):
            raise ValueError("config and first_config differ in a fixed setting")
        if self.branches[0] != 0:
            raise ValueError("the first branch begins at step 0")
        if self.map is None and not self.lanes:
            raise ValueError("there is no lane")
        if self.map and (self.lanes or not self.lanes_at_once):
            raise ValueError("a weight map has its lanes from `map`, some of them at once")
        if self.name != self.name.strip() or not self.name.isprintable():
            raise ValueError("the name is not one line of printable characters")
        n_parts = 1
        if self.map:
            n_parts = len(parts_of_map(self.map, self.config, self.lanes_at_once))
        if self.parts_done > n_parts:
            raise ValueError(f"{self.parts_done} parts are done, of {n_parts}")
        return self


class CheckpointDocument(Strict):
    """Where the state in `checkpoint.npz` was taken."""

    step: Step
    seconds: Seconds


class Manifest(Strict):
    """All of `manifest.json`. `files` are the SHA-256 digests of the other files."""

    what: Literal["loss-weight-explorer run"]
    version: Literal[1]
    run: RunDocument
    changes: list[dict[str, Any]] = Field(max_length=100_000)
    checkpoint: CheckpointDocument | None
    files: dict[str, Digest]

    def changes_made(self) -> list[Change]:
        """The changes as the store has them.

        Raises:
            ValueError: If one could not have been made.
        """
        changes, n_lanes = [], len(self.run.lanes)
        for values in self.changes:
            step = STEP.validate_python(values.get("step"))
            fields = {name: value for name, value in values.items() if name != "step"}
            command = parse_command(json.dumps({**fields, "run": self.run.id}))
            if isinstance(command, SetLive):
                fits = not differs(self.run.first_config, command.config)
            elif isinstance(command, SetLossWeights):
                fits = 0 <= command.lane < n_lanes
            elif isinstance(command, Fork):
                fits = 0 <= command.lane < n_lanes == command.new_lane < MAX_LANES
                n_lanes += 1
            else:
                fits = False
            if not fits:
                raise ValueError(f"a change does not fit the run: {command.model_dump()!r:.200}")
            changes.append(Change(step, command))
        return changes

    def n_lanes(self) -> int:
        """How many lanes the run has in the end."""
        if self.run.map:
            return self.run.map.n_lanes
        return len(self.run.lanes) + sum(values.get("do") == "fork" for values in self.changes)


def differs(one: RunConfig, other: RunConfig) -> bool:
    """Whether two settings differ in a fixed one."""
    live = set(LIVE_SETTINGS)
    return one.model_dump(exclude=live) != other.model_dump(exclude=live)
