"""Pixels of any type: as uint8 where they mean one thing, or else the line that says what.

The lines of a refusal are run as they are printed, and what they make must be taken.
"""

import numpy as np
import pytest

from core import DataError
from core.data import own_data
from tests.own_images import N, as_set, kept, mended, npz, refusal, sample

X, Y = sample()
X[0, 0, :2] = 0, 255
SHARES = (X / 255).astype("f4")


@pytest.mark.parametrize("dtype", ["i2", "u2", "i4", "u4", "i8", "u8", ">i4"])
def test_whole_numbers_from_0_to_255_are_taken_as_they_are_and_told(tmp_path, dtype):
    added = own_data.add(npz(x=X.astype(dtype), y=Y), tmp_path)
    assert as_set(*kept(added, tmp_path)) == as_set(X, Y)
    told = f"Whole numbers from 0 to 255 of type {np.dtype(dtype)} became uint8."
    assert added.told[1:] == (told,)


def test_of_bool_false_is_black_and_true_is_white(tmp_path):
    added = own_data.add(npz(x=X > 127, y=Y), tmp_path)
    assert as_set(*kept(added, tmp_path)) == as_set(np.where(X > 127, 255, 0).astype("u1"), Y)
    assert added.told[1:] == ("Of bool, False was taken as black and True as white.",)


@pytest.mark.parametrize(
    ("x", "expected"),
    [
        (X.astype("u2") * 257, X),
        (X.astype("u4") * 257, X),
        (X.astype("i4") * 257, X),
        ((X.astype("i2") - 128).astype("i1"), X),
        (X.astype("i8") - 1000, X),
        ((X.astype("i4") * 257 - 32768).astype("i2"), X),
        # 12 bits of 16: white is 4095.
        (X.astype("u2") * 16, np.rint(X.astype(float) * 16 / 4095 * 255)),
    ],
    ids=["uint16", "uint32", "int32", "int8", "negative", "int16", "12 bits"],
)
def test_other_whole_numbers_are_refused_with_an_expression_that_does_not_wrap(
    tmp_path, x, expected
):
    said = refusal(tmp_path, x=x, y=Y)
    assert f"`x` is of type {x.dtype} with values from {x.min()} to {x.max()}: expected are" in said
    added, _ = mended(tmp_path, x=x, y=Y)
    assert as_set(*kept(added, tmp_path)) == as_set(expected.astype("u1"), Y)


def test_levels_of_which_white_may_be_the_greatest_have_a_line_for_that_too(tmp_path):
    x = X.astype("u2") * 3
    added, _ = mended(tmp_path, line=1, x=x, y=Y)
    assert as_set(*kept(added, tmp_path)) == as_set(X, Y)


# Faults


def with_fault(x, value, at=(7, 2, 3)):
    """The images with another value at one place."""
    x = x.copy()
    x[at] = value
    return x


@pytest.mark.parametrize(
    ("x", "clipped"),
    [
        (with_fault(SHARES, 1e6), (0, 1)),
        (with_fault(SHARES, -1e6), (0, 1)),
        (with_fault(SHARES, 37.0), (0, 1)),
        (with_fault(SHARES.astype("f2"), 6e4), (0, 1)),
        (with_fault(SHARES.astype("f8"), 1.7e308), (0, 1)),
        (with_fault(SHARES * 2 - 1, 1e3), (-1, 1)),
        (with_fault(SHARES * 255, 1e5), (0, 255)),
        (with_fault(X.astype("i8"), 70000), (0, 255)),
        (with_fault(X.astype("i2"), -1), (0, 255)),
        (with_fault(X.astype("u2"), 65535), (0, 255)),
    ],
)
def test_one_wild_pixel_is_named_and_does_not_make_the_others_black(tmp_path, x, clipped):
    said = refusal(tmp_path, x=x, y=Y)
    assert "`x[7, 2, 3]` = " in said
    assert "1 of 2,880 values" in said
    assert "in the image x[7]." in said
    assert "class" not in said
    added, arrays = mended(tmp_path, x=x, y=Y)
    np.testing.assert_array_equal(arrays["x"], np.clip(x, *clipped))
    low, high = clipped
    levels = np.rint((np.clip(x, low, high).astype(float) - low) / (high - low) * 255)
    assert as_set(*kept(added, tmp_path)) == as_set(levels.astype("u1"), Y)


@pytest.mark.parametrize(
    "at",
    [
        np.s_[7],  # one image that was not divided by 255
        np.s_[[7, 11]],
        np.s_[:, 2, 3],  # one place of a broken sensor, in each image
        np.s_[:, 2:4, 3],
    ],
)
def test_a_few_wild_images_or_places_are_faults_too(tmp_path, at):
    x = SHARES.copy()
    x[at] = 255 * (0.5 + x[at] / 2)
    said = refusal(tmp_path, x=x, y=Y)
    assert (
        f"{(x > 1).sum():,} of 2,880 values are far from all others, which go from 0 to 1" in said
    )
    n = (x > 1).any(axis=(1, 2)).sum()
    images = {1: "in the image x[7].", 2: "in the 2 images x[7], x[11]."}
    assert images.get(n, "in the 40 images x[0], x[1], x[2]") in said
    assert ("and 30 more." in said) == (n == 40)


@pytest.mark.parametrize("at", [np.s_[7], np.s_[:, 2, 3]])
@pytest.mark.parametrize("dtype", ["i4", "u2", "i8"])
def test_so_are_they_among_whole_numbers(tmp_path, at, dtype):
    x = X.astype(dtype)
    x[at] = 30000
    added, arrays = mended(tmp_path, x=x, y=Y)
    np.testing.assert_array_equal(arrays["x"], np.clip(x, 0, 255))
    assert as_set(*kept(added, tmp_path)) == as_set(np.clip(x, 0, 255).astype("u1"), Y)


def test_a_hot_pixel_among_12_bits_is_named_before_white_is_asked_for(tmp_path):
    x = with_fault(X.astype("u2") * 16, 65535)
    said = refusal(tmp_path, x=x, y=Y)
    assert "1 of 2,880 values are far from all others, which go from 0 to 4080" in said
    exec(said.split("save `")[1].split("`")[0], {"numpy": np}, again := {"x": x})
    added, _ = mended(tmp_path, line=1, x=again["x"], y=Y)
    assert as_set(*kept(added, tmp_path)) == as_set(with_fault(X, 255), Y)


@pytest.mark.parametrize(
    "x",
    [
        SHARES * 255,
        (SHARES - 0.5) * 4,
        np.random.default_rng(0).standard_normal((N, 8, 9)),
        SHARES**4 * 1000,
        np.eye(72).reshape(72, 8, 9)[np.arange(N)] * np.arange(100, 100 + N)[:, None, None],  # dots
        SHARES * np.where(np.arange(N) % 2, 1, 20)[:, None, None],  # some bright, some not
    ],
    ids=["255", "wide", "normal", "power", "dots", "bright and dim"],
)
def test_images_that_are_like_that_are_stretched_as_before(tmp_path, x):
    added = own_data.add(npz(x=x, y=Y), tmp_path)
    levels = np.rint((x - x.min()) / (x.max() - x.min()) * 255)
    stored, _ = kept(added, tmp_path)
    assert {image.tobytes() for image in stored} == {
        image.tobytes() for image in levels.astype("u1")
    }
    told = f"Values from {x.min():g} to {x.max():g} were stretched to black and white."
    assert added.told[1] == told


@pytest.mark.parametrize(
    ("x", "white"),
    [(SHARES, 1), (SHARES * 255, 255)],
)
def test_what_is_no_number_is_named_with_the_line_that_replaces_it(tmp_path, x, white):
    x = with_fault(with_fault(x, np.nan), np.inf, at=9)
    x[11, 1] = -np.inf
    said = refusal(tmp_path, x=x, y=Y)
    assert "`x` holds 82 values that are no finite numbers, the first at `x[7, 2, 3]` = nan" in said
    assert "in the 3 images x[7], x[9], x[11]." in said
    added, _ = mended(tmp_path, x=x, y=Y)
    expected = X.copy()
    expected[7, 2, 3], expected[9], expected[11, 1] = 0, 255, 0
    assert as_set(*kept(added, tmp_path)) == as_set(expected, Y)


@pytest.mark.parametrize("x", [SHARES / 255, X // 16, (X // 16).astype("i8"), (X > 127) * 1])
def test_images_that_are_almost_black_are_taken_and_told(tmp_path, x):
    added = own_data.add(npz(x=x, y=Y), tmp_path)
    (told,) = [one for one in added.told if one.startswith("The images are almost black")]
    again = eval(told.split("`")[1], {"x": x})
    brighter = own_data.add(npz(x=again, y=Y), tmp_path)
    stored, _ = kept(brighter, tmp_path)
    assert (stored.min(), stored.max()) == (0, 255)
    assert not any("black:" in one for one in brighter.told)


def test_parts_of_different_ranges_are_refused_with_the_line_that_mends_it(tmp_path):
    arrays = {"x_train": SHARES[:24], "y_train": Y[:24]}
    arrays |= {"x_test": SHARES[24:] * 255, "y_test": Y[24:]}
    added, _ = mended(tmp_path, **arrays)
    assert as_set(*kept(added, tmp_path)) == as_set(X, Y)


def test_a_fault_in_the_images_to_validate_with_is_named_by_its_array(tmp_path):
    x = with_fault(SHARES, 1e6, at=(30, 2, 3))
    arrays = {"x_train": x[:24], "y_train": Y[:24], "x_test": x[24:], "y_test": Y[24:]}
    assert "`x_test[6, 2, 3]` = 1e+06. They are in the image x_test[6]." in refusal(
        tmp_path, **arrays
    )
    added, _ = mended(tmp_path, **arrays)
    assert as_set(*kept(added, tmp_path)) == as_set(with_fault(X, 255, at=(30, 2, 3)), Y)


@pytest.mark.parametrize("dtype", ["c8", "U1", "M8[D]"])
def test_pixels_that_are_no_numbers_are_refused(tmp_path, dtype):
    with pytest.raises(DataError, match=r"`x` is of type .*: expected are whole numbers from 0 to"):
        own_data.add(npz(x=np.zeros(X.shape, dtype), y=Y), tmp_path)


def test_objects_are_not_read_and_the_line_that_makes_numbers_of_them_is_told(tmp_path):
    row = np.empty(N, object)
    row[:] = list(X)
    for x in (row, X.astype(object)):
        added, _ = mended(tmp_path, x=x, y=Y)
        assert as_set(*kept(added, tmp_path)) == as_set(X, Y)
