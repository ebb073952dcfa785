"""The reference, `python -m tests.benchmarks.reference`: the same model trained by `Model.fit`.

As a good user writes it: NumPy arrays, shuffled, batches of 64, losses and accuracies by head,
`compile` as it comes (so XLA, wherever Keras chooses it), no progress bar. Questions and answers
are JSON lines. TensorFlow is loaded, and a first model trained, before the first answer.
"""

import json
import math
import os
import sys
import time
from functools import cache

import keras
import numpy as np

from core.problems.autoencoder import problem as autoencoder
from core.problems.detector import problem as detector
from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from core.problems.siamese.model import build_model
from core.problems.siamese.pairs import Pairs, load_dataset
from core.run.config import RunConfig
from tests.core.problems import tickets
from tests.siamese import weighted

DATASET = load_dataset("digits")
NEVER = 10_000  # steps


def arrays(pairs: Pairs):
    """Inputs and labels of `fit`."""
    images = {"img_1": pairs.img_1, "img_2": pairs.img_2}
    return images, [pairs.labels[:, h] for h in range(len(OUTPUTS))]


IMAGES, LABELS = arrays(DATASET.training)


def compiled(config: RunConfig, **options) -> keras.Model:
    """A new model, ready to be fitted."""
    model = build_model(config, DATASET.image_shape)
    model.compile(
        optimizer=keras.optimizers.SGD(config.learning_rate, momentum=config.momentum),
        loss=["sparse_categorical_crossentropy"] * len(OUTPUTS),
        loss_weights=list(weighted().as_tuple()),
        metrics=["accuracy"] * len(OUTPUTS),
        **options,
    )
    return model


def fit(model: keras.Model, config: RunConfig, **options) -> None:
    """Train it."""
    model.fit(IMAGES, LABELS, batch_size=config.batch_size, shuffle=True, verbose=0, **options)


@cache
def warm(trunk: str, steps_per_execution: int):
    """A model that has been through an epoch, so that everything in `fit` is traced."""
    config = RunConfig(trunk=trunk)
    model = compiled(config, steps_per_execution=steps_per_execution)
    fit(model, config)
    return model, config


class Clock(keras.callbacks.Callback):
    """When the first epoch began and the last ended."""

    def on_epoch_begin(self, epoch, logs=None):
        """Note the first."""
        if epoch == 0:
            self.began = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        """Note the last."""
        self.ended = time.perf_counter()


def steps_per_second(trunk: str, steps_per_execution: int = 1, epochs: int = 2) -> float:
    """Steps a second of whole epochs, without what happens before the first."""
    model, config = warm(trunk, steps_per_execution)
    clock = Clock()
    fit(model, config, epochs=epochs, callbacks=[clock])
    steps = epochs * math.ceil(len(DATASET.training) / config.batch_size)
    return steps / (clock.ended - clock.began)


def fit_of(problem: str) -> tuple[keras.Model, tuple, int]:
    """The model of another problem, its training examples and the size of a batch."""
    if problem == "tickets":
        # So many that what `fit` does once an epoch does not count.
        x, y = ({k: np.tile(v, (17, 1)) for k, v in part.items()} for part in tickets.data())
        return tickets.problem().model, (x, y), RunConfig().batch_size
    made = {"detector": detector, "autoencoder": autoencoder}[problem]
    config = RunConfig(problem=problem)
    return made.compiled(config), made.examples(config)[0], config.batch_size


@cache
def warm_fit(problem: str):
    """The same after an epoch, so that everything in `fit` is traced."""
    model, (x, y), batch_size = fit_of(problem)
    model.fit(x, y, batch_size=batch_size, verbose=0)
    return model, x, y, batch_size


def steps_per_second_of(problem: str, epochs: int = 1) -> float:
    """Steps a second of whole epochs of another problem's model."""
    model, x, y, batch_size = warm_fit(problem)
    clock = Clock()
    model.fit(x, y, batch_size=batch_size, epochs=epochs, callbacks=[clock], verbose=0)
    n = len(next(iter(y.values())))
    return epochs * math.ceil(n / batch_size) / (clock.ended - clock.began)


def first_epoch(steps: int) -> float:
    """Seconds from building a model to the end of a first epoch of so many steps."""
    began = time.perf_counter()
    config = RunConfig()
    fit(compiled(config), config, steps_per_epoch=steps)
    return time.perf_counter() - began


def build_and_fit(steps: int) -> float:
    """Seconds from building a model to the end of so many steps, as one setting of a search."""
    began = time.perf_counter()
    config = RunConfig()
    # Two epochs, since one would need more pairs than there are.
    fit(compiled(config), config, epochs=2, steps_per_epoch=steps // 2)
    return time.perf_counter() - began


class StopAt(keras.callbacks.Callback):
    """Ends training once both 100-way heads have validated at least so well."""

    def __init__(self, accuracy: float):
        super().__init__()
        self.accuracy = accuracy
        self.reached = math.inf

    def on_epoch_end(self, epoch, logs=None):
        """Look at the validation."""
        heads = [head.name for head in OUTPUTS if head.classes is None]
        if all(logs[f"val_{head}_accuracy"] >= self.accuracy for head in heads):
            self.reached = time.perf_counter()
            self.model.stop_training = True


def to_accuracy(accuracy: float, seed: int) -> float:
    """Seconds from building a model to that validation accuracy of both 100-way heads.

    It validates on the same pairs after as many steps as ours, the way `fit` has for that:
    `validation_data`, and epochs of so many steps.
    """
    began = time.perf_counter()
    keras.utils.set_random_seed(seed)
    config = RunConfig()
    stop = StopAt(accuracy)
    fit(
        compiled(config),
        config,
        epochs=NEVER // config.eval_interval,
        steps_per_epoch=config.eval_interval,
        validation_data=arrays(DATASET.validation),
        validation_batch_size=len(DATASET.validation),
        callbacks=[stop],
    )
    return stop.reached - began


def main() -> None:
    """Answer questions until there are no more."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    assert tuple(compiled(RunConfig()).output_names) == HEAD_NAMES
    warm("dense", 1)
    answering = (steps_per_second, steps_per_second_of, first_epoch, build_and_fit, to_accuracy)
    functions = {f.__name__: f for f in answering}
    for line in sys.stdin:
        question, arguments = json.loads(line)
        print(json.dumps(functions[question](**arguments)), file=answers)


if __name__ == "__main__":
    main()
