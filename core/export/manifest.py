"""What a bundle says of the run in it, checked at the border."""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, TypeAdapter, model_validator

from core.problems import heads_of
from core.run.commands import Fork, SetLive, SetLossWeights, parse_command
from core.run.config import LIVE_SETTINGS, RunConfig
from core.run.heads import MOST_HEADS, Heads, names_of
from core.run.lanes import Change
from core.run.simplex import MapConfig, parts_of_map
from core.run.states import RunState
from core.run.weights import MAX_LANES, LossWeights
from core.store.runs import LONGEST_NAME, LONGEST_NOTE

WHAT = "loss-weight-explorer run"
VERSION = 2
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
    first_config: SerializeAsAny[RunConfig]
    config: SerializeAsAny[RunConfig]
    lanes: list[LossWeights] = Field(max_length=MAX_LANES)
    heads: Heads = Field((), max_length=MOST_HEADS)
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

    @model_validator(mode="before")
    @classmethod
    def _had_three_heads(cls, told: Any) -> Any:
        """A bundle of version 1 names none: it had those of its settings."""
        if isinstance(told, dict) and "heads" not in told and isinstance(told.get("config"), dict):
            heads = heads_of(RunConfig(**told["config"]))
            return {**told, "heads": [head.model_dump() for head in heads]}
        return told

    @model_validator(mode="after")
    def _fits_together(self):
        if differs(self.first_config, self.config):
            raise ValueError("config and first_config differ in a fixed setting")
        names = names_of(self.heads)
        if not self.config.obstacle and names != names_of(heads_of(self.config)):
            raise ValueError("the run has other heads than its problem")
        if any(tuple(lane.root) != names for lane in self.lanes):
            raise ValueError("a lane has weights of other heads than the run")
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
            points = self.map.points(names)
            n_parts = len(parts_of_map(self.map, points, self.config, self.lanes_at_once))
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
    version: Literal[1, 2]
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
                fits = 0 <= command.lane < n_lanes and self._has_all(command.loss_weights)
            elif isinstance(command, Fork):
                fits = 0 <= command.lane < n_lanes == command.new_lane < MAX_LANES
                fits = fits and self._has_all(command.loss_weights)
                n_lanes += 1
            else:
                fits = False
            if not fits:
                raise ValueError(f"a change does not fit the run: {command.model_dump()!r:.200}")
            changes.append(Change(step, command))
        return changes

    def _has_all(self, weights: LossWeights) -> bool:
        return tuple(weights.root) == names_of(self.run.heads)

    def n_lanes(self) -> int:
        """How many lanes the run has in the end."""
        if self.run.map:
            return self.run.map.n_lanes
        return len(self.run.lanes) + sum(values.get("do") == "fork" for values in self.changes)


def differs(one: RunConfig, other: RunConfig) -> bool:
    """Whether two settings differ in a fixed one."""
    live = set(LIVE_SETTINGS)
    return one.model_dump(exclude=live) != other.model_dump(exclude=live)
