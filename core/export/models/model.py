"""A lane's trained model as Keras' own file, which loads without anything of this project."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from core.errors import ExportError
from core.export.course import checked_lane
from core.export.models import keras_file
from core.problems.build import problem_of
from core.problems.making.variables import FIXED, MOVING, SEED
from core.problems.siamese.model import build_model
from core.problems.siamese.settings import SiameseConfig
from core.run.config import RunConfig
from core.store import Store
from core.training.optimizers import OPTIMIZERS


@dataclass(frozen=True)
class Trained:
    """A model with the values that a lane has reached, and the step at which it has."""

    model: keras.Model
    step: int


def write(store: Store, runs: list[str], out: Path, lane: int | None = None) -> None:
    """Write the model of one lane; `keras.saving.load_model` opens it, in safe mode too."""
    keras_file.save(trained_model(store, runs[0], lane).model, out)


def trained_model(store: Store, run: str, lane: int | None = None) -> Trained:
    """The model of a lane as it was at the run's newest checkpoint.

    That is the end of a run that has ended, and at most about a second ago of one that has not.

    Raises:
        RunNotFound, CommandError: If there is no such run or lane.
        ExportError: If no state was kept, or it is of another model.
    """
    stored = store.run(run)
    if stored.map:
        raise ExportError(
            f"Run {run} is a weight map, which keeps no models. Train the setting that you want "
            "as a run of its own, and take that."
        )
    lane = checked_lane(stored, lane)
    checkpoint = store.last_checkpoint(run)
    if checkpoint is None:
        raise ExportError(
            f"No state of run {run} is kept, at step {stored.step}. The newest ended runs keep "
            "theirs; train it again with the same settings and seed for the same model."
        )
    step, _, (diverged_at, _, *leaves) = checkpoint
    if lane >= len(diverged_at):
        raise ExportError(f"Lane {lane} of run {run} was forked after its newest state was kept.")
    if stored.config.obstacle:
        raise ExportError(stored.config.obstacle)
    shape = shape_of(stored.first_config)
    try:
        values, others = state_of_lane(shape, leaves, lane)
        for variable, value in zip(shape.model.trainable_variables, values, strict=True):
            variable.assign(value)
        for variable, value in zip(shape.model.non_trainable_variables, others, strict=True):
            variable.assign(value)
    except (ValueError, IndexError) as error:
        raise ExportError(
            f"The state that was kept of run {run} is not of its model: {error}"
        ) from None
    return Trained(shape.model, step)


@dataclass(frozen=True)
class Shape:
    """A model as it begins, and how much of each kind its states have.

    Attributes:
        model: With the values that the run began with.
        kinds: Of its non-trainable variables, see `core.problems.making.variables`.
        n_slots: How many arrays the optimizer keeps.
    """

    model: keras.Model
    kinds: tuple[str, ...]
    n_slots: int


def shape_of(config: RunConfig) -> Shape:
    """That of a run with these settings."""
    if isinstance(config, SiameseConfig):  # whose data may not be here
        model = build_model(config, config.facts.image_shape)
        kinds = (SEED,) * len(model.non_trainable_variables)
        return Shape(model, kinds, n_slots_of(config.optimizer, model))
    problem = problem_of(config)
    problem.begin(config.seed)
    model, optimizer = problem.model, problem.model.optimizer
    if not optimizer.built:
        optimizer.build(model.trainable_variables)
    if problem.optimizer is None:
        return Shape(model, problem.kinds, n_slots_of(config.optimizer, model))
    return Shape(model, problem.kinds, len(optimizer.variables))


def n_slots_of(optimizer: str, model: keras.Model) -> int:
    """How many arrays an optimizer that a setting names keeps of a model."""
    return len(OPTIMIZERS[optimizer].slots([v.value for v in model.trainable_variables]))


def state_of_lane(
    shape: Shape, leaves: list[np.ndarray], lane: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Trainable and non-trainable values of a lane, from the leaves of a list of `TrainState`s.

    Each state has the variables, the slots, what moves, the seeds and the step; all but the last
    two have its lanes as their leading axis. What is fixed is in none, and stays as it is.
    """
    sizes = [
        len(shape.model.trainable_variables),
        shape.n_slots,
        shape.kinds.count(MOVING),
        shape.kinds.count(SEED),
        1,
    ]
    first = 0
    while first + sum(sizes) <= len(leaves):
        ends = [first + sum(sizes[: i + 1]) for i in range(len(sizes))]
        variables, moving = leaves[first : ends[0]], leaves[ends[1] : ends[2]]
        seeds = leaves[ends[2] : ends[3]]
        if lane < len(variables[0]):
            of_kind = {MOVING: iter([value[lane] for value in moving]), SEED: iter(seeds)}
            own = zip(shape.model.non_trainable_variables, shape.kinds, strict=True)
            others = [v.numpy() if kind == FIXED else next(of_kind[kind]) for v, kind in own]
            return [variable[lane] for variable in variables], others
        lane -= len(variables[0])
        first += sum(sizes)
    raise ValueError(f"{len(leaves)} arrays do not hold so many lanes")
