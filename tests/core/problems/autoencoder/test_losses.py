"""The autoencoder's losses and its metric, against closed forms and draws."""

import math

import numpy as np
import pytest

from core.problems.autoencoder.digits import digits, targets_of
from core.problems.autoencoder.heads import HEADS
from core.problems.autoencoder.losses import normal_divergence, pixel_crossentropy
from core.problems.autoencoder.metrics import active_units, metrics

NOTHING = np.zeros(3, np.float32)


def told(means, variances):
    """An output of one image."""
    return np.float32([[*means, *np.log(variances)]])


@pytest.mark.parametrize(
    ("means", "variances", "expected"),
    [
        ([0, 0, 0], [1, 1, 1], 0),
        ([2, 0], [1, 1], 2),  # mean^2 / 2
        ([0], [math.e], (math.e - 2) / 2),
        ([1, 0], [1, 0.25], 0.5 + (0.25 + math.log(4) - 1) / 2),
    ],
)
def test_the_divergence_worked_by_hand(means, variances, expected):
    assert float(normal_divergence(NOTHING[:1], told(means, variances))[0]) == pytest.approx(
        expected
    )


def test_the_divergence_is_the_mean_difference_of_log_densities_of_draws():
    rng = np.random.default_rng(0)
    mean, deviation = np.array([0.7, -1.2]), np.array([0.5, 1.5])
    draws = mean + deviation * rng.standard_normal((400_000, 2))
    of_told = -((draws - mean) ** 2) / (2 * deviation**2) - np.log(deviation)
    of_normal = -(draws**2) / 2
    differences = (of_told - of_normal).sum(axis=1)
    expected, error = differences.mean(), differences.std() / np.sqrt(len(draws))
    found = float(normal_divergence(NOTHING[:1], told(mean, deviation**2))[0])
    assert found == pytest.approx(expected, abs=4 * error)


def test_the_divergence_does_not_look_at_its_target():
    output = np.random.default_rng(0).normal(size=(3, 8)).astype(np.float32)
    some = normal_divergence(NOTHING, output)
    np.testing.assert_array_equal(some, normal_divergence(NOTHING + 7, output))
    assert some.shape == (3,)


def test_pixels_are_compared_by_binary_cross_entropy_summed_over_the_image():
    rng = np.random.default_rng(0)
    images, output = rng.random((2, 3, 8, 8)).astype(np.float32) * 0.9 + 0.05
    expected = [
        -sum(
            p * math.log(q) + (1 - p) * math.log(1 - q)
            for p, q in zip(image.ravel().tolist(), found.ravel().tolist(), strict=True)
        )
        for image, found in zip(images, output, strict=True)
    ]
    np.testing.assert_allclose(pixel_crossentropy(images, output), expected, rtol=1e-5)


def test_a_unit_is_active_if_its_mean_varies():
    rng = np.random.default_rng(0)
    deviations = np.float32([1, 0.2, 0.05, 0])  # of the means: variances 1, 0.04, 0.0025, 0
    means = rng.standard_normal((500, 4)) * deviations + 3  # where they lie makes no difference
    output = np.concatenate([means, np.zeros((500, 4))], axis=1).astype(np.float32)
    assert float(active_units(np.zeros(500), output)) == 2
    assert float(metrics()["kl"](np.zeros(500), output)) == 2


def test_the_level_of_chance_is_that_of_the_mean_image_and_of_telling_nothing():
    _, validation = digits()
    images = validation.images.astype(float)
    mean = np.clip(images.mean(axis=0), 1e-7, 1 - 1e-7)
    crossentropy = -(images * np.log(mean) + (1 - images) * np.log(1 - mean))
    reconstruction, kl, of_class = HEADS
    assert reconstruction.chance_loss == pytest.approx(crossentropy.sum(axis=(1, 2)).mean(), 1e-4)
    assert reconstruction.chance == pytest.approx(((images - mean) ** 2).mean(), rel=1e-3)
    same = np.broadcast_to(told([0.3] * 4, [1] * 4), (len(images), 8))
    assert float(active_units(np.zeros(len(images)), same)) == kl.chance == 0
    assert (of_class.chance, of_class.chance_loss) == (0.1, math.log(10))


def test_training_and_validation_digits_are_disjoint():
    training, validation = digits()
    assert (len(training), len(validation)) == (1528, 269)
    seen = {image.tobytes() for image in training.images}
    assert not any(image.tobytes() in seen for image in validation.images)
    for part in (training, validation):
        assert part.images.shape[1:] == (8, 8)
        assert (part.images.min(), part.images.max()) == (0, 1)
        assert set(part.labels) == set(range(10))
        targets = targets_of(part)
        assert {len(target) for target in targets.values()} == {len(part)}
