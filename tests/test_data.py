"""Pairs of two-digit numbers, and the order in which they are trained on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from core.config import EVALUATION_PAIRS
from core.data import DIGITS, BatchOrder, digit_pairs, load_dataset, split_digits

PARTS = ["training", "validation"]
LABELS = {
    "training": [[87, 87, 1], [26, 22, 0], [25, 25, 1]],
    "validation": [[10, 10, 1], [12, 90, 0], [92, 92, 1]],
}


@pytest.fixture(scope="module")
def originals():
    return load_digits()


@pytest.fixture(scope="module")
def digits_of_parts(originals):
    """Of each part, the original digits as a set of bytes and their labels."""
    parts = zip(PARTS, split_digits(originals.target), strict=True)
    return {name: (originals.images[i], originals.target[i]) for name, i in parts}


def halves(images):
    """The left and right digit of images (N, 8, 16, 1), in the originals' 0..16."""
    return images[:, :, :8, 0] * 16, images[:, :, 8:, 0] * 16


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


@pytest.mark.parametrize("part", PARTS)
def test_pairs_are_made_of_their_own_parts_digits_with_the_right_labels(part, digits_of_parts):
    images, targets = digits_of_parts[part]
    label_of = {
        image.astype(np.float32).tobytes(): target
        for image, target in zip(images, targets, strict=True)
    }
    pairs = getattr(load_dataset("digits"), part)
    for column, number_images in enumerate([pairs.img_1, pairs.img_2]):
        tens, ones = halves(number_images)
        # A digit of the other part would be a KeyError.
        read = [
            10 * label_of[left.tobytes()] + label_of[right.tobytes()]
            for left, right in zip(tens, ones, strict=True)
        ]
        np.testing.assert_array_equal(pairs.labels[:, column], read)
    same = pairs.labels[:, 0] == pairs.labels[:, 1]
    np.testing.assert_array_equal(pairs.labels[:, 2], same)


@pytest.mark.parametrize(("part", "n"), [("training", 20_000), ("validation", EVALUATION_PAIRS)])
def test_shapes_types_and_ranges(part, n):
    pairs = getattr(load_dataset("digits"), part)
    assert len(pairs) == n
    for images in (pairs.img_1, pairs.img_2):
        assert images.shape == (n, 8, 16, 1)
        assert images.dtype == np.float32
        assert (images.min(), images.max()) == (0, 1)
    assert pairs.labels.shape == (n, 3)
    assert pairs.labels.dtype == np.int32
    assert load_dataset("digits").image_shape == (8, 16, 1)


@pytest.mark.parametrize("part", PARTS)
def test_half_the_pairs_are_the_same_number_and_many_others_differ_in_one_digit(part):
    labels = getattr(load_dataset("digits"), part).labels
    assert labels[:, 2].mean() == 0.5
    different = labels[labels[:, 2] == 0]
    in_tens = different[:, 0] // 10 != different[:, 1] // 10
    in_ones = different[:, 0] % 10 != different[:, 1] % 10
    hard = in_tens ^ in_ones
    # Half are made so; of the others, 18 of 99 numbers happen to be so near.
    expected = 0.5 + 0.5 * 18 / 99
    assert hard.mean() == pytest.approx(expected, abs=4 * np.sqrt(0.25 / len(hard)))
    # Neither digit alone gives the answer away.
    for one in (in_tens, in_ones):
        assert (hard & one).sum() == pytest.approx(hard.sum() / 2, abs=2 * np.sqrt(hard.sum()))


def test_the_same_number_is_written_by_different_hands():
    pairs = load_dataset("digits").training
    same = pairs.labels[:, 2] == 1
    identical = (pairs.img_1[same] == pairs.img_2[same]).all(axis=(1, 2, 3))
    assert identical.mean() < 0.001


def test_every_number_comes_up():
    dataset = load_dataset("digits")
    for column in (0, 1):
        counts = np.bincount(dataset.training.labels[:, column], minlength=100)
        # 20,000 draws of 100: 200 each, with a standard deviation of 14.
        assert abs(counts - 200).max() < 5 * 14.1
        assert len(np.unique(dataset.validation.labels[:, column])) > 95


def test_the_pairs_are_the_same_in_every_process():
    # Runs are compared across processes, so what is drawn is written down here.
    dataset = load_dataset("digits")
    assert dataset.training.labels[:3].tolist() == LABELS["training"]
    assert dataset.validation.labels[:3].tolist() == LABELS["validation"]


def test_another_generator_makes_other_pairs():
    images, labels = np.random.default_rng(0).random((40, 8, 8)), np.arange(40) % 10
    one, two = (digit_pairs(images, labels, 100, np.random.default_rng(seed)) for seed in (1, 2))
    assert (one.labels[:, 0] != two.labels[:, 0]).mean() > 0.9


def test_an_unknown_dataset_is_refused():
    with pytest.raises(ValueError, match=r"'faces'.*Allowed: 'digits', 'mnist'"):
        load_dataset("faces")


# The order of the batches

ORDERS = st.builds(
    BatchOrder, n_pairs=st.integers(1, 60), batch_size=st.integers(1, 20), seed=st.integers(0, 9)
)


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 2**31 - 1))
def test_every_epoch_takes_each_pair_once(n_pairs, batch_size, seed):
    n_steps = -(-3 * n_pairs // batch_size)
    indices = BatchOrder(n_pairs, batch_size, seed).batches(0, n_steps).ravel()
    for epoch in range(3):
        assert sorted(indices[epoch * n_pairs : (epoch + 1) * n_pairs]) == list(range(n_pairs))


@given(ORDERS, st.integers(0, 50), st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_the_batches_are_the_same_however_they_are_cut_up(order, first, cuts):
    whole = order.batches(first, sum(cuts))
    parts, step = [], first
    for n in cuts:
        parts.append(order.batches(step, n))
        step += n
    np.testing.assert_array_equal(whole, np.concatenate(parts))
    assert whole.dtype == np.int32


def test_the_seed_settles_the_order():
    one, again, other = (BatchOrder(1000, 64, seed).batches(0, 40) for seed in (5, 5, 6))
    np.testing.assert_array_equal(one, again)
    assert (one != other).mean() > 0.9
    epochs = one.ravel()[:2000].reshape(2, 1000)
    assert (epochs[0] != epochs[1]).mean() > 0.9


def test_going_back_gives_what_was_given_before():
    order = BatchOrder(100, 7, 0)
    before = order.batches(3, 5)
    order.batches(900, 5)
    np.testing.assert_array_equal(order.batches(3, 5), before)
