"""What `compile` is to be given in one's own code, to train as a lane of a run does."""

from core.export.course import checked_lane
from core.problems.own import RATE, OwnConfig
from core.problems.script import lines_of
from core.run.config import RunConfig
from core.run.run import Run


def compile_call(run: Run, lane: int | None = None) -> str:
    """The call, with the optimizer and the loss weights that a lane has now.

    Args:
        run: The run.
        lane: Index of the lane, the first one if left out.

    Raises:
        CommandError: If there is no such lane.
    """
    weights = run.lanes_now[checked_lane(run, lane)].loss_weights
    lines = [
        "model.compile(",
        *optimizer_lines(run.config),
        "    loss=loss,  # and metrics: as the model has them",
        *lines_of("loss_weights=", weights.model_dump(), ",", indent=4),
        ")",
    ]
    return "\n".join(lines) + "\n"


def optimizer_lines(config: RunConfig) -> list[str]:
    """The optimizer as an argument, and what is not known of it as a comment."""
    if not isinstance(config, OwnConfig):
        return [f"    optimizer={optimizer_call(config, config.momentum)},"]
    facts = config.facts
    schedule = facts.schedule if facts else ""
    rate = "schedule" if schedule else repr(config.learning_rate)
    comment = f"  # {schedule}, as the file has it" if schedule else ""
    call = facts.optimizer_call if facts else ""
    if not call:
        call = f"{config.optimizer}(learning_rate={RATE})"
        comment = "  # and what else the file says of it"
    return [f"    optimizer={call.replace(RATE, rate)},{comment}"]


def optimizer_call(config: RunConfig, momentum: float) -> str:
    """The optimizer of a problem whose settings say which."""
    if config.optimizer == "adam":
        return f"keras.optimizers.Adam(learning_rate={config.learning_rate!r})"
    return f"keras.optimizers.SGD(learning_rate={config.learning_rate!r}, momentum={momentum!r})"
