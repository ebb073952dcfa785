"""The data of a script: the functions that made the pairs, and where images come from."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.data.datasets import path_of
from core.problems.script import quoted, source_of
from core.run.config import RunConfig


@dataclass(frozen=True)
class DataPart:
    """What a script says of its data.

    Attributes:
        source: Functions, `load_pairs` the last of them, which gives training and validation
            `Pairs`.
        settings: Lines of constants that it uses.
        scale: What makes its images float32 in 0..1, as an end of an expression.
        imports: Lines of imports beyond those of any script.
        needs: Packages to install.
    """

    source: str
    settings: list[str]
    scale: str = ".astype(np.float32) / 255"
    imports: list[str] = field(default_factory=list)
    needs: str = "tensorflow"


def data_part(config: RunConfig, folder: Path) -> DataPart:
    """The data of a run, its difficulty included.

    Args:
        config: Its settings.
        folder: Where images of one's own are kept; see `core.data.datasets.folder_of`.
    """
    settings = [
        f"TRAINING_PAIRS = {config.training_pairs}",
        f"SAME_SHARE = {config.same_share!r}  # of the training pairs",
        f"HARD_SHARE = {config.hard_share!r}  # of the pairs that are not the same",
    ]
    noise, harder = [], []
    if config.image_noise:
        settings.append(f"IMAGE_NOISE = {config.image_noise!r}  # standard deviation; white is 1")
        noise += [
            source_of("problems/siamese/noise.py", "add_noise"),
            source_of("problems/siamese/pairs.py", "add_noise_to_images"),
        ]
        harder.append("    add_noise_to_images(dataset, IMAGE_NOISE)\n")
    if config.label_noise:
        settings.append(f"LABEL_NOISE = {config.label_noise!r}  # share of training labels")
        noise.append(source_of("problems/siamese/noise.py", "add_label_noise"))
        noise.append(source_of("problems/siamese/pairs.py", "add_noise_to_labels"))
        harder.append('    add_noise_to_labels(dataset, HEADS["ctg_out_1"], LABEL_NOISE)\n')
    constants = [
        source_of("run/config.py", "EVALUATION_PAIRS"),
        source_of("problems/siamese/pairs.py", "PAIRS_SEED"),
    ]
    shared = source_of("problems/siamese/pairs.py", "Pairs", "Dataset")
    of_classes = [
        source_of("problems/siamese/class_pairs.py", "nearest_classes", "class_pairs"),
        source_of("problems/siamese/pairs.py", "class_dataset"),
    ]
    of_digits: dict[str, Any] = {}
    if config.dataset == "digits":
        constants.append(source_of("data/digits.py", "VALIDATION_SHARE"))
        constants.append(source_of("problems/siamese/pairs.py", "DRAWN_FIRST"))
        composed = [
            source_of("problems/siamese/pairs.py", "digit_dataset"),
            source_of("data/digits.py", "split_digits"),
            source_of("problems/siamese/pairs.py", "digit_pairs", "write_numbers"),
        ]
        of_digits = {
            "scale": "",
            "imports": ["from sklearn.datasets import load_digits"],
            "needs": "tensorflow scikit-learn",
        }
        load = LOAD_DIGITS
    elif config.facts.is_own:
        settings += [*FROM_FILE, f"DATA_FILE = {quoted(path_of(config.dataset, folder))}"]
        constants.append(source_of("data/images.py", "VALIDATION_SHARE"))
        constants.append(source_of("data/images.py", "LEAST_IMAGES"))
        composed = [*of_classes, source_of("data/images.py", "split"), LOAD_IMAGES]
        load = LOAD_OWN
    else:
        composed = of_classes
        load = LOAD_KERAS.format(name=config.dataset, shape=config.facts.image_shape)
    parts = ["\n".join(constants), shared, *composed, *noise, load + "".join(harder) + RETURN]
    source = "\n\n\n".join(part.strip("\n") for part in parts)
    return DataPart(source, settings, **of_digits)


LOAD_DIGITS = '''
def load_pairs():
    """Training and validation pairs; no handwritten digit is in both."""
    digits = load_digits()
    dataset = digit_dataset(digits.images, digits.target, TRAINING_PAIRS, SAME_SHARE, HARD_SHARE)
'''

LOAD_KERAS = '''
def load_pairs():
    """Training and validation pairs, of the images that Keras fetches at first use."""
    parts = [
        (images.reshape(-1, *{shape}), labels.ravel().astype(np.int32))
        for images, labels in keras.datasets.{name}.load_data()
    ]
    dataset = class_dataset(*parts, TRAINING_PAIRS, SAME_SHARE, HARD_SHARE)
'''

FROM_FILE = [
    "# Images that were added to the Loss-Weight Explorer, as it keeps them beside its store. So",
    "# does a .npz file of x, which is uint8 or float, and y, one label an image.",
]
# What core/data does to such a file when it is added, where nothing is wrong with it.
LOAD_IMAGES = '''
def load_images():
    """Images to train on and to validate with, each with their classes, 0 to C - 1."""
    with np.load(DATA_FILE, allow_pickle=False) as file:
        if "training_images" in file.files:  # they came split
            parts = ("training", "validation")
            return [(file[f"{part}_images"], file[f"{part}_labels"]) for part in parts]
        if "all_images" in file.files:
            images, labels = file["all_images"], file["all_labels"]
        else:
            images, labels = as_kept(file["x"], file["y"])
    return [(images[part], labels[part]) for part in split(labels)]


def as_kept(images, names):
    """Images as uint8, (N, height, width, channels), and their classes 0 to C - 1, (N,)."""
    if images.ndim == 3:
        images = images[..., None]
    if images.dtype != np.uint8:
        low, high = float(images.min()), float(images.max())
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        levels = (images.astype(np.float64) / 2 - low / 2) / (high / 2 - low / 2) * 255
        images = np.rint(levels).astype(np.uint8)
    labels = np.unique(names, return_inverse=True)[1].astype(np.int32)
    first = {}
    for i, image in enumerate(images):  # of images that are there more than once, the first
        first.setdefault(image.tobytes(), i)
    return images[[*first.values()]], labels[[*first.values()]]
'''
LOAD_OWN = '''
def load_pairs():
    """Training and validation pairs; no image is in both."""
    dataset = class_dataset(*load_images(), TRAINING_PAIRS, SAME_SHARE, HARD_SHARE)
'''
RETURN = "    return dataset.training, dataset.validation\n"
