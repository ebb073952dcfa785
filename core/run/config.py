"""The settings of a run: range, unit, help, live or fixed."""

from typing import Annotated, Literal

from pydantic import AfterValidator, model_validator

from core.data import datasets
from core.errors import DataError
from core.run.settings import Settings, setting

EVALUATION_PAIRS = 512
LARGEST_EMBEDDING = 512
LARGEST_PAIRS = 600_000_000  # bytes of all images of all pairs


def known_dataset(name: str) -> str:
    """Give back the name of a dataset that there can be."""
    try:
        datasets.facts_of(name)
    except DataError:
        raise ValueError("there is no such dataset") from None
    return name


class RunConfig(Settings):
    """The settings of a run, each with range, unit, help and whether it is live or fixed.

    Raises:
        ConfigError: If a value is not allowed. It is a `ValueError`; the message gives the
            field, the value, the range and the default.
    """

    dataset: Annotated[str, AfterValidator(known_dataset)] = setting(
        "digits",
        "What the pairs are made of. digits: two-digit numbers, 00 to 99, of real handwriting. "
        "The others are fetched at first use, or your own.",
        short="",
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
    optimizer: Literal["sgd", "adam"] = setting(
        "sgd", "sgd with momentum, as in the article, or adam."
    )
    learning_rate: float = setting(
        0.05,
        "Length of an update. The article used 0.0001 to fine-tune a pretrained net. "
        "For adam, 0.001 is usual.",
        live=True,
        ge=1e-7,
        le=100,
    )
    momentum: float = setting(
        0.9,
        "Share of the last update that sgd carries on; adam has its own.",
        live=True,
        ge=0,
        le=0.999,
        short="momentum",
    )
    batch_size: int = setting(64, "Pairs in an update.", unit="pairs", ge=1, le=1024, short="batch")
    steps: int = setting(
        1500, "Updates in the run.", live=True, unit="steps", ge=1, le=1_000_000, short="steps"
    )
    steps_per_second: int = setting(
        0,
        "Speed limit, to have time to watch and steer; 0 is as fast as the machine goes.",
        live=True,
        unit="steps/s",
        ge=0,
        le=100_000,
    )
    seed: int = setting(
        0,
        "Settles initial values, order of the batches and dropout masks.",
        ge=0,
        le=2**31 - 1,
        short="seed",
    )
    record_every: int = setting(
        10,
        "Steps that one record is the mean of.",
        unit="steps",
        ge=1,
        le=1000,
    )
    eval_every: int = setting(
        100,
        "Steps between two looks at the validation pairs. Raised where a look would otherwise "
        "cost over a tenth of the training time.",
        unit="steps",
        ge=1,
        le=1_000_000,
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

    @property
    def facts(self) -> datasets.Facts:
        """What is known of the dataset."""
        return datasets.facts_of(self.dataset)

    @property
    def n_classes(self) -> int:
        """Number of classes of the dataset."""
        return self.facts.n_classes

    @property
    def record_interval(self) -> int:
        """Steps in a record: `record_every`, or more where a lane would get over 10,000 records."""
        return max(self.record_every, -(-self.steps // 10_000))

    @property
    def checkpoint_interval(self) -> int:
        """Steps between two states that the run can be rewound to: a tenth of the run."""
        return -(-self.steps // 10)

    @property
    def eval_interval(self) -> int:
        """Steps between evaluations: `eval_every`, or more to keep their cost under 10 %.

        A pair costs less to look at than to train on (0.3 to 0.8 times, measured), so ten times
        as many pairs are trained on as are looked at. The bound follows from the settings, not
        from a clock, so that a seed gives the same records on any machine.
        """
        return max(self.eval_every, -(-10 * EVALUATION_PAIRS // self.batch_size))

    def in_short(self) -> str:
        """What differs from the defaults, such as "conv · adam 0.001"; empty if nothing does.

        Speed limit and intervals of records are no part of it: what is trained is the same.
        """
        defaults = RunConfig()
        words = []
        for name in RunConfig.model_fields:
            value, short = getattr(self, name), self._said(name, "short")
            if name == "learning_rate":  # says little without the optimizer
                both = (self.optimizer, value)
                if both != (defaults.optimizer, defaults.learning_rate):
                    words.append(f"{self.optimizer} {value:g}")
            elif short is not None and value != getattr(defaults, name):
                shown = f"{value:g}" if isinstance(value, float) else str(value)
                words.append(f"{short} {shown}".strip())
        return " · ".join(words)

    @classmethod
    def is_live(cls, name: str) -> bool:
        """Whether the setting may change within a run."""
        return bool(cls._said(name, "live"))

    @classmethod
    def _said(cls, name: str, fact: str):
        """What `setting` was given of it."""
        extra = cls.model_fields[name].json_schema_extra
        return extra.get(fact) if isinstance(extra, dict) else None


LIVE_SETTINGS = tuple(name for name in RunConfig.model_fields if RunConfig.is_live(name))
