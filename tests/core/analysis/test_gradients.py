"""What the heads' gradients say of each other, against `tf.GradientTape` on each head alone."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core import RunConfig
from core.analysis.gradients import (
    columns,
    cosines,
    norms,
    of_shared,
    pairs_of,
    row,
    shares,
)
from core.inside.measurements import Measurements
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.layers import layers_of, trunk_layers
from core.problems.siamese.model import build_model
from core.problems.siamese.pairs import dataset_of
from core.training.batches import BatchOrder
from core.training.state import StepSettings, TrainState
from tests.article import ARTICLE
from tests.siamese import HEADS

WEIGHTS = (1.0, 0.7, 0.5)


def layers(config):
    """Names of all layers."""
    return tuple(layer.name for layer in layers_of(config))


def values_of(grams, weights, config):
    """A measurement by the names of its columns."""
    known = layers_of(config)
    return dict(zip(columns(HEADS, known), row(grams, weights, known), strict=True))


class Reference:
    """Gradients of a model with variables of its own, one head after the other."""

    def __init__(self, config, state: TrainState, batch):
        self.model = build_model(config, config.facts.image_shape)
        for variable, value in zip(self.model.trainable_variables, state.variables, strict=True):
            variable.assign(value)
        pairs = dataset_of(config).training
        self.images = [pairs.img_1[batch], pairs.img_2[batch]]
        self.labels = pairs.labels[batch]

    def of(self, weights) -> dict[str, np.ndarray]:
        """By layer, the flat gradient of the weighted total."""
        with tf.GradientTape() as tape:
            outputs = self.model(self.images)
            total = 0.0
            for head, weight in enumerate(weights):
                if weight:
                    loss = keras.losses.SparseCategoricalCrossentropy()
                    total += weight * loss(self.labels[:, head], outputs[head])
        found = tape.gradient(total, self.model.trainable_variables)
        by_layer = {}
        for variable, gradient in zip(self.model.trainable_variables, found, strict=True):
            value = np.zeros(variable.shape) if gradient is None else gradient.numpy()
            by_layer.setdefault(variable.path.split("/")[-2], []).append(value.ravel())
        return {layer: np.concatenate(parts).astype(float) for layer, parts in by_layer.items()}


@pytest.fixture(scope="module", params=["dense", "conv"])
def measured(request, program_of):
    """Settings, Gram matrices measured after some steps, and what the reference says there."""
    config = RunConfig(trunk=request.param, dropout=0, batch_size=16)
    program = program_of(trunk=request.param, dropout=0, batch_size=16)
    order = BatchOrder(config.training_pairs, config.batch_size, config.seed)
    state = program.initial_state(config.seed)
    settings = StepSettings.of(ARTICLE, config)
    state, _ = program.train_chunk(state, settings, order.batches(0, 5))
    batch = order.batches(5, 1)[0]
    measurements = Measurements(program, config)
    grams, losses = measurements.measure(state, batch)
    # What is computed of the graph is what is known of the network without it.
    assert measurements.layers == layers_of(config)
    return config, grams, losses, Reference(config, state, batch)


def test_the_gram_matrices_are_those_of_a_tape_on_each_head_alone(measured):
    config, grams, _, reference = measured
    alone = [reference.of(one) for one in np.eye(3)]
    assert set(layers(config)) == set(alone[0])
    for layer, gram in zip(layers(config), grams, strict=True):
        rows = np.stack([gradient[layer] for gradient in alone])
        np.testing.assert_allclose(gram, rows @ rows.T, rtol=1e-4, atol=1e-7)
        np.testing.assert_allclose(norms(gram), np.linalg.norm(rows, axis=1), rtol=1e-5, atol=1e-5)
    trunk = [np.concatenate([one[layer] for layer in trunk_layers(config)]) for one in alone]
    found = cosines(of_shared(grams, layers_of(config)))
    for (h, i), cosine in zip(pairs_of(range(3)), found, strict=True):
        expected = trunk[h] @ trunk[i] / np.linalg.norm(trunk[h]) / np.linalg.norm(trunk[i])
        assert cosine == pytest.approx(expected, abs=1e-5)


def test_the_weighted_sum_of_the_heads_gradients_is_that_of_the_total(measured):
    config, grams, _, reference = measured
    total = reference.of(WEIGHTS)
    alone = [reference.of(one) for one in np.eye(3)]
    weights = np.array(WEIGHTS)
    for layer, gram in zip(layers(config), grams, strict=True):
        summed = sum(w * one[layer] for w, one in zip(WEIGHTS, alone, strict=True))
        np.testing.assert_allclose(summed, total[layer], atol=1e-6)
        assert weights @ gram @ weights == pytest.approx(np.sum(total[layer] ** 2), rel=1e-4)
    whole = np.concatenate([total[layer] for layer in trunk_layers(config)])
    for head, share in enumerate(shares(of_shared(grams, layers_of(config)), WEIGHTS)):
        own = np.concatenate([alone[head][layer] for layer in trunk_layers(config)])
        expected = WEIGHTS[head] * own @ whole / (whole @ whole)
        assert share == pytest.approx(expected, abs=1e-5)


def test_a_heads_own_layer_is_reached_by_its_own_loss_alone(measured):
    config, grams, _, _ = measured
    values = values_of(grams, WEIGHTS, config)
    for layer in HEAD_NAMES:
        for head in HEAD_NAMES:
            reached = values[f"layer_norm.{layer}.{head}"] > 0
            assert reached == (layer == head)
    for layer in trunk_layers(config):
        for head in HEAD_NAMES:
            assert values[f"layer_norm.{layer}.{head}"] > 0


def test_the_measured_losses_are_those_of_the_batch(measured):
    _, _, losses, reference = measured
    loss = keras.losses.SparseCategoricalCrossentropy()
    outputs = reference.model(reference.images)
    expected = [loss(reference.labels[:, head], outputs[head]) for head in range(3)]
    np.testing.assert_allclose(losses, expected, rtol=1e-5)


def test_shares_in_closed_form():
    gram = np.diag([4.0, 1.0, 0.0])
    np.testing.assert_allclose(shares(gram, (1, 2, 5)), [0.5, 0.5, 0])
    against = np.array([[4.0, -1, 0], [-1, 1, 0], [0, 0, 1]])
    # g_2 is dragged: w = (1, 0.5, 0), K w = (3.5, -0.5, 0).
    np.testing.assert_allclose(shares(against, (1, 0.5, 0)), [3.5 / 3.25, -0.25 / 3.25, 0])
    assert np.isnan(shares(gram, (0, 0, 3))).all()


def test_what_is_not_defined_is_none():
    config = RunConfig()
    grams = np.zeros((5, 3, 3), np.float32)
    values = values_of(grams, (1, 1, 1), config)
    assert values["norm.bin_out"] == 0
    assert values["share.bin_out"] is None
    assert values["cosine.ctg_out_1.bin_out"] is None
    assert values["layer_cosine.hidden.ctg_out_1.ctg_out_2"] is None


@pytest.mark.parametrize("trunk", ["dense", "conv"])
def test_the_layers_are_those_of_the_model(trunk):
    config = RunConfig(trunk=trunk)
    model = build_model(config, config.facts.image_shape)
    paths = [variable.path.split("/")[-2] for variable in model.trainable_variables]
    assert layers(config) == tuple(dict.fromkeys(paths))
