"""What classes are called: as their dataset has them, or as they were given."""

import numpy as np
import pytest
from PIL import Image

from core.data import datasets, images, own_data
from core.data.class_names import class_names
from tests.own_images import npz, sample


@pytest.mark.parametrize("dataset", datasets.BUILT_IN)
def test_each_class_of_what_everybody_has_has_a_name_of_its_own(tmp_path, dataset):
    names = class_names(dataset, tmp_path)
    assert len(set(names)) == len(names) == datasets.BUILT_IN[dataset].n_classes


def test_names_stand_in_the_order_of_the_labels(tmp_path):
    """Samples of the tables at keras.io/api/datasets and www.cs.toronto.edu/~kriz/cifar.html."""
    for dataset, label, name in (
        ("digits", 7, "07"),
        ("mnist", 7, "7"),
        ("fashion_mnist", 9, "Ankle boot"),
        ("cifar10", 3, "cat"),
        ("cifar100", 0, "apple"),
        ("cifar100", 99, "worm"),
    ):
        assert class_names(dataset, tmp_path)[label] == name
    assert list(class_names("cifar100", tmp_path)) == sorted(class_names("cifar100", tmp_path))


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (np.array(["dé", "ann", "cy", "Bob"]), ("Bob", "ann", "cy", "dé")),
        (np.array([b"b", b"a", b"d", b"c"]), ("a", "b", "c", "d")),
        (np.array([30, 4, 100, -7]), ("-7", "4", "30", "100")),
        (np.array([2.0, 1.0, 4.0, 3.0]), ("1", "2", "3", "4")),
        (np.array(["a\nb\x00", " ", "c" * 99, "d"]), ("''", "a b", "c" * 60, "d")),
    ],
    ids=["text", "bytes", "whole numbers", "floats", "odd"],
)
def test_own_classes_are_called_as_they_were_given(tmp_path, labels, names):
    x, y = sample()
    added = own_data.add(npz(x=x, y=labels[y]), tmp_path)
    assert class_names(added.name, tmp_path) == names


def test_the_sub_folders_of_own_images_are_names(tmp_path):
    x, y = sample()
    for i, (image, label) in enumerate(zip(x, y, strict=True)):
        folder = tmp_path / "pets" / ["dog", "cat", "bee", "ant"][label]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image).save(folder / f"{i}.png")
    added = own_data.add(tmp_path / "pets", tmp_path / "kept")
    assert class_names(added.name, tmp_path / "kept") == ("ant", "bee", "cat", "dog")


def test_the_names_given_last_count(tmp_path):
    x, y = sample()
    first = own_data.add(npz(x=x, y=np.array(["a", "b", "c", "d"])[y]), tmp_path)
    assert class_names(first.name, tmp_path) == ("a", "b", "c", "d")
    again = own_data.add(npz(x=x, y=np.array(["e", "f", "g", "h"])[y]), tmp_path)
    assert again.name == first.name
    assert class_names(first.name, tmp_path) == ("e", "f", "g", "h")


def test_classes_whose_names_are_not_kept_are_counted(tmp_path):
    x, y = sample()
    added = own_data.add(npz(x=x, y=y), tmp_path)
    path = datasets.path_of(added.name, tmp_path)
    counted = ("class 0", "class 1", "class 2", "class 3")
    images.save(path, all=images.Images(x[..., None], y.astype(np.int32)))  # as it once was done
    assert class_names(added.name, tmp_path) == counted
    path.write_bytes(b"broken")
    assert class_names(added.name, tmp_path) == counted
    path.unlink()
    assert class_names(added.name, tmp_path) == counted
