"""What a lane was trained with, from its first step to its last, forks and rewinds included."""

from dataclasses import dataclass, field

from core.errors import CommandError
from core.run.config import RunConfig
from core.run.run import Run
from core.run.weights import LossWeights
from core.store import Store


@dataclass(frozen=True)
class Course:
    """The way of one lane, as if it had been a run of its own.

    Attributes:
        run: The run.
        lane: Index of the lane.
        seed: Settles initial values, batches and dropout masks.
        config: The settings it begins with.
        loss_weights: The loss weights it begins with.
        steps: Steps trained, or to be trained if the run has not ended.
        changes: By step, what changes before that step's update: "loss_weights" (a
            `LossWeights`), "learning_rate" or "momentum" (floats).
    """

    run: Run
    lane: int
    seed: int
    config: RunConfig
    loss_weights: LossWeights
    steps: int
    changes: dict[int, dict] = field(default_factory=dict)


def course_of(store: Store, run: str, lane: int | None = None) -> Course:
    """The course of a lane, the first one if none is named.

    A forked lane has that of its source up to the fork. What a rewind undid is not in it.

    Raises:
        RunNotFound, CommandError: If there is no such run or lane.
    """
    stored = store.run(run)
    part_of = {index: part for part in stored.parts for index in part.lanes}
    lane = checked_lane(stored, lane)
    steps = stored.step if stored.is_finished and stored.step else stored.config.steps
    wanted: dict[int, dict] = {}
    for step, weights in stored.lanes_now[lane].way:
        wanted.setdefault(step, {})["loss_weights"] = weights
    names = ["learning_rate"] + ["momentum"] * (stored.config.optimizer == "sgd")
    for step, config in stored.live_settings:
        wanted.setdefault(step, {}).update({name: getattr(config, name) for name in names})
    now = wanted.pop(0)
    first = dict(now)
    changes = {}
    for step in sorted(step for step in wanted if step < steps):
        new = {name: value for name, value in wanted[step].items() if value != now[name]}
        if new:
            changes[step] = new
            now.update(new)
    weights = first.pop("loss_weights")
    return Course(
        run=stored,
        lane=lane,
        seed=part_of[lane].seed if lane in part_of else stored.first_config.seed,
        config=stored.first_config.model_copy(update=first),
        loss_weights=weights,
        steps=steps,
        changes=changes,
    )


def checked_lane(run: Run, lane: int | None) -> int:
    """The index of a lane that is there, 0 for None.

    Raises:
        CommandError: If there is no such lane.
    """
    lane, n_lanes = lane or 0, len(run.lanes_now)
    if not 0 <= lane < n_lanes:
        there = "lane 0 alone" if n_lanes == 1 else f"the lanes 0 to {n_lanes - 1}"
        raise CommandError(
            f"lane = {lane} is refused: run {run.id} has {there}, no lane {lane}. Leave it out for "
            "the first one, or for all where the format holds all."
        )
    return lane
