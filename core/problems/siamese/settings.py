"""The fixed settings of the network and of the pairs that it is trained on."""

from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from core.data import datasets
from core.errors import DataError
from core.run.config import RunConfig
from core.run.settings import setting

LARGEST_EMBEDDING = 512
LARGEST_PAIRS = 600_000_000  # bytes of all images of all pairs


def known_dataset(name: str) -> str:
    """Give back the name of a dataset that there can be."""
    try:
        datasets.facts_of(name)
    except DataError:
        raise ValueError("there is no such dataset") from None
    return name


class SiameseConfig(RunConfig):
    """The settings of a run of the siamese network, see `RunConfig`."""

    problem: Literal["siamese"] = setting("siamese", "What is trained.")
    dataset: Annotated[str, AfterValidator(known_dataset)] = setting(
        "digits",
        "What the pairs are made of. digits: two-digit numbers, 00 to 99, of real handwriting. "
        "The others are fetched at first use, or your own.",
        short="",
        in_words=datasets.IN_WORDS,
    )
    training_pairs: int = setting(
        20_000,
        "Pairs to train on. With few of them and no dropout the model learns them by heart: "
        "the training and validation curves part.",
        unit="pairs",
        ge=10,
        le=100_000,
        short="pairs",
    )
    same_share: float = setting(
        0.5,
        "Share of the training pairs that show the same class twice. Of the validation pairs "
        "it stays a half, so that a guess is right as often.",
        ge=0.05,
        le=0.95,
        short="same share",
    )
    hard_share: float = setting(
        0.5,
        "Share of hard pairs among the different ones, in training and validation. digits: "
        "numbers that differ in a single digit. Others: a class and the one whose mean image "
        "is nearest to its own.",
        ge=0,
        le=1,
        short="hard share",
    )
    image_noise: float = setting(
        0.0,
        "Standard deviation of the normal noise on each image of each pair, in training and "
        "validation, where black is 0 and white is 1; the sum is cut off there.",
        ge=0,
        le=1,
        short="noise",
    )
    label_noise: float = setting(
        0.0,
        "Share of the training labels, of each head for itself, that are replaced by a wrong "
        "one. Validation labels stay right. With 0.5, bin_out has nothing to learn from.",
        ge=0,
        le=0.5,
        short="label noise",
    )
    trunk: Literal["dense", "conv"] = setting(
        "dense",
        "The shared layers. dense: two Dense layers, fastest. conv: two Conv2D layers.",
        short="",
    )
    embedding_size: int = setting(
        64,
        "Length of the vector that the trunk makes of an image.",
        ge=2,
        le=LARGEST_EMBEDDING,
        short="embedding",
    )
    distance: Literal["square", "euclidean"] = setting(
        "square",
        "What bin_out sees of the two embeddings. square: element-wise squared difference. "
        "euclidean: one number, their distance.",
        short="",
    )
    dropout: float = setting(
        0.5,
        "Share of each embedding that the two ctg heads do not see in training.",
        ge=0,
        le=0.9,
        short="dropout",
    )

    @model_validator(mode="after")
    def _fits_into_memory(self):
        pixels = self.facts.pixels
        if 2 * self.training_pairs * pixels > LARGEST_PAIRS:
            raise ValueError(
                f"training_pairs = {self.training_pairs:,} is refused for {self.dataset}: the "
                f"images would take {2 * self.training_pairs * pixels / 1e9:.1f} GB, allowed are "
                f"{LARGEST_PAIRS / 1e9:g}. Take {LARGEST_PAIRS // (2 * pixels):,} or fewer."
            )
        return self

    @classmethod
    def notes(cls) -> tuple[str, ...]:
        """What it is."""
        return ("The article's network: two images, three losses.",)

    @classmethod
    def own_address(cls) -> bool:
        """None of its heads is called as something else in an address."""
        return True

    @property
    def fetched(self) -> str:
        """Name of the dataset that is fetched at first use; empty if it comes with this program."""
        return self.dataset if self.facts.files else ""

    @property
    def own_data(self) -> str:
        """Name of the dataset of one's own that it needs; empty if it needs none."""
        return self.dataset if self.facts.is_own else ""

    @property
    def view(self) -> str:
        """What it sees in pairs."""
        return "pairs"

    @property
    def facts(self) -> datasets.Facts:
        """What is known of the dataset."""
        return datasets.facts_of(self.dataset)

    @property
    def n_classes(self) -> int:
        """Number of classes of the dataset."""
        return self.facts.n_classes
