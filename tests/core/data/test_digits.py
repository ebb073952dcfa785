"""The digits that come with the program: scikit-learn's, split without a common image."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from core.data.digits import DIGITS, digit_parts, split_digits


@pytest.fixture(scope="module")
def originals():
    return load_digits()


def test_the_file_holds_scikit_learns_digits(originals):
    with np.load(DIGITS, allow_pickle=False) as file:
        assert set(file.files) == {"images", "labels"}
        np.testing.assert_array_equal(file["images"], originals.images)
        np.testing.assert_array_equal(file["labels"], originals.target)
    assert DIGITS.stat().st_size < 60_000


def test_the_split_is_disjoint_whole_and_even(originals):
    training, validation = split_digits(originals.target)
    assert sorted([*training, *validation]) == list(range(1797))
    for digit in range(10):
        of_digit = (originals.target[validation] == digit).sum()
        assert of_digit == pytest.approx(0.15 * (originals.target == digit).sum(), abs=0.5)


def test_no_two_digits_are_the_same_image(originals):
    # Else a validation digit could still have been trained on, under another index.
    assert len({image.tobytes() for image in originals.images}) == 1797


def test_the_parts_are_those_of_the_split_as_grey_levels(originals):
    for part, indices in zip(digit_parts(), split_digits(originals.target), strict=True):
        images, labels = part
        assert images.dtype == np.float32
        np.testing.assert_array_equal(images * 16, originals.images[indices])
        np.testing.assert_array_equal(labels, originals.target[indices])
