"""What travels down to the worker: one JSON line a command."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, TypeAdapter

from core.run.config import RunConfig
from core.run.weights import LossWeights


class Command(BaseModel):
    """One JSON line to the worker, about one run."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str


class StartRun(Command):
    """Take up a run that is in the store: from its last checkpoint, or else from its start."""

    do: Literal["start"] = "start"


class AddProblem(Command):
    """Have there be a problem of one's own, see `core.problems.own.Facts`; of no run."""

    do: Literal["add_problem"] = "add_problem"
    run: str = ""
    facts: dict


class SetLossWeights(Command):
    """Train one lane with other loss weights from now on."""

    do: Literal["set_loss_weights"] = "set_loss_weights"
    lane: int
    loss_weights: LossWeights


class MoveLossWeights(Command):
    """Train one lane with other loss weights of some heads; what others have moved stays."""

    do: Literal["move_loss_weights"] = "move_loss_weights"
    lane: int
    weights: dict[str, float]

    def whole(self, present: LossWeights) -> SetLossWeights:
        """The same as a command for all heads, where the lane has the present weights."""
        return SetLossWeights(
            run=self.run, lane=self.lane, loss_weights=present.moved(self.weights)
        )


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
    config: SerializeAsAny[RunConfig]


class Probe(Command):
    """Train so many lanes for about a second, record nothing, and tell how fast it went."""

    do: Literal["probe"] = "probe"
    config: SerializeAsAny[RunConfig]
    n_lanes: int


class Follow(Command):
    """Somebody looks at what is recorded of the run: it goes before runs that nobody looks at."""

    do: Literal["follow"] = "follow"


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
    config: SerializeAsAny[RunConfig]


class Prepare(Command):
    """Compile what such a run would need, since it may be the next; `run` is not used."""

    do: Literal["prepare"] = "prepare"
    config: SerializeAsAny[RunConfig]


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
    | AddProblem
    | SetLossWeights
    | MoveLossWeights
    | SetLive
    | Fork
    | Rewind
    | Probe
    | Follow
    | Watch
    | Preview
    | Prepare
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
