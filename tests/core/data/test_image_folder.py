"""A folder of images: what is taken of it, and that all the rest is told."""

import os
import shutil

import numpy as np
import pytest
from PIL import Image

from core import DataError
from core.data import datasets, images, own_data
from core.data.image_folder import read_folder
from tests.own_images import as_set, kept

RNG = np.random.default_rng(2)


def image_folder(folder, mode="RGB", sizes=((8, 9),), n=5):
    """Two classes of PNG and BMP files, one of them deeper down."""
    rng = np.random.default_rng(2)
    shape = () if mode == "L" else (3,)
    for label, place in (("cats", "cats"), ("dogs", "dogs/brown")):
        (folder / place).mkdir(parents=True)
        for i in range(n):
            height, width = sizes[i % len(sizes)]
            pixels = rng.integers(256, size=(height, width, *shape), dtype=np.uint8)
            ending = ("png", "BMP" if mode == "RGB" else "PNG")[i % 2]
            Image.fromarray(pixels).save(folder / place / f"{label}{i}.{ending}")
    return folder


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_folder_is_read_as_keras_reads_it(tmp_path, mode):
    import keras

    folder = image_folder(tmp_path / "pets", mode)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / "a.png").write_bytes(b"")
    (folder / "cats" / "notes.txt").write_text("meow")
    (folder / "README").write_text("pets")
    keras_own = keras.utils.image_dataset_from_directory(
        folder,
        image_size=(8, 9),
        color_mode={"RGB": "rgb", "L": "grayscale"}[mode],
        shuffle=False,
        batch_size=None,
        verbose=False,
    )
    given = read_folder(folder)
    x, y = given.images, given.labels
    expected = [(image.numpy(), int(label)) for image, label in keras_own]
    np.testing.assert_array_equal(x, np.stack([image for image, _ in expected]))
    assert [keras_own.class_names.index(name) for name in y] == [label for _, label in expected]
    assert given.told == [
        "Left out, since no images of a class: README, cats/notes.txt.",
        "Skipped, since hidden or made by a system: .hidden.",
    ]
    added = own_data.add(folder, tmp_path)
    assert added.name.startswith(f"pets-2c-8x9x{x.shape[-1]}-")
    assert added.told[1:] == tuple(given.told)


def test_images_of_different_sizes_are_resized_and_that_is_told(tmp_path):
    folder = image_folder(tmp_path / "pets", sizes=((90, 120), (8, 9)))
    added = own_data.add(folder, tmp_path)
    assert added.name.startswith("pets-2c-32x32x3-")
    assert added.told[1] == "The images were resized to 32x32."


def test_a_file_that_only_ends_like_an_image_is_named(tmp_path):
    folder = image_folder(tmp_path / "pets")
    (folder / "cats" / "fake.png").write_text("not an image")
    with pytest.raises(DataError, match=r"cats/fake\.png ends like an image and cannot be read"):
        own_data.add(folder, tmp_path)
    (folder / "cats" / "fake.png").write_bytes((folder / "cats" / "cats0.png").read_bytes()[:60])
    with pytest.raises(DataError, match=r"cats/fake\.png ends like an image and cannot be read"):
        own_data.add(folder, tmp_path)
    levels = np.full((9, 9), 1e5, np.float32)
    Image.fromarray(levels).save(folder / "cats" / "fake.png", "TIFF")
    with pytest.raises(
        DataError, match=r"cats/fake\.png ends like an image.*which is white is not"
    ):
        own_data.add(folder, tmp_path)


def test_a_folder_without_classes_or_with_too_many_images_is_refused(tmp_path, monkeypatch):
    (tmp_path / "flat").mkdir()
    (tmp_path / "flat" / "a.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"has no images\. Expected is one sub-folder a class"):
        own_data.add(tmp_path / "flat", tmp_path)
    monkeypatch.setattr(datasets, "MOST_IMAGES", 9)
    with pytest.raises(DataError, match="has 10 images; at most 9 are taken"):
        own_data.add(image_folder(tmp_path / "pets"), tmp_path)


# What else there is


def write(folder, *names, shape=(8, 9, 3)):
    """Image files of these names, each of an image of its own."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(RNG.integers(256, size=shape, dtype=np.uint8)).save(path, "PNG")
    return folder


def classes(*names, n=5):
    """The names of image files of these classes."""
    return [f"{name}/{i}.png" for name in names for i in range(n)]


def put(folder, *names, content=b"?"):
    """Files that are no images."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def test_what_systems_leave_behind_is_skipped_and_told(tmp_path):
    folder = write(tmp_path / "pets", *classes("cats", "dogs"))
    clean = own_data.add(folder, tmp_path)
    write(folder, "cats/.thumbnails/1.png", "dogs/@eaDir/1.png", ".Trash/cats/1.png")
    put(folder, ".DS_Store", "cats/._0.png", "cats/Thumbs.db", "__MACOSX/cats/._0.png")
    put(folder, "dogs/desktop.ini", "dogs/.DS_Store", "dogs/brown/._1.jpg", "dogs/._brown")
    added = own_data.add(folder, tmp_path)
    assert added.name == clean.name
    names = added.told[1].removeprefix("Skipped, since hidden or made by a system: ")
    assert names.removesuffix(" and 1 more.").split(", ") == [
        *(".DS_Store", ".Trash", "__MACOSX", "cats/.thumbnails", "cats/._0.png"),
        *("cats/Thumbs.db", "dogs/@eaDir", "dogs/.DS_Store", "dogs/._brown", "dogs/desktop.ini"),
    ]
    assert len(added.told) == 2


def test_all_that_is_left_out_is_told_ten_by_name(tmp_path):
    folder = write(tmp_path / "pets", *classes("cats", "dogs"))
    put(folder, *(f"cats/{i:02}.heic" for i in range(12)), "labels.csv", "birds/1.svg")
    (folder / "empty").mkdir()
    added = own_data.add(folder, tmp_path)
    named = ", ".join(["labels.csv", "birds/1.svg", *(f"cats/{i:02}.heic" for i in range(8))])
    assert added.told[1:] == (
        f"Left out, since no images of a class: {named} and 4 more.",
        "No classes, since without images: birds, empty.",
    )
    assert added.name.startswith("pets-2c-")


def test_what_is_broken_is_listed_and_left_out_if_that_is_wanted(tmp_path):
    folder = write(tmp_path / "pets", *classes("cats", "dogs", n=30))
    whole = (folder / "dogs" / "0.png").read_bytes()
    for i in range(14):
        content = (b"", b"<html>", whole[:90])[i % 3]
        (folder / "cats" / f"{i}.png").write_bytes(content)
    with pytest.raises(DataError) as refused:
        own_data.add(folder, tmp_path)
    listed = str(refused.value)
    assert (
        "14 of 60 files end like images and cannot be read as such: cats/0.png (it is empty), "
        in (listed)
    )
    assert listed.count(".png (") == 10
    assert (
        " and 4 more. Remove them, save them again as PNG or JPEG, or leave them out with "
        in listed
    )
    assert "--leave-out-broken" in listed
    assert not [*tmp_path.glob("*.npz")]
    added = own_data.add(folder, tmp_path, leave_out_broken=True)
    assert added.told[0].startswith("46 images of 2 classes were added")
    assert added.told[1].startswith("Left out, since they cannot be read: cats/0.png (it is empty)")
    assert added.told[1].endswith(" and 4 more.")
    for i in range(14):
        (folder / "cats" / f"{i}.png").unlink()
    assert own_data.add(folder, tmp_path).name == added.name


def test_nothing_is_left_of_a_folder_that_is_all_broken(tmp_path):
    put(tmp_path / "pets", *classes("cats", "dogs"))
    with pytest.raises(DataError, match="10 of 10 files end like images and cannot be read"):
        own_data.add(tmp_path / "pets", tmp_path, leave_out_broken=True)


def test_files_are_known_by_content_where_names_are_silent_or_wrong(tmp_path):
    folder = write(tmp_path / "pets", *(name.removesuffix(".png") for name in classes("a", "b")))
    write(folder, "a/png.jpg", "b/png.TIFF")
    put(folder, "a/LICENSE")
    added = own_data.add(folder, tmp_path)
    assert added.told[0].startswith("12 images of 2 classes")
    assert added.told[1:] == ("Left out, since no images of a class: a/LICENSE.",)


def test_what_was_done_to_images_is_counted(tmp_path):
    folder = write(tmp_path / "pets", *classes("cats", "dogs"))
    write(folder, "cats/alpha.png", "dogs/alpha.png", shape=(8, 9, 4))
    write(folder, "cats/grey.png", shape=(8, 9))
    Image.fromarray(np.arange(72, dtype=np.uint16).reshape(8, 9) * 900).save(folder / "cats/16.png")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(RNG.integers(256, size=(9, 8, 3), dtype=np.uint8)).save(
        folder / "dogs" / "turned.png", exif=exif
    )
    frames = [Image.new("RGB", (9, 8), (level, 0, 0)) for level in (1, 2, 3)]
    frames[0].save(folder / "dogs" / "moving.gif", save_all=True, append_images=frames[1:])
    added = own_data.add(folder, tmp_path)
    # Turned, it has the size of the others: nothing was resized.
    assert added.name.startswith("pets-2c-8x9x3-")
    assert added.told[1:] == (
        "Turned upright, as their EXIF says: 1 image.",
        "Put on white, since transparent in places: 2 images.",
        "Of several frames or layers, the first was taken: 1 image.",
        "Of more than 256 levels, 256 were kept: 1 image.",
        "Grey, and taken as colour since others are: 2 of the images.",
    )


def test_of_images_of_one_size_and_others_all_are_resized_alike(tmp_path):
    # Whichever comes first: those that are small enough, or those that are not.
    for sizes in (((8, 9), (8, 9), (70, 50)), ((70, 50), (8, 9), (8, 9))):
        folder = tmp_path / f"pets{sizes[0][0]}"
        pixels = [RNG.integers(256, size=(*size, 3), dtype=np.uint8) for size in sizes * 2]
        for name in ("cats", "dogs"):
            (folder / name).mkdir(parents=True)
            for i, image in enumerate(pixels):
                Image.fromarray(image if name == "cats" else 255 - image).save(
                    folder / name / f"{i}.png"
                )
        given = read_folder(folder)
        expected = [
            np.asarray(Image.fromarray(one).resize((32, 32), Image.Resampling.BILINEAR))
            for image in (pixels, [255 - image for image in pixels])
            for one in image
        ]
        np.testing.assert_array_equal(given.images, expected)


def test_names_in_any_letters_are_names(tmp_path):
    folder = write(tmp_path / "Tiere (für Anna)", *classes("süße Katzen", "große Hunde"))
    write(folder, 'große Hunde/it\'s a "dog".png')
    added = own_data.add(folder, tmp_path)
    assert added.told[0].startswith("11 images of 2 classes were added as tiere_f_r_anna-2c-")
    few = write(tmp_path / "few", *classes("süße Katzen", "große Hunde", n=1))
    with pytest.raises(DataError, match="The class 'große Hunde' has 1 different images: expected"):
        own_data.add(few, tmp_path)


def test_names_that_are_no_text_can_be_told(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    write(folder, *classes(os.fsdecode(b"\xff"), "b"))
    put(folder, os.fsdecode(b"b/\xfe.txt"), "b/new\nline.txt")
    told = own_data.add(folder, tmp_path).told
    assert told[1] == r"Left out, since no images of a class: b/new\nline.txt, b/\udcfe.txt."
    " ".join(told).encode()  # or else no terminal could show it


def test_links_are_read_where_they_cannot_lead_in_a_circle(tmp_path):
    folder = write(tmp_path / "pets", *classes("cats", "dogs"))
    expected = own_data.add(folder, tmp_path).name
    write(tmp_path / "elsewhere", *classes("birds"))
    (folder / "loop").symlink_to(folder)
    (folder / "cats" / "up").symlink_to(folder)
    (folder / "cats" / "gone.png").symlink_to("nowhere.png")
    os.mkfifo(folder / "cats" / "pipe.png")  # which nobody writes into: reading would wait forever
    added = own_data.add(folder, tmp_path)
    assert added.name == expected
    assert added.told[1:] == (
        "Left out, since no images of a class: cats/gone.png, cats/pipe.png.",
        "Not followed, since links to folders: loop, cats/up.",
    )
    (folder / "birds").symlink_to(tmp_path / "elsewhere" / "birds")
    (folder / "cats" / "9.png").symlink_to(tmp_path / "elsewhere" / "birds" / "0.png")
    added = own_data.add(folder, tmp_path)
    assert added.name.startswith("pets-3c-")
    assert "birds/0.png as 'birds' and cats/9.png as 'cats'" in added.told[-1]


def test_classes_that_lie_deeper_are_pointed_to(tmp_path):
    write(tmp_path / "pets" / "inner", *classes("cats", "dogs"))
    with pytest.raises(DataError, match=r"name 1 classes.*as classes, add .*/pets/inner\."):
        own_data.add(tmp_path / "pets", tmp_path)
    assert own_data.add(tmp_path / "pets" / "inner", tmp_path).name.startswith("inner-2c-")
    folder = write(tmp_path / "zoo", *classes("birds/owls", "birds/jays", "cats", "dogs/brown"))
    added = own_data.add(folder, tmp_path)
    assert added.name.startswith("zoo-3c-")
    (told,) = added.told[1:]
    assert told.startswith("All images of a class count alike, whatever folder in it they are in: ")
    assert told.endswith(
        f"so it is with birds. To have the folders in one as classes, add {folder}/birds."
    )


def test_images_beside_the_folders_are_told_where_to_go(tmp_path):
    write(tmp_path / "flat", *(f"{i}.png" for i in range(12)))
    with pytest.raises(DataError, match=r"0\.png.* and 2 more\. Put the images of a class into a"):
        own_data.add(tmp_path / "flat", tmp_path)


def test_one_image_under_two_classes_is_named_by_its_files(tmp_path):
    folder = write(tmp_path / "pets", *classes("cats", "dogs"))
    shutil.copy(folder / "cats" / "0.png", folder / "dogs" / "again.png")
    added = own_data.add(folder, tmp_path)
    assert added.told[1] == (
        "2 images show the same under more than one class, and were left out, since which is right "
        "cannot be known: cats/0.png as 'cats' and dogs/again.png as 'dogs'."
    )


# Split as it came


@pytest.mark.parametrize(
    ("training", "validation", "spare"),
    [("train", "test", None), ("Training", "Validation", None), ("train", "val", "test")],
)
def test_a_folder_that_is_split_stays_split(tmp_path, training, validation, spare):
    parts = [part for part in (training, validation, spare) if part]
    folder = write(tmp_path / "pets", *classes(*(f"{p}/{c}" for p in parts for c in "ab")))
    put(folder, "labels.csv", f"{training}/.DS_Store")
    added = own_data.add(folder, tmp_path)
    assert added.name.startswith("pets-2c-8x9x3-")
    end = f"; left out: {spare}" if spare else ""
    assert added.told[1] == (
        f"As it is split, {training} is to train on, {validation} to validate with{end}."
    )
    for part, some in zip((training, validation), images.load(added.name, tmp_path), strict=True):
        expected = [
            (np.asarray(Image.open(path)).tobytes(), str("ab".index(path.parent.name)))
            for path in sorted((folder / part).rglob("*.png"))
        ]
        assert as_set(some.images, some.labels) == set(expected)


def test_what_is_broken_does_not_shift_the_split(tmp_path):
    folder = write(tmp_path / "pets", *classes("train/a", "train/b", "val/a", "val/b"))
    put(folder, "train/a/0.png", "val/b/4.png")
    added = own_data.add(folder, tmp_path, leave_out_broken=True)
    training, validation = images.load(added.name, tmp_path)
    assert [len(training.images), len(validation.images)] == [9, 9]
    with Image.open(folder / "val" / "a" / "0.png") as first:
        assert validation.images[0].tobytes() == np.asarray(first).tobytes()


@pytest.mark.parametrize(
    "names", [("train", "test", "plane"), ("train", "plane"), ("train/a", "test/b", "plane/c")]
)
def test_a_class_may_be_called_train(tmp_path, names):
    folder = write(tmp_path / "vehicles", *classes(*names))
    added = own_data.add(folder, tmp_path)
    assert added.name.startswith(f"vehicles-{len(names)}c-")
    assert not any(told.startswith("As it is split") for told in added.told)


def test_a_part_without_images_of_a_class_is_told(tmp_path):
    folder = write(tmp_path / "pets", *classes("train/a", "train/b", "val/a"))
    with pytest.raises(DataError, match="class 'b' has 0 different images to validate with"):
        own_data.add(folder, tmp_path)
    (folder / "val" / "b").mkdir()
    with pytest.raises(DataError, match="No classes, since without images: val/b"):
        own_data.add(folder, tmp_path)


def test_images_that_take_too_much_memory_are_refused_before_all_are_read(tmp_path, monkeypatch):
    folder = write(tmp_path / "pets", *classes("cats", "dogs"))
    put(folder, "dogs/9.png")  # would be told if it was reached
    monkeypatch.setattr(datasets, "LARGEST_ARRAY", 1000)
    with pytest.raises(DataError, match="take more than 1,000 bytes, which is the most"):
        own_data.add(folder, tmp_path)


def test_a_folder_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    folder = write(tmp_path / "pets", *classes("cats", "dogs/brown"))
    real = os.scandir

    def denied(path):
        if str(path).endswith("brown"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr("os.scandir", denied)
    with pytest.raises(DataError, match=r"pets cannot be read: .*Permission denied.*brown"):
        own_data.add(folder, tmp_path)


def test_copies_in_a_folder_count_once(tmp_path):
    folder = write(tmp_path / "pets", *classes("cats", "dogs"))
    expected = own_data.add(folder, tmp_path)
    shutil.copytree(folder / "cats", folder / "cats" / "copies")
    added = own_data.add(folder, tmp_path)
    assert added.told[1] == "5 images were there more than once; each is used once."
    assert as_set(*kept(added, tmp_path)) == as_set(*kept(expected, tmp_path))
