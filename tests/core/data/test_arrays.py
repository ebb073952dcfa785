"""Axes and labels as people save them: taken where they mean one thing, or else the line to save.

The lines of a refusal are run as they are printed, and what they make must be taken.
"""

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from core import DataError
from core.data import datasets, images, own_data
from tests.own_images import N, as_set, kept, mended, npz, refusal, sample

X, Y = sample()
COLOUR, _ = sample((N, 32, 32, 3))
ONE_HOT = keras.utils.to_categorical(Y)


# Axes


@pytest.mark.parametrize(
    ("other", "images"),
    [
        (COLOUR.transpose(0, 3, 1, 2), COLOUR),  # PyTorch
        (X[:, None], X),
        (COLOUR.transpose(1, 2, 3, 0), COLOUR),  # Matlab, as SVHN has it
        (COLOUR.transpose(3, 1, 2, 0), COLOUR),
        (X.transpose(1, 2, 0), X),
        (X.reshape(N, 72)[:, :64], X.reshape(N, 72)[:, :64].reshape(N, 8, 8)),
        (COLOUR.reshape(N, -1), COLOUR),
    ],
    ids=["NCHW", "N1HW", "HWCN", "CWHN", "HWN", "flat", "flat colour"],
)
def test_axes_in_another_order_are_refused_with_the_line_that_turns_them(tmp_path, other, images):
    added, arrays = mended(tmp_path, x=other, y=Y)
    assert arrays["x"].reshape(images.shape).tolist() == images.tolist()
    assert as_set(*kept(added, tmp_path)) == as_set(images, Y)


def test_flat_images_of_which_all_red_comes_first_have_a_line_of_their_own(tmp_path):
    planes = COLOUR.transpose(0, 3, 1, 2).reshape(N, -1)  # as CIFAR's own files have it
    added, _ = mended(tmp_path, line=1, x=planes, y=Y)
    assert as_set(*kept(added, tmp_path)) == as_set(COLOUR, Y)


@pytest.mark.parametrize("shape", [(N, 3, 32, 32), (N, 1, 28, 28), (N, 4, 8, 9)])
def test_channels_that_come_first_are_not_told_to_be_resized(tmp_path, shape):
    said = refusal(tmp_path, x=np.zeros(shape, np.uint8), y=Y)
    assert f"`x` has the shape {shape}, with channels that come first" in said
    assert "Save `x = x.transpose(0, 2, 3, 1)`." in said
    assert "esize" not in said


def test_what_could_be_channels_first_and_is_good_as_it_is_stays(tmp_path):
    x, y = sample((N, 4, 9, 3))
    added = own_data.add(npz(x=x, y=y), tmp_path)
    assert as_set(*kept(added, tmp_path)) == as_set(x, y)


@pytest.mark.parametrize("shape", [(8, 224, 200, 3), (8, 65, 9)])
def test_images_that_are_too_large_have_a_line_that_makes_them_small(tmp_path, shape):
    x, y = sample(shape)
    every = -(-max(shape[1:3]) // 64)
    added, _ = mended(tmp_path, x=x, y=y % 2)
    assert as_set(*kept(added, tmp_path)) == as_set(x[:, ::every, ::every], y % 2)


def test_large_images_with_channels_first_have_both_lines(tmp_path):
    said = refusal(tmp_path, x=np.zeros((8, 3, 224, 224), np.uint8), y=Y[:8])
    assert "`x = x.transpose(0, 2, 3, 1)`" in said
    assert "`x = x[:, ::4, ::4]`" in said


def test_images_that_no_line_could_save_are_told_without_one(tmp_path):
    assert "too long and narrow" in refusal(tmp_path, x=np.zeros((N, 4, 4000), np.uint8), y=Y)
    said = refusal(tmp_path, x=np.zeros((N, 8, 9, 5), np.uint8), y=Y)
    assert "holds images of 5 channels: expected are 1 to 4, as the last axis" in said


# Labels


def taken(y, folder):
    """What is told of labels that are taken, once they were found to be those of the sample."""
    added = own_data.add(npz(x=X, y=y), folder)
    assert as_set(*kept(added, folder)) == as_set(X, Y)
    return added.told[1:]


@pytest.mark.parametrize(
    "y",
    [
        ONE_HOT,
        ONE_HOT.astype(int),
        ONE_HOT.astype(bool),
        ONE_HOT.astype("f8"),
        ONE_HOT.astype("u1"),
    ],
    ids=["to_categorical", "whole numbers", "bool", "float64", "uint8"],
)
def test_one_hot_labels_are_taken_and_told(tmp_path, y):
    told = ("`y` is one-hot: the column of the 1, 0 to 3, was taken as the class.",)
    assert taken(y, tmp_path) == told


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4"])
def test_whole_numbers_as_floats_are_taken_and_told(tmp_path, dtype):
    told = f"`y` holds whole numbers as {np.dtype(dtype)}; they were taken as classes."
    assert taken((Y + 1).astype(dtype), tmp_path) == (told,)


@pytest.mark.parametrize("shape", [(N, 1), (1, N), (N, 1, 1)])
@pytest.mark.parametrize("dtype", ["u1", "i8", "U1", "S1"])
def test_labels_in_a_column_or_a_row_are_taken_and_told(tmp_path, shape, dtype):
    y = Y.astype(dtype).reshape(shape)
    assert taken(y, tmp_path) == (f"`y` of shape {shape} was taken as (40,).",)


def changed(y, **at):
    """Labels with other rows at some places."""
    y = y.copy()
    for i, row in at.items():
        y[int(i[1:])] = row
    return y


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        (changed(ONE_HOT, _3=[0.1, 0.2, 0, 0.7]), Y),
        (ONE_HOT * 2 - 1, Y),
        (ONE_HOT * 5, Y),
        (changed(ONE_HOT, _5=[1, 1, 0, 0]), changed(Y, _5=0)),
        (ONE_HOT.astype(object).argmax(axis=1).astype(object), Y),
        (np.datetime64("2020-01-01") + Y, Y),
        (Y + 0.5, Y),
    ],
    ids=["shares", "-1 and 1", "0 and 5", "two of them", "objects", "days", "halves"],
)
def test_other_labels_are_refused_with_the_line_that_makes_classes_of_them(tmp_path, y, expected):
    added, _ = mended(tmp_path, x=X, y=y)
    assert as_set(*kept(added, tmp_path)) == as_set(X, expected)


def test_measured_labels_have_a_line_that_makes_classes_of_them(tmp_path):
    measured = np.random.default_rng(1).random(N)
    added, _ = mended(tmp_path, line=1, x=X, y=measured)
    assert as_set(*kept(added, tmp_path)) == as_set(X, (measured > np.median(measured)).astype(int))


def test_one_hot_labels_that_lie_on_their_side_are_stood_up(tmp_path):
    added, arrays = mended(tmp_path, x=X, y=ONE_HOT.T)
    np.testing.assert_array_equal(arrays["y"], ONE_HOT)
    assert as_set(*kept(added, tmp_path)) == as_set(X, Y)


@pytest.mark.parametrize(
    ("y", "place"),
    [
        (changed(ONE_HOT, _5=0), "`y[5]` = [0 0 0 0]"),
        (changed(ONE_HOT, _6=np.nan), "`y[6, 0]` = nan"),
        (changed(Y.astype(float), _7=np.inf), "`y[7]` = inf"),
    ],
)
def test_images_without_a_class_are_named_with_the_line_that_leaves_them_out(tmp_path, y, place):
    said = refusal(tmp_path, x=X, y=y)
    assert place in said
    good = eval(said.split("`good = ")[1].split("`")[0], {"numpy": np, "y": y})
    assert good.tolist() == [i != int(place[3]) for i in range(N)]
    added = own_data.add(npz(x=X[good], y=y[good]), tmp_path)
    assert as_set(*kept(added, tmp_path)) == as_set(X[good], Y[good])


def test_rows_are_counted_and_the_first_is_quoted(tmp_path):
    y = np.zeros((N, 20))
    said = refusal(tmp_path, x=X, y=y)
    assert "So it is not with 40 of 40 rows, the first `y[0]` = [0 0 0 0 0 0 0 0 ...]." in said


@pytest.mark.parametrize(
    ("y", "said"),
    [
        (X, r"has the shape \(40, 8, 9\): expected is \(40,\), one class an image"),
        (
            Y.astype("U1")[:, None].repeat(2, axis=1),
            r"has the shape \(40, 2\): expected is \(40,\)",
        ),
        (np.zeros((N, 0)), r"has the shape \(40, 0\): expected is"),
        (np.array(3), r"has the shape \(\): expected is"),
    ],
)
def test_labels_of_no_such_shape_are_refused(tmp_path, y, said):
    with pytest.raises(DataError, match=said):
        own_data.add(npz(x=X, y=y), tmp_path)


def test_one_hot_labels_that_are_too_large_are_told_to_be_classes(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "LARGEST_ARRAY", 4000)
    with pytest.raises(DataError, match="`y` would take 16,128 bytes unpacked") as refused:
        own_data.add(npz(x=X, y=ONE_HOT.repeat(25, axis=1).astype("f4")), tmp_path)
    assert str(refused.value).endswith("Save `y = y.argmax(axis=1)`.")


# Whatever there is

PIXELS = st.sampled_from(["u1", "i1", "u2", ">i2", "i8", "u8", "f2", "f4", "f8", "?", "c8", "S1"])
LABELS = st.sampled_from(["u1", "i8", "u8", "f4", "f8", "?", "U1", "S2", "c8", "M8[D]"])


@st.composite
def files(draw):
    """The arrays of a file, whole or split, most of them of good shapes."""
    names = draw(st.sampled_from([("",), ("_train", "_test")]))
    pixels, labels = draw(PIXELS), draw(LABELS)
    arrays = {}
    for name in names:
        n = draw(st.integers(0, 9))
        shapes = st.sampled_from([(n, 4, 5), (n, 4, 5, 3), (n, 3, 4, 5), (4, 5, n), (n, 20)])
        arrays[f"x{name}"] = draw(arrays_of.arrays(pixels, draw(shapes)))
        shape = draw(st.sampled_from([(n,), (n,), (n, 1), (n, 2), (2, n), (), (n + 1,)]))
        good = shape == (n,) and draw(st.booleans())
        arrays[f"y{name}"] = np.arange(n) % 2 if good else draw(arrays_of.arrays(labels, shape))
    return arrays


@given(files())
def test_whatever_the_arrays_are_the_answer_is_a_name_or_a_sentence(tmp_path_factory, arrays):
    folder = tmp_path_factory.getbasetemp() / "any"
    try:
        added = own_data.add(npz(**arrays), folder)
    except DataError:
        pass
    else:
        images.load(added.name, folder)


def test_parts_of_one_image_each_are_refused_as_too_few(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {"x_train": rng.normal(size=(1, 4, 4)), "y_train": np.zeros(1, int)}
    arrays |= {"x_test": rng.normal(size=(1, 4, 4)), "y_test": np.ones(1, int)}
    said = refusal(tmp_path, **arrays)
    assert said.startswith("The class '0' has 1 different images to train on")
