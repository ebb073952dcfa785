"""A lane's trained model as Keras' own file, which loads without anything of this project."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from core.errors import ExportError
from core.export.course import checked_lane
from core.export.models import keras_file
from core.problems.siamese.model import build_model
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
    config = stored.first_config
    model = build_model(config, config.facts.image_shape)
    _, n_moments = OPTIMIZERS[config.optimizer]
    try:
        values, seeds = state_of_lane(model, leaves, n_moments, lane)
        for variable, value in zip(model.trainable_variables, values, strict=True):
            variable.assign(value)
        for variable, value in zip(model.non_trainable_variables, seeds, strict=True):
            variable.assign(value)
    except (ValueError, IndexError) as error:
        raise ExportError(
            f"The state that was kept of run {run} is not of its model: {error}"
        ) from None
    return Trained(model, step)


def state_of_lane(
    model: keras.Model, leaves: list[np.ndarray], n_moments: int, lane: int
) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Trainable values and dropout seeds of a lane, from the leaves of a list of `TrainState`s.

    Each state has the variables, `n_moments` slots for each, the seeds and the step; its
    variables have its lanes as their leading axis.
    """
    n_variables, n_seeds = len(model.trainable_variables), len(model.non_trainable_variables)
    size = n_variables * (1 + n_moments) + n_seeds + 1
    first = 0
    while first + size <= len(leaves):
        variables = leaves[first : first + n_variables]
        if lane < len(variables[0]):
            seeds = leaves[first + size - 1 - n_seeds : first + size - 1]
            return [variable[lane] for variable in variables], seeds
        lane -= len(variables[0])
        first += size
    raise ValueError(f"{len(leaves)} arrays do not hold so many lanes")
