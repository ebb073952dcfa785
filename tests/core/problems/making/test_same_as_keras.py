"""What is trained of a compiled model, against `fit` of Keras itself from the same values."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.problems.making.problem import Problem
from core.problems.making.variables import MOVING
from core.run.config import RunConfig
from core.run.weights import LossWeights
from core.training.program import Program
from core.training.state import StepSettings
from tests.core.problems.making.models import MODELS, N, optimizers

STEPS, BATCH = 50, 32


def batches(steps=STEPS):
    rng = np.random.default_rng(3)
    return np.stack([rng.permutation(N)[:BATCH] for _ in range(steps)]).astype(np.int32)


def taken(structure, batch):
    return tf.nest.map_structure(lambda array: array[batch], structure)


class Fit:
    """Keras' `fit(shuffle=False)`, one epoch a step, so that its history is of each batch."""

    def __init__(self, name, optimizer):
        keras.utils.set_random_seed(1)
        self.model, data = MODELS[name](optimizers()[optimizer])
        self.model(taken(data[0], [0]))
        self.history = []
        for batch in batches():
            x, y, *weights = (taken(part, batch) for part in data)
            weights = weights[0] if weights else None
            if optimizer == "Lion":  # of which `fit` makes the model an average at its end
                self.model.reset_metrics()
                told = self.model.train_on_batch(x, y, weights, return_dict=True)
            else:
                told = self.model.fit(
                    x, y, BATCH, sample_weight=weights, shuffle=False, verbose=0
                ).history
            self.history.append({key: float(np.squeeze(value)) for key, value in told.items()})


class Ours:
    """The same by `Program`."""

    def __init__(self, name, optimizer):
        keras.utils.set_random_seed(1)
        self.model, data = MODELS[name](optimizers()[optimizer])
        rate = optimizers()[optimizer].learning_rate
        self.problem = Problem.of(self.model, data, data)
        config = RunConfig(learning_rate=float(rate), batch_size=BATCH)
        self.program = Program(self.problem, config)
        settings = StepSettings.of(LossWeights().complete(self.problem.heads), config)
        begins = self.program.initial_state(0)
        self.state, self.metrics = self.program.train_chunk(begins, settings, batches())


CASES = [
    ("tickets", "SGD"),
    ("tickets", "Adam"),
    ("tickets", "AdamW"),
    ("tickets", "RMSprop"),
    ("normalised", "momentum"),
    ("normalised", "AdamW"),
    ("normalised", "RMSprop"),
    ("subclassed", "SGD"),
    ("subclassed", "Adam"),
    ("subclassed", "Lion"),
    ("weighted", "Adam"),
    ("weighted", "RMSprop"),
]
NAMES = {  # what Keras calls the first metric of a head in its history
    "tickets": {"priority": "accuracy", "department": "accuracy"},
    "normalised": {"score": "mae", "kind": "accuracy"},
    "subclassed": {"dose": "rmse"},
    "weighted": {"dose": "mae", "kind": "accuracy"},
}


@pytest.mark.parametrize(("name", "optimizer"), CASES)
def test_fifty_steps_are_those_of_fit(name, optimizer):
    fit, ours = Fit(name, optimizer), Ours(name, optimizer)
    for place, head in enumerate(ours.problem.heads):
        expected = [told[f"{head.name}_loss"] for told in fit.history]
        np.testing.assert_allclose(ours.metrics[:, 0, place], expected, rtol=1e-4)
        found = ours.metrics[:, 1, place]
        if head.metric is None:
            assert head.name not in NAMES[name]
            assert np.isnan(found).all()
        else:
            expected = [told[f"{head.name}_{NAMES[name][head.name]}"] for told in fit.history]
            np.testing.assert_allclose(found, expected, rtol=1e-4)
    weights = [head.default_weight for head in ours.problem.heads]
    total = ours.metrics[:, 0] @ np.array([*weights, 1.0][: ours.program.columns])
    np.testing.assert_allclose(total, [told["loss"] for told in fit.history], rtol=1e-4)
    trained = fit.model.trainable_variables
    for place, (value, variable) in enumerate(zip(ours.state.variables, trained, strict=True)):
        # The mean that batch normalisation takes away takes this bias along: its gradient is 0 but
        # for rounding, of which an adaptive optimizer makes steps, and no output sees them.
        if name == "normalised" and place == 1:
            assert variable.path.endswith("bias")
            continue
        np.testing.assert_allclose(value, variable.numpy(), rtol=1e-3, atol=1e-5)


def test_averages_of_batch_normalisation_are_those_of_fit():
    fit, ours = Fit("normalised", "momentum"), Ours("normalised", "momentum")
    kinds = zip(ours.problem.kinds, fit.model.non_trainable_variables, strict=True)
    moving = [variable for kind, variable in kinds if kind == MOVING]
    assert [variable.path.split("/")[-1] for variable in moving] == [
        "moving_mean",
        "moving_variance",
    ]
    for value, variable in zip(ours.state.moving, moving, strict=True):
        np.testing.assert_allclose(value, variable.numpy(), rtol=1e-4)
        assert not np.allclose(value, 0)


def test_frozen_layers_stay_as_they_were():
    ours = Ours("normalised", "momentum")
    kernel, bias = ours.state.fixed
    frozen = ours.model.get_layer("frozen")
    np.testing.assert_array_equal(kernel, frozen.kernel.numpy())
    assert len(ours.state.variables) == len(ours.model.trainable_variables) == 8
    assert not bias.numpy().any()


@pytest.mark.parametrize("name", MODELS)
def test_the_model_itself_and_its_optimizer_are_left_as_they_were(name):
    ours = Ours(name, "Adam")
    keras.utils.set_random_seed(1)
    fresh, data = MODELS[name](optimizers()["Adam"])
    fresh(taken(data[0], [0]))
    for one, other in zip(ours.model.variables, fresh.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    assert int(ours.problem.optimizer.iterations.numpy()) == 0
