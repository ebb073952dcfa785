"""What the classes of a dataset are called, as people write it."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from core.data import datasets

LONGEST = 60  # characters of a name
KEPT = "class_names"  # the array, beside the images of one's own

# In the order of their labels: as Keras' documentation has them (keras.io/api/datasets), and those
# of CIFAR-100 as its authors do, by the alphabet (www.cs.toronto.edu/~kriz/cifar.html).
FASHION = "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot"
CIFAR10 = "airplane, automobile, bird, cat, deer, dog, frog, horse, ship, truck"
CIFAR100 = (
    "apple, aquarium fish, baby, bear, beaver, bed, bee, beetle, bicycle, bottle, bowl, boy, "
    "bridge, bus, butterfly, camel, can, castle, caterpillar, cattle, chair, chimpanzee, clock, "
    "cloud, cockroach, couch, crab, crocodile, cup, dinosaur, dolphin, elephant, flatfish, forest, "
    "fox, girl, hamster, house, kangaroo, keyboard, lamp, lawn mower, leopard, lion, lizard, "
    "lobster, man, maple tree, motorcycle, mountain, mouse, mushroom, oak tree, orange, orchid, "
    "otter, palm tree, pear, pickup truck, pine tree, plain, plate, poppy, porcupine, possum, "
    "rabbit, raccoon, ray, road, rocket, rose, sea, seal, shark, shrew, skunk, skyscraper, snail, "
    "snake, spider, squirrel, streetcar, sunflower, sweet pepper, table, tank, telephone, "
    "television, tiger, tractor, train, trout, tulip, turtle, wardrobe, whale, willow tree, wolf, "
    "woman, worm"
)
OF_BUILT_IN = {
    "digits": tuple(f"{number:02d}" for number in range(100)),
    "mnist": tuple("0123456789"),
    **{
        name: tuple(text.split(", "))
        for name, text in (
            ("fashion_mnist", FASHION),
            ("cifar10", CIFAR10),
            ("cifar100", CIFAR100),
        )
    },
}


def class_names(dataset: str, folder: Path) -> tuple[str, ...]:
    """The names of a dataset's classes, in the order of their labels.

    Args:
        dataset: A `RunConfig.dataset`.
        folder: Where the images of one's own lie; those that were added before names were kept,
            or are gone, have classes called "class 0" and so on.
    """
    if dataset in OF_BUILT_IN:
        return OF_BUILT_IN[dataset]
    n_classes = datasets.facts_of(dataset).n_classes
    path = datasets.path_of(dataset, folder)
    try:
        at = path.stat()
        kept = _kept(path, (at.st_ino, at.st_mtime_ns))
    except Exception:  # whatever a file that is gone or damaged leads to
        kept = ()
    return kept if len(kept) == n_classes else tuple(f"class {c}" for c in range(n_classes))


@lru_cache(maxsize=8)
def _kept(path: Path, _edition: tuple[int, int]) -> tuple[str, ...]:
    with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
        return tuple(file[KEPT].astype(str).tolist()) if KEPT in file.files else ()


def written(label: object) -> str:
    """A label as a name: one line of at most `LONGEST` printable characters, never empty."""
    if isinstance(label, bytes):
        label = label.decode(errors="replace")
    if isinstance(label, float) and label.is_integer():
        label = int(label)
    words = "".join(c if c.isprintable() else " " for c in str(label)).split()
    return " ".join(words)[:LONGEST].rstrip() or "''"
