"""Which datasets there are, and what is known of each without loading it."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError

LARGEST_SIDE = 64  # pixels: all validation pairs pass a conv trunk at once
SMALLEST_SIDE = 4  # pixels: a conv trunk halves them twice
CHANNELS = range(1, 5)
MOST_CLASSES = 1000
MOST_IMAGES = 200_000  # of one's own
LARGEST_ARRAY = 200_000_000  # bytes of one's own images, unpacked
FOLDER = "data"  # beside the store
_GOOGLE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_TORONTO = "https://www.cs.toronto.edu/~kriz/"
_OWN = re.compile(r"[a-z0-9_]{1,24}-(\d{1,4})c-(\d{1,3})x(\d{1,3})x([1-4])-[0-9a-f]{10}")


@dataclass(frozen=True)
class Remote:
    """A file that Keras fetches.

    Attributes:
        url: Where from.
        path: Where it lies in the end, below the folder `datasets` of `KERAS_HOME`.
        size: Its bytes.
    """

    url: str
    path: str
    size: int


@dataclass(frozen=True)
class Facts:
    """What is known of a dataset without loading it.

    Attributes:
        name: A `RunConfig.dataset`.
        title: The name as people write it.
        n_classes: Number of classes.
        image_shape: Height, width and channels of an image.
        files: What Keras fetches at first use; none of what is here or one's own.
    """

    name: str
    title: str
    n_classes: int
    image_shape: tuple[int, int, int]
    files: tuple[Remote, ...] = ()

    @property
    def pixels(self) -> int:
        """Number of values in an image."""
        height, width, channels = self.image_shape
        return height * width * channels

    @property
    def is_own(self) -> bool:
        """Whether somebody has added it, rather than that everybody has it."""
        return self.name not in BUILT_IN

    def in_words(self) -> str:
        """Title, classes and shape, such as "MNIST: 10 classes, 28x28, grey"."""
        height, width, channels = self.image_shape
        colour = {1: "grey", 3: "colour"}.get(channels, f"{channels} channels")
        return f"{self.title}: {self.n_classes} classes, {height}x{width}, {colour}"


BUILT_IN = {
    facts.name: facts
    for facts in (
        Facts("digits", "Two-digit numbers", 100, (8, 16, 1)),
        Facts(
            "mnist",
            "MNIST",
            10,
            (28, 28, 1),
            (Remote(f"{_GOOGLE}mnist.npz", "mnist.npz", 11_490_434),),
        ),
        Facts(
            "fashion_mnist",
            "Fashion-MNIST",
            10,
            (28, 28, 1),
            tuple(
                Remote(f"{_GOOGLE}{name}", f"fashion-mnist/{name}", size)
                for name, size in (
                    ("train-labels-idx1-ubyte.gz", 29_515),
                    ("train-images-idx3-ubyte.gz", 26_421_880),
                    ("t10k-labels-idx1-ubyte.gz", 5_148),
                    ("t10k-images-idx3-ubyte.gz", 4_422_102),
                )
            ),
        ),
        Facts(
            "cifar10",
            "CIFAR-10",
            10,
            (32, 32, 3),
            (
                Remote(
                    f"{_TORONTO}cifar-10-python.tar.gz",
                    "cifar-10-batches-py-target_archive",
                    170_498_071,
                ),
            ),
        ),
        Facts(
            "cifar100",
            "CIFAR-100",
            100,
            (32, 32, 3),
            (
                Remote(
                    f"{_TORONTO}cifar-100-python.tar.gz",
                    "cifar-100-python-target_archive",
                    169_001_437,
                ),
            ),
        ),
    )
}
IN_WORDS = (
    f"{', '.join(map(repr, BUILT_IN))}, or the name that images of your own got when they were "
    "added, such as 'faces-37c-28x28x1-1a2b3c4d5e'"
)


def facts_of(name: str) -> Facts:
    """The facts of a dataset: those of one's own images are in their name.

    Raises:
        DataError: If there can be no dataset of that name.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    if match := _OWN.fullmatch(name):
        n_classes, height, width, channels = map(int, match.groups())
        sides = range(SMALLEST_SIDE, LARGEST_SIDE + 1)
        if 2 <= n_classes <= MOST_CLASSES and height in sides and width in sides:
            title = name.split("-", 1)[0]
            return Facts(name, title, n_classes, (height, width, channels))
    raise DataError(f"There is no dataset {name!r:.80}. Expected is {IN_WORDS}.")


def folder_of(store: Path) -> Path:
    """Where the datasets of a store lie, those that are not part of the program."""
    return Path(store).absolute().parent / FOLDER


def path_of(name: str, folder: Path) -> Path:
    """The file that holds a dataset's images once it is here."""
    return folder / f"{name}.npz"


def keras_folder() -> Path:
    """Where Keras keeps what it fetches."""
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "datasets"


def is_here(name: str, folder: Path) -> bool:
    """Whether a run could be trained on it now."""
    return name == "digits" or path_of(name, folder).is_file()


def own_names(folder: Path) -> list[str]:
    """The names of the images of one's own in that folder, the newest first."""
    names = []
    for path in sorted(folder.glob("*.npz"), key=lambda path: -path.stat().st_mtime_ns):
        if path.stem not in BUILT_IN and _OWN.fullmatch(path.stem):
            names.append(path.stem)
    return names
