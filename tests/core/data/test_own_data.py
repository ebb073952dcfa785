"""Images of one's own: what is taken, and what is refused in which words."""

import os
import re
import subprocess
import sys
import zipfile
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from core import DataError, RunConfig
from core.data import datasets, images, own_data
from core.places import PROJECT
from tests.own_images import N, as_set, kept, npz, refusal, sample

# What is taken


@pytest.mark.parametrize("channels", [None, 1, 3, 4])
def test_images_are_kept_as_they_are_under_a_name_that_says_what_they_are(tmp_path, channels):
    shape = (N, 8, 9) if channels is None else (N, 8, 9, channels)
    x, y = sample(shape)
    added = own_data.add(npz(x=x, y=y, note=np.zeros(3)), tmp_path)
    assert re.fullmatch(rf"mine-4c-8x9x{channels or 1}-[0-9a-f]{{10}}", added.name)
    assert added.told == (f"40 images of 4 classes were added as {added.name}.",)
    assert as_set(*kept(added, tmp_path)) == as_set(x, y)
    assert RunConfig(dataset=added.name).facts.image_shape == (8, 9, channels or 1)
    again = own_data.add(npz(x=x, y=y), tmp_path)
    assert again == added
    other = own_data.add(npz(x=255 - x, y=y), tmp_path)
    assert other.name != added.name


@pytest.mark.parametrize(
    "labels",
    [
        np.array(["ann", "Bob", "cy", "dé"]),
        np.array([b"a", b"b", b"c", b"d"]),
        np.array([-7, 0, 3, 2**60]),
        np.array([0, 1, 2, 3], ">u2"),
    ],
    ids=["text", "bytes", "whole numbers", "big-endian"],
)
def test_labels_are_whole_numbers_or_strings_and_count_in_their_order(tmp_path, labels):
    x, y = sample()
    added = own_data.add(npz(x=x, y=labels[y]), tmp_path)
    order = np.argsort(labels)
    assert as_set(*kept(added, tmp_path)) == as_set(x, np.argsort(order)[y])


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4"])
def test_floats_from_0_to_1_have_256_levels(tmp_path, dtype):
    x, y = sample()
    added = own_data.add(npz(x=(x / 255).astype(dtype), y=y), tmp_path)
    assert as_set(*kept(added, tmp_path)) == as_set(x, y)
    assert len(added.told) == 1


def test_other_floats_are_stretched_and_that_is_told(tmp_path):
    x, y = sample()
    x[0, 0, 0], x[0, 0, 1] = 0, 255
    added = own_data.add(npz(x=x / 127.5 - 1, y=y), tmp_path)
    assert added.told[1] == "Values from -1 to 1 were stretched to black and white."
    assert as_set(*kept(added, tmp_path)) == as_set(x, y)


def test_images_in_fortran_order_are_not_turned(tmp_path):
    x, y = sample()
    added = own_data.add(npz(x=np.asfortranarray(x), y=y), tmp_path)
    assert added.name == own_data.add(npz(x=x, y=y), tmp_path).name


def test_no_image_is_in_training_and_in_validation_even_if_it_was_there_twice(tmp_path):
    x, y = sample()
    added = own_data.add(npz(x=np.concatenate([x, x[:8]]), y=np.concatenate([y, y[:8]])), tmp_path)
    assert added.told[1] == "8 images were there more than once; each is used once."
    training, validation = images.load(added.name, tmp_path)
    assert not {i.tobytes() for i in training.images} & {i.tobytes() for i in validation.images}
    assert len(training.images) + len(validation.images) == N
    for part in (training, validation):
        assert np.bincount(part.labels).min() >= 2


def test_an_image_under_two_classes_is_left_out_and_told_with_both(tmp_path):
    x, y = sample()
    names = np.array(["ann", "Bob", "cy", "dé"])
    again = np.concatenate([x, x[:3], x[20:22]])  # three of another class, and two of the same
    labels = names[np.concatenate([y, y[1:4], y[20:22]])]
    added = own_data.add(npz(x=again, y=labels), tmp_path)
    assert added.told[1:] == (
        "2 images were there more than once; each is used once.",
        "6 images show the same under more than one class, and were left out, since which is right "
        "cannot be known: x[0] as 'ann' and x[40] as 'Bob'; x[1] as 'Bob' and x[41] as 'cy'; "
        "x[2] as 'cy' and x[42] as 'dé'.",
    )
    order = np.argsort(np.argsort(names))
    assert as_set(*kept(added, tmp_path)) == as_set(x[3:], order[y[3:]])


def test_of_many_images_under_two_classes_ten_are_named(tmp_path):
    x, y = sample()
    said = refusal(tmp_path, x=np.concatenate([x, x[:25]]), y=np.concatenate([y, y[:25] + 1]))
    assert said.startswith("The class '0' has 3 different images")
    assert "50 images show the same under more than one class" in said
    assert "x[9] as '1' and x[49] as '2'; and 15 more." in said
    assert "x[10]" not in said


# Split as it came

FOUR = ("x_train", "y_train", "x_test", "y_test")


def split_sample(**changes):
    """The arrays of a file that comes split; and others in place of some."""
    x, y = sample((N, 8, 9, 3))
    return dict(zip(FOUR, (x[:24], y[:24], x[24:], y[24:]), strict=True)) | changes


def parts_of(added, folder):
    """Training and validation images, each with their labels, in no order."""
    return [as_set(part.images, part.labels) for part in images.load(added.name, folder)]


def test_what_comes_split_as_keras_has_it_stays_split(tmp_path):
    x, y = sample((N, 8, 9, 3))
    added = own_data.add(npz(**split_sample()), tmp_path)
    assert re.fullmatch(r"mine-4c-8x9x3-[0-9a-f]{10}", added.name)
    assert added.told[1:] == ("As it is split, x_train is to train on, x_test to validate with.",)
    assert parts_of(added, tmp_path) == [as_set(x[:24], y[:24]), as_set(x[24:], y[24:])]
    assert datasets.own_names(tmp_path) == [added.name]
    # Split otherwise, or not at all, it is another dataset.
    other = dict(zip(FOUR, (x[24:], y[24:], x[:24], y[:24]), strict=True))
    whole = own_data.add(npz(x=x, y=y), tmp_path).name
    assert len({added.name, whole, own_data.add(npz(**other), tmp_path).name}) == 3
    assert own_data.add(npz(**split_sample()), tmp_path) == added


def test_an_image_to_train_on_is_not_validated_with_though_the_file_has_it_in_both(tmp_path):
    x, y = sample((N, 8, 9, 3))
    leaks = split_sample(
        x_train=np.concatenate([x[:24], x[:1]]),
        y_train=np.concatenate([y[:24], y[:1]]),
        x_test=np.concatenate([x[24:], x[:5], x[8:9]]),
        y_test=np.concatenate([y[24:], y[:5], y[9:10]]),
    )
    added = own_data.add(npz(**leaks), tmp_path)
    assert added.told[2:] == (
        "6 images were there more than once; each is used once.",
        "Of these, 5 to validate with are trained on, and on that alone.",
        "2 images show the same under more than one class, and were left out, since which is right "
        "cannot be known: x_train[8] as '0' and x_test[21] as '1'.",
    )
    training = np.delete(np.arange(24), 8)
    assert parts_of(added, tmp_path) == [as_set(x[training], y[training]), as_set(x[24:], y[24:])]


def test_both_parts_are_read_by_one_scale_and_one_order_of_classes(tmp_path):
    x, y = sample((N, 8, 9, 3))
    x[0, 0, 0, 0], x[0, 0, 0, 1] = 0, 255
    names = np.array([b"z", b"y", b"x", b"w"])
    changes = {
        "x_train": x[:24] / 127.5 - 1,
        "x_test": (x[24:] / 127.5 - 1) / 2,  # grey
        "y_train": names[y[:24], None],
        "y_test": names.astype(str)[y[24:]],
    }
    added = own_data.add(npz(**changes), tmp_path)
    grey = np.rint(((x[24:] / 127.5 - 1) / 2 + 1) / 2 * 255).astype(np.uint8)
    expected = [as_set(x[:24], 3 - y[:24]), as_set(grey, 3 - y[24:])]
    assert parts_of(added, tmp_path) == expected


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"x_test": np.zeros((16, 8, 8, 3), np.uint8)}, r"`x_test` \(16, 8, 8, 3\): expected are"),
        (
            {"x_test": np.zeros((0, 8, 9, 3), np.uint8), "y_test": np.zeros(0, int)},
            "some images in",
        ),
        (
            {"y_test": np.arange(24, 40) % 3},
            r"'3' has 0 different images to validate with: expected",
        ),
        ({"y_train": np.arange(24) % 3}, r"'3' has 0 different images to train on: .* 2 or more\."),
        ({"y_test": np.array(["a", "b"] * 8)}, "one holds strings and one numbers"),
        (
            {"x_test": np.zeros((16, 8, 9, 3))},
            r"`x_train` of type uint8 and `x_test` of type float",
        ),
        ({"y_test": np.arange(15) % 4}, "`x_test` holds 16 images and `y_test` 15 labels"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(tmp_path, changes, said):
    with pytest.raises(DataError, match=said):
        own_data.add(npz(**split_sample(**changes)), tmp_path)


def test_names_of_keras_are_taken_all_or_none(tmp_path):
    arrays = split_sample()
    del arrays["y_test"]
    with pytest.raises(DataError, match=r"has x_train, y_train, x_test: expected are all of x_tra"):
        own_data.add(npz(**arrays), tmp_path)
    x, y = sample()
    added = own_data.add(npz(**split_sample(), X=x, y=y), tmp_path)
    assert added.told[1:] == ("Left out: x_train, y_train, x_test, y_test.",)
    assert as_set(*kept(added, tmp_path)) == as_set(x, y)


def test_both_parts_together_must_not_be_too_many_or_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "MOST_IMAGES", 39)
    with pytest.raises(DataError, match="`x_train` and `x_test` holds 40 images; at most 39"):
        own_data.add(npz(**split_sample()), tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(datasets, "LARGEST_ARRAY", 8000)
    with pytest.raises(DataError, match="`x_train` and `x_test` would take 8,896 bytes unpacked"):
        own_data.add(npz(**split_sample()), tmp_path)


@given(st.lists(st.integers(4, 50), min_size=2, max_size=8))
def test_a_split_leaves_two_images_of_each_class_on_both_sides(counts):
    labels = np.repeat(np.arange(len(counts)), counts)
    training, validation = images.split(labels)
    assert sorted([*training, *validation]) == list(range(len(labels)))
    of_validation = np.bincount(labels[validation], minlength=len(counts))
    for n, cut in zip(counts, of_validation, strict=True):
        assert 2 <= cut <= n - 2
        assert cut == pytest.approx(max(2, 0.15 * n), abs=0.5)


# What is refused

X, Y = sample()
AT_NAN = X.astype(np.float32)
AT_NAN[7, 2, 3] = np.nan


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"x": X}, r"has no array `y`; it has: x\. Save it with numpy\.savez"),
        ({"images": X, "y": Y}, r"has no array `x`; it has: images, y\."),
        ({"x": X.astype(object), "y": Y}, r"`x` holds Python objects, which are not read"),
        ({"x": X, "y": Y.astype(object)}, r"`y` holds Python objects.*y\.astype\(str\)"),
        ({"x": X.astype(complex), "y": Y}, r"`x` is of type complex128"),
        ({"x": X[0], "y": Y}, r"`x` has the shape \(8, 9\): expected \(N, height, width\)"),
        ({"x": X[:, :3], "y": Y}, r"`x` holds images of 3x9 pixels: expected are 4 to 64 a side"),
        ({"x": np.zeros((9, 65, 9), np.uint8), "y": Y[:9]}, r"of 65x9 pixels.*Resize them"),
        ({"x": np.zeros((9, 9, 9, 5), np.uint8), "y": Y[:9]}, r"of 5 channels.*transpose"),
        ({"x": X, "y": Y[:-1]}, r"`x` holds 40 images and `y` 39 labels"),
        ({"x": X, "y": Y.astype(complex)}, r"`y` is of type complex128: expected whole numbers or"),
        ({"x": X, "y": np.zeros(N, "U0")}, r"`y` is of type <U0|name 1 classes"),
        ({"x": X, "y": Y * 0}, r"The labels name 1 classes: expected are 2 to 1,000"),
        ({"x": X, "y": np.arange(N)}, r"The class '0' has 1 different images: expected are 4"),
        ({"x": X[:0], "y": Y[:0]}, r"The labels name 0 classes"),
        (
            {"x": np.zeros_like(X), "y": Y},
            r"The class '0' has 0 different images.*4 of 4 classes.*40 images show the same under",
        ),
        ({"x": AT_NAN, "y": Y}, r"1 values that are no finite numbers.*`x\[7, 2, 3\]` = nan"),
        ({"x": AT_NAN * 0 + np.inf, "y": Y}, r"2,880 values.*the first at `x\[0, 0, 0\]` = "),
        ({"x": np.full(X.shape, 7.0), "y": Y}, r"`x` is 7 everywhere"),
        ({"x": np.full(X.shape, 256, "u2"), "y": Y}, r"`x` is 256 everywhere"),
        ({"x": np.full(X.shape, -3), "y": Y}, r"`x` is -3 everywhere"),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_what_cannot_be_used_is_refused_and_the_place_is_named(tmp_path, arrays, said):
    with pytest.raises(DataError, match=said):
        own_data.add(npz(**arrays), tmp_path / "data")
    assert not (tmp_path / "data").exists()


def test_a_file_that_is_not_there_or_no_npz_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"none\.npz cannot be read: No such file"):
        own_data.add(tmp_path / "none.npz", tmp_path)
    text = tmp_path / "text.npz"
    text.write_text("x, y\n")
    with pytest.raises(DataError, match=r"text\.npz is not a \.npz file \(File is not a zip"):
        own_data.add(text, tmp_path)
    packed = tmp_path / "pets.zip"
    with zipfile.ZipFile(packed, "w") as out:
        out.writestr("cats/1.png", b"")
    with pytest.raises(DataError, match=r"pets\.zip has no array `x`; it has: none\..*unpack it"):
        own_data.add(packed, tmp_path)


# From the command line


def test_the_command_adds_what_it_is_given_and_ends_at_what_it_refuses(tmp_path):
    x, y = sample()
    np.savez(tmp_path / "good.npz", x=x, y=y)
    np.savez(tmp_path / "bad.npz", x=x)
    store = tmp_path / "runs.sqlite"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "core.data", "--store", store),
            *(tmp_path / "good.npz", tmp_path / "bad.npz"),
        ],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    (name,) = datasets.own_names(datasets.folder_of(store))
    assert done.stdout == f"40 images of 4 classes were added as {name}.\n"
    assert (done.returncode, done.stderr[:24]) == (1, "bad.npz has no array `y`")


def test_the_command_leaves_out_what_is_broken_if_it_is_told_to(tmp_path):
    x, _ = sample()
    for i, image in enumerate(x):
        path = tmp_path / "pets" / "cd"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(path)
    (tmp_path / "pets" / "c" / "0.png").write_bytes(b"")
    command = [sys.executable, "-m", "core.data", "--store", tmp_path / "runs.sqlite", "pets"]
    run = partial(subprocess.run, capture_output=True, text=True, timeout=60, cwd=tmp_path)
    env = {**os.environ, "PYTHONPATH": str(PROJECT)}
    refused = run(command, env=env)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "or leave it out with --leave-out-broken" in refused.stderr
    done = run([*command, "--leave-out-broken"], env=env)
    assert done.stdout.startswith("39 images of 2 classes were added as pets-2c-8x9x1-")
    assert done.stdout.endswith("Left out, since they cannot be read: c/0.png (it is empty).\n")
    assert done.returncode == 0
