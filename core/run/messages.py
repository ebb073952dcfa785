"""What travels: commands down to the worker, records and run states up into the store."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from core.run.config import RunConfig
from core.run.simplex import MapConfig, Part, parts_of_map
from core.run.weights import MAX_LANES, LossWeights


class RunState(StrEnum):
    """Where a run is in its life."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    DIVERGED = "diverged"
    FAILED = "failed"

    @property
    def is_finished(self) -> bool:
        """Whether nothing will change any more."""
        return self not in (RunState.QUEUED, RunState.RUNNING, RunState.PAUSED)


class Command(BaseModel):
    """One JSON line to the worker, about one run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str


class StartRun(Command):
    """Take up a run that is in the store: from its last checkpoint, or else from its start."""

    do: Literal["start"] = "start"


class SetLossWeights(Command):
    """Train one lane with other loss weights from now on."""

    do: Literal["set_loss_weights"] = "set_loss_weights"
    lane: int
    loss_weights: LossWeights


class Fork(Command):
    """Copy a lane as it stands to a new lane, which goes on with weights of its own.

    `new_lane` is the index that it gets; if there is such a lane already, this was carried out.
    """

    do: Literal["fork"] = "fork"
    lane: int
    new_lane: int
    loss_weights: LossWeights


class Rewind(Command):
    """Go back to the checkpoint at `step`, and wait there.

    `branch` is the number of the branch that begins; if there is such a branch already, this
    was carried out.
    """

    do: Literal["rewind"] = "rewind"
    step: int
    branch: int


class SetLive(Command):
    """Go on with other live settings; `config` differs from the run's in live fields only."""

    do: Literal["set_live"] = "set_live"
    config: RunConfig


class Probe(Command):
    """Train so many lanes for about a second, record nothing, and tell how fast it went."""

    do: Literal["probe"] = "probe"
    config: RunConfig
    n_lanes: int


class Watch(Command):
    """Measure what goes on inside a lane, for a few seconds from now on; told again and again.

    `pair` is the index of the validation pair whose features are wanted.
    """

    do: Literal["watch"] = "watch"
    lane: int
    pair: int


class Preview(Command):
    """Tell the heads' gradients at the start of such a run; `run` names the question."""

    do: Literal["preview"] = "preview"
    config: RunConfig


class Pause(Command):
    """Stop training, ready to go on."""

    do: Literal["pause"] = "pause"


class Resume(Command):
    """Go on after a pause."""

    do: Literal["resume"] = "resume"


class Step(Command):
    """Train `n` steps, then pause."""

    do: Literal["step"] = "step"
    n: int


class Stop(Command):
    """End the run here."""

    do: Literal["stop"] = "stop"


AnyCommand = Annotated[
    StartRun
    | SetLossWeights
    | SetLive
    | Fork
    | Rewind
    | Probe
    | Watch
    | Preview
    | Pause
    | Resume
    | Step
    | Stop,
    Field(discriminator="do"),
]
_COMMAND = TypeAdapter(AnyCommand)


def parse_command(line: str | bytes) -> Command:
    """The command that a JSON line holds.

    Raises:
        ValueError: If the line is not one.
    """
    return _COMMAND.validate_json(line)


@dataclass(frozen=True, slots=True)
class Record:
    """One row of metrics of one lane, the mean over the steps since the lane's last record.

    Attributes:
        seq: Place in the store, rising; a reader goes on after the last one it has.
        step: Updates done so far. Loss and accuracy are those before each update.
        lane: Index of the lane.
        time: Seconds of training since the run began, pauses not counted.
        loss: Unweighted training loss by head, in nats.
        accuracy: Training accuracy by head, 0 to 1.
        val_loss: Validation loss by head in nats, or None where not evaluated.
        val_accuracy: Validation accuracy by head, 0 to 1, or None where not evaluated.
        total_loss: Weighted sum of `loss`, what training minimises. Not comparable between
            lanes or runs whose weights differ.
        loss_weights: In force, by head.
        learning_rate: In force.
        branch: How often the run had been rewound. Records of a branch beyond the step at which
            a later one begins (`Run.branches`) are an abandoned future.
    """

    seq: int
    step: int
    lane: int
    time: float
    loss: dict[str, float]
    accuracy: dict[str, float]
    val_loss: dict[str, float] | None
    val_accuracy: dict[str, float] | None
    total_loss: float
    loss_weights: dict[str, float]
    learning_rate: float
    branch: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A live setting or a number of lanes that changed at a step; made again after a lost worker.

    Attributes:
        step: Updates done when it came into force.
        command: The `SetLossWeights`, `SetLive` or `Fork` that did it.
    """

    step: int
    command: Command


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of a run as it is trained now.

    Attributes:
        loss_weights: In force.
        source: The lane that it was forked from, None if it was there from the start.
        since: The step at which it was forked, 0 if it was there from the start.
    """

    loss_weights: LossWeights
    source: int | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One training, as the store knows it.

    Attributes:
        id: Unique in the store.
        state: See `RunState`.
        first_config: The settings it began with.
        config: The settings now in force; live ones may have changed.
        lanes: The loss weights each lane began with; of a weight map, all its settings.
        created: When it was started, in seconds since 1970.
        step: Updates done and recorded.
        message: Why it ended, or what is wrong, in words; empty if nothing is.
        branches: The step at which each branch begins: 0, and one more for each rewind.
        map: What it covers if it is a weight map, else None.
        lanes_at_once: Of a weight map, the number of lanes that fit into memory together.
        parts_done: Of a weight map, how many of its parts have been trained.
        name: That a user gave it, empty if none did.
        note: A user's, in Markdown.
        pinned: Whether it stays on top of lists and keeps its checkpoints.
        seconds: Of training until the newest record; of a weight map, since it was started.
    """

    id: str
    state: RunState
    first_config: RunConfig
    config: RunConfig
    lanes: tuple[LossWeights, ...]
    created: float
    step: int
    message: str
    branches: tuple[int, ...] = (0,)
    map: MapConfig | None = None
    lanes_at_once: int = MAX_LANES
    parts_done: int = 0
    name: str = ""
    note: str = ""
    pinned: bool = False
    seconds: float = 0.0

    @property
    def label(self) -> str:
        """What to call it: its name, or else its id."""
        return self.name or self.id

    @property
    def parts(self) -> list[Part]:
        """What is trained one after the other: of a weight map several parts, else one."""
        if self.map is None:
            return [Part(0, self.lanes, self.config.seed)]
        return parts_of_map(self.map, self.config, self.lanes_at_once)
