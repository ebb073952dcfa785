"""What training minimises, against NumPy, Keras and scikit-learn."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, log_loss

from core.problems.making.total import weighted_total
from core.problems.siamese.heads import OUTPUTS
from core.problems.siamese.losses import head_accuracies, head_losses

CLASSES = [head.n_classes(100) for head in OUTPUTS]


@pytest.fixture
def batch():
    """Labels (64, 3) and softmax outputs that are right about half the time."""
    rng = np.random.default_rng(0)
    labels = np.stack([rng.integers(n, size=64) for n in CLASSES], axis=1).astype(np.int32)
    outputs = []
    for h, n in enumerate(CLASSES):
        logits = rng.normal(size=(64, n))
        logits[np.arange(64), labels[:, h]] += 3 * rng.integers(0, 2, size=64)
        outputs.append((np.exp(logits) / np.exp(logits).sum(1, keepdims=True)).astype(np.float32))
    return labels, outputs


def test_head_losses_are_mean_cross_entropies(batch):
    labels, outputs = batch
    losses = tf.stack(head_losses(labels, outputs))
    assert losses.shape == (3,)
    assert losses.dtype == tf.float32
    for h, n in enumerate(CLASSES):
        by_numpy = -np.log(outputs[h][np.arange(64), labels[:, h]]).mean()
        by_scikit_learn = log_loss(labels[:, h], outputs[h], labels=range(n))
        by_keras = keras.losses.CategoricalCrossentropy()(np.eye(n)[labels[:, h]], outputs[h])
        for expected in (by_numpy, by_scikit_learn, float(by_keras)):
            assert float(losses[h]) == pytest.approx(expected, rel=1e-5)


def test_a_head_that_knows_nothing_scores_the_logarithm_of_its_classes():
    labels = np.zeros((5, 3), np.int32)
    outputs = [np.full((5, n), 1 / n, np.float32) for n in CLASSES]
    np.testing.assert_allclose(head_losses(labels, outputs), np.log(CLASSES), rtol=1e-6)


def test_a_sure_and_wrong_head_scores_a_finite_loss():
    labels = np.zeros((1, 3), np.int32)
    outputs = [np.eye(n, dtype=np.float32)[[1]] for n in CLASSES]
    # Keras clips probabilities at its epsilon, 1e-7.
    np.testing.assert_allclose(head_losses(labels, outputs), [-np.log(1e-7)] * 3, rtol=1e-5)


def test_nothing_but_nan_comes_of_nan():
    labels = np.zeros((2, 3), np.int32)
    outputs = [np.full((2, n), np.nan, np.float32) for n in CLASSES]
    assert np.isnan(head_losses(labels, outputs)).all()


def test_head_accuracies_are_scikit_learns(batch):
    labels, outputs = batch
    accuracies = head_accuracies(labels, outputs)
    expected = [accuracy_score(labels[:, h], outputs[h].argmax(axis=1)) for h in range(3)]
    assert 0.2 < min(expected) < max(expected) < 1
    np.testing.assert_allclose(accuracies, expected, rtol=1e-6)


@given(st.tuples(*[st.floats(0, 16)] * 3), st.tuples(*[st.floats(0, 1000)] * 3))
def test_the_total_is_the_weighted_sum(losses, weights):
    total = weighted_total(np.float32(losses), np.float32(weights))
    assert total.shape == ()
    assert float(total) == pytest.approx(float(np.dot(losses, weights)), rel=1e-5, abs=1e-30)


def test_the_weights_are_not_normalised():
    losses, weights = np.float32([4.6, 4.5, 0.7]), np.float32([1, 1, 0.5])
    assert float(weighted_total(losses, weights)) == pytest.approx(9.45)
    assert float(weighted_total(losses, 2 * weights)) == pytest.approx(18.9)


@pytest.mark.parametrize("shape", [(), (2,), (4,), (1, 3), (3, 1)])
def test_weights_of_another_shape_are_refused_with_both_shapes(shape):
    with pytest.raises(ValueError, match="one loss weight a head") as told:
        weighted_total(np.ones(3, np.float32), np.ones(shape, np.float32))
    assert "head_losses has shape (3,)" in str(told.value)
    assert f"loss_weights {tf.TensorShape(shape)}." in str(told.value)
