"""Pairs of images: which there are, how hard they are, and in which order they are trained on."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from core import RunConfig, RunState
from core.data import own_data
from core.data.digits import split_digits
from core.problems.siamese.class_pairs import class_pairs, nearest_classes
from core.problems.siamese.noise import add_label_noise, add_noise
from core.problems.siamese.pairs import dataset_of, digit_pairs, load_dataset
from core.run.config import EVALUATION_PAIRS
from core.training.batches import BatchOrder

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


# How hard they are


def pairs_of(**settings):
    return dataset_of(RunConfig(**settings))


@pytest.fixture(scope="module")
def default():
    return pairs_of()


def is_equal(one, other):
    return all(
        np.array_equal(a, b) for a, b in zip(*(vars(x).values() for x in (one, other)), strict=True)
    )


@pytest.mark.parametrize(
    "settings",
    [{"training_pairs": 200}, {"same_share": 0.1}, {"label_noise": 0.3}],
    ids=str,
)
def test_validation_stays_the_same_whatever_is_trained_on(default, settings):
    dataset = pairs_of(**settings)
    assert is_equal(dataset.validation, default.validation)
    assert not is_equal(dataset.training, default.training)
    assert len(dataset.training) == settings.get("training_pairs", 20_000)


@pytest.mark.parametrize("share", [0.05, 0.1, 0.3, 0.7, 0.95])
def test_the_share_of_same_pairs_is_that_and_evenly_mixed(share):
    same = pairs_of(training_pairs=1000, same_share=share).training.labels[:, 2]
    assert same.sum() == round(1000 * share)
    for start in range(0, 1000, 100):
        assert same[start : start + 100].sum() == pytest.approx(100 * share, abs=1)


@pytest.mark.parametrize("share", [0, 0.5, 1])
def test_the_share_of_hard_pairs_holds_in_training_and_validation(share):
    dataset = pairs_of(hard_share=share)
    for pairs in (dataset.training, dataset.validation):
        one, two, same = pairs.labels.T
        hard = ((one // 10 == two // 10) ^ (one % 10 == two % 10))[same == 0]
        # Of the others, 18 of 99 numbers happen to be so near.
        expected = share + (1 - share) * 18 / 99
        assert hard.mean() == pytest.approx(expected, abs=4 * np.sqrt(0.25 / len(hard)))


def test_image_noise_has_the_deviation_that_is_asked_for_and_stays_in_range(default):
    noisy = pairs_of(image_noise=0.1)
    for part in PARTS:
        for name in ("img_1", "img_2"):
            before, after = (getattr(getattr(d, part), name) for d in (default, noisy))
            assert (after.min(), after.max()) == (0, 1)
            inside = (before > 0.4) & (before < 0.6)  # where hardly anything is cut off
            assert (after - before)[inside].std() == pytest.approx(0.1, rel=0.02)
        assert np.array_equal(getattr(noisy, part).labels, getattr(default, part).labels)
    assert not np.array_equal(noisy.training.img_1[0], noisy.training.img_2[0])


def test_noise_on_bytes_is_that_on_floats():
    grey = np.full((3000, 5, 5, 1), 0.5, np.float32)
    levels = np.full((3000, 5, 5, 1), 128, np.uint8)
    add_noise(grey, 0.2, np.random.default_rng(0))
    add_noise(levels, 0.2, np.random.default_rng(0))
    np.testing.assert_allclose(levels / 255, grey, atol=0.005)


@given(st.integers(10, 500), st.floats(0, 0.5), st.integers(2, 100))
def test_wrong_labels_are_as_many_as_asked_for_and_all_wrong(n, share, n_classes):
    rng = np.random.default_rng(n)
    labels = np.stack([rng.integers(k, size=n) for k in (n_classes, n_classes, 2)], axis=1)
    noisy = labels.copy()
    add_label_noise(noisy, n_classes, share, rng)
    assert ((noisy != labels).sum(axis=0) == round(share * n)).all()
    assert noisy.min() >= 0
    assert (noisy.max(axis=0) < [n_classes, n_classes, 2]).all()


# Pairs of other images


@pytest.fixture(scope="module")
def classes():
    """Labels of 7 classes of 5 to 11 images, in no order."""
    labels = np.repeat(np.arange(7), np.arange(5, 12))
    return np.random.default_rng(3).permutation(labels).astype(np.int32)


def test_pairs_have_their_images_classes_and_the_same_class_has_two_images(classes):
    near = np.array([1, 0, 3, 2, 5, 6, 5])
    first, second, labels = class_pairs(classes, 5000, np.random.default_rng(0), near, 0.4, 0.6)
    np.testing.assert_array_equal(classes[first], labels[:, 0])
    np.testing.assert_array_equal(classes[second], labels[:, 1])
    same = labels[:, 0] == labels[:, 1]
    np.testing.assert_array_equal(labels[:, 2], same)
    assert same.sum() == 2000
    assert (first != second).all()
    hard = (near[labels[:, 0]] == labels[:, 1])[~same]
    # Of the others, 1 of 6 classes happens to be the nearest.
    assert hard.mean() == pytest.approx(0.6 + 0.4 / 6, abs=4 * np.sqrt(0.25 / 3000))
    # Classes come up equally often, and so do the images of a class.
    counts = np.bincount(labels[:, 0])
    assert abs(counts - 5000 / 7).max() < 5 * np.sqrt(5000 / 7)
    for used in (first, second):
        of_one = np.bincount(used, minlength=len(classes))[classes == 0]
        assert of_one.min() > 0.5 * of_one.mean()


def test_the_nearest_class_is_the_one_of_the_nearest_mean_image():
    grey = np.array([0, 10, 100, 130, 250], np.uint8)
    labels = np.repeat(np.arange(5), 20)
    images = (
        np.random.default_rng(0).integers(0, 5, (100, 4, 4, 1)) + grey[labels][:, None, None, None]
    )
    expected = [1, 0, 3, 2, 3]  # by hand: 10 is next to 0, and 130 to 250
    assert nearest_classes(images, labels).tolist() == expected


def test_other_images_make_pairs_of_bytes_and_no_image_is_in_both_parts(tmp_path):
    rng = np.random.default_rng(1)
    x, y = rng.integers(256, size=(90, 8, 8, 3), dtype=np.uint8), np.arange(90) % 3
    file = io.BytesIO()
    np.savez(file, x=x, y=y)
    name = own_data.add(file, tmp_path, "noise").name
    config = RunConfig(dataset=name, training_pairs=400)
    dataset = dataset_of(config, tmp_path)
    assert dataset.image_shape == (8, 8, 3)
    assert (len(dataset.training), len(dataset.validation)) == (400, EVALUATION_PAIRS)
    label_of = {image.tobytes(): label for image, label in zip(x, y, strict=True)}
    seen = []
    for pairs in (dataset.training, dataset.validation):
        assert pairs.img_1.dtype == np.uint8
        assert pairs.labels[:, 2].mean() == 0.5
        for column, images in enumerate((pairs.img_1, pairs.img_2)):
            read = [label_of[image.tobytes()] for image in images]
            np.testing.assert_array_equal(pairs.labels[:, column], read)
        seen.append({i.tobytes() for i in (*pairs.img_1, *pairs.img_2)})
    assert not seen[0] & seen[1]
    more = dataset_of(config.model_copy(update={"training_pairs": 100}), tmp_path)
    assert is_equal(more.validation, dataset.validation)


def test_few_pairs_and_no_dropout_are_learned_by_heart_and_many_are_not(engine):
    gaps = {}
    for n in (200, 20_000):
        # At the default rate, what 200 pairs come to hangs on rounding: the loss leaps up again.
        config = RunConfig(training_pairs=n, dropout=0, steps=600, learning_rate=0.02)
        run = engine.start(config)
        assert engine.wait(run, 60).state is RunState.FINISHED
        last = engine.store.last_validated(run)
        gaps[n] = last.val_loss["ctg_out_1"] - last.loss["ctg_out_1"]
        assert last.accuracy["ctg_out_1"] > 0.6
    assert gaps[200] > 2  # nats; a guess costs ln 100 = 4.6
    assert gaps[20_000] < 0.5


def test_wrong_labels_hold_training_back_and_not_validation(engine):
    run = engine.start(RunConfig(label_noise=0.4, steps=800))
    assert engine.wait(run, 60).state is RunState.FINISHED
    last = engine.store.last_validated(run)
    assert last.accuracy["ctg_out_1"] < 0.65  # 0.6 of the labels are right
    assert last.val_accuracy["ctg_out_1"] > 0.8


# The order of the batches

ORDERS = st.builds(
    BatchOrder, n_examples=st.integers(1, 60), batch_size=st.integers(1, 20), seed=st.integers(0, 9)
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
