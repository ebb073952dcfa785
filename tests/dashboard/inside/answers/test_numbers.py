"""What is told of numbers that a head predicts."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score


@pytest.fixture
def numbers(script):
    return script(numbers="inside/answers/numbers.js")


def test_numbers_are_told_with_what_is_left_of_their_differences(numbers):
    rng = np.random.default_rng(0)
    true = rng.normal(5, 3, 60)
    given = true + rng.normal(0, 1, 60)
    both = {"true": true.tolist(), "given": given.tolist()}
    off = numbers("numbers.off(given.true, given.given)", **both)
    assert off == pytest.approx(mean_absolute_error(true, given))
    words = numbers("numbers.explained(given.true, given.given)", **both)
    assert f"R² {r2_score(true, given):.3f}" in words
    same = {"true": [2, 2], "given": [1, 3]}
    assert numbers("numbers.explained(given.true, given.given)", **same) == ""
