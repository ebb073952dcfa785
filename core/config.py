"""What a run is asked to do: the heads, their loss weights, and the settings of a run."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from core.errors import ConfigError

MAX_LANES = 1024
RACE_LANES = 4
EVALUATION_PAIRS = 512


@dataclass(frozen=True)
class Head:
    """One output of the model. Everything that differs between heads is in this row.

    Attributes:
        name: The Keras layer, loss and weight name.
        asks: The question that the head answers, in words.
        default_weight: The source article's loss weight, unitless.
        classes: Number of classes, or None for as many as the dataset has.
    """

    name: str
    asks: str
    default_weight: float
    classes: int | None = None

    def n_classes(self, dataset_classes: int) -> int:
        """Number of softmax outputs on a dataset of `dataset_classes` classes."""
        return self.classes or dataset_classes


HEADS = (
    Head("ctg_out_1", "Which number is on image 1?", 1.0),
    Head("ctg_out_2", "Which number is on image 2?", 1.0),
    Head("bin_out", "Do both images show the same number?", 0.5, classes=2),
)
HEAD_NAMES = tuple(head.name for head in HEADS)
DATASET_CLASSES = {"digits": 100}


class Settings(BaseModel):
    """Frozen, strict about names, and refusing bad values with a `ConfigError`."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def __init__(self, **values: Any):
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise ConfigError(refusal(type(self), error)) from None


def refusal(model: type[BaseModel], error: ValidationError) -> str:
    """One sentence a problem: field, value, what is allowed, and the default as remedy."""
    sentences = []
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else model.__name__
        came = repr(problem["input"])
        field = model.model_fields.get(name)
        if field is None:
            known = ", ".join(model.model_fields)
            sentences.append(f"{name} is not a setting of {model.__name__}. There are: {known}.")
            continue
        sentences.append(
            f"{name} = {came[:80]} is refused: {problem['msg']}. "
            f"Allowed: {allowed(field)}. The default is {field.default!r}."
        )
    return " ".join(sentences)


def allowed(field) -> str:
    """The values that a field takes, in words."""
    choices = getattr(field.annotation, "__args__", ())
    if getattr(field.annotation, "__origin__", None) is Literal:
        return " or ".join(repr(choice) for choice in choices)
    kind = "a whole number" if field.annotation is int else "a finite number"
    low, high = bounds(field)
    unit = (field.json_schema_extra or {}).get("unit", "")
    return f"{kind} from {low:,} to {high:,}{' ' + unit if unit else ''}"


def bounds(field) -> tuple[float, float]:
    """The least and the greatest value of a numeric field."""
    low = next(m.ge for m in field.metadata if hasattr(m, "ge"))
    high = next(m.le for m in field.metadata if hasattr(m, "le"))
    return low, high


Weight = Annotated[float, Field(ge=0, le=1000)]


class _LossWeights(Settings):
    def as_tuple(self) -> tuple[float, ...]:
        """The weights in the order of `HEADS`."""
        return tuple(getattr(self, name) for name in HEAD_NAMES)

    def in_short(self) -> str:
        """The weights as one writes them, such as "1, 1, 0.5"."""
        return ", ".join(f"{weight:g}" for weight in self.as_tuple())


LossWeights = create_model(
    "LossWeights",
    __base__=_LossWeights,
    __doc__="""The multiplier of each head's loss: unitless, 0 to 1000, one field a head of `HEADS`.

    Raises:
        ConfigError: If a weight is negative, not finite or over 1000, or a head is unknown.
    """,
    __module__=__name__,
    **{h.name: (Weight, Field(default=h.default_weight, description=h.asks)) for h in HEADS},
)


def setting(default, help_text, *, live=False, unit="", **limits):
    """A field of `RunConfig`; `live` ones may change within a run, fixed ones start a new one."""
    extra = {"live": live, "unit": unit}
    return Field(default=default, description=help_text, json_schema_extra=extra, **limits)


class RunConfig(Settings):
    """The settings of a run, each with range, unit, help and whether it is live or fixed.

    Raises:
        ConfigError: If a value is not allowed. It is a `ValueError`; the message gives the
            field, the value, the range and the default.
    """

    dataset: Literal["digits"] = setting(
        "digits", "Pairs of two-digit numbers, 00 to 99, made of real handwriting."
    )
    trunk: Literal["dense", "conv"] = setting(
        "dense", "The shared layers. dense: two Dense layers, fastest. conv: two Conv2D layers."
    )
    embedding_size: int = setting(
        64, "Length of the vector that the trunk makes of an image.", ge=2, le=512
    )
    distance: Literal["square", "euclidean"] = setting(
        "square",
        "What bin_out sees of the two embeddings. square: element-wise squared difference. "
        "euclidean: one number, their distance.",
    )
    dropout: float = setting(
        0.5, "Share of each embedding that the two ctg heads do not see in training.", ge=0, le=0.9
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
    )
    batch_size: int = setting(64, "Pairs in an update.", unit="pairs", ge=1, le=1024)
    steps: int = setting(1500, "Updates in the run.", live=True, unit="steps", ge=1, le=1_000_000)
    steps_per_second: int = setting(
        0,
        "Speed limit, to have time to watch and steer; 0 is as fast as the machine goes.",
        live=True,
        unit="steps/s",
        ge=0,
        le=100_000,
    )
    seed: int = setting(
        0, "Settles initial values, order of the batches and dropout masks.", ge=0, le=2**31 - 1
    )
    record_every: int = setting(
        10, "Steps that one record is the mean of.", unit="steps", ge=1, le=1000
    )
    eval_every: int = setting(
        100,
        "Steps between two looks at the validation pairs. Raised where a look would otherwise "
        "cost over a tenth of the training time.",
        unit="steps",
        ge=1,
        le=1_000_000,
    )

    @property
    def n_classes(self) -> int:
        """Number of classes of the dataset."""
        return DATASET_CLASSES[self.dataset]

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

    @classmethod
    def is_live(cls, name: str) -> bool:
        """Whether the setting may change within a run."""
        return cls.model_fields[name].json_schema_extra["live"]


LIVE_SETTINGS = tuple(name for name in RunConfig.model_fields if RunConfig.is_live(name))


def checked_lanes(lanes) -> list[LossWeights]:
    """The lanes' loss weights as a list.

    Raises:
        ConfigError: If there are none or more than `MAX_LANES`, or one is not a `LossWeights`.
    """
    try:
        count = len(lanes)
    except (TypeError, OverflowError):
        raise ConfigError(
            f"lanes = {lanes!r:.80} is refused: expected a list of LossWeights, one a lane. "
            "For a single run give [LossWeights()]."
        ) from None
    if not 1 <= count <= MAX_LANES:
        raise ConfigError(
            f"lanes: {count} lanes are refused: allowed are 1 to {MAX_LANES}. "
            "Split a larger set over several runs."
        )
    for index, weights in enumerate(lanes):
        if not isinstance(weights, LossWeights):
            raise ConfigError(
                f"lanes[{index}] = {weights!r:.80} is refused: expected LossWeights, such as "
                "LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=0.5)."
            )
    return list(lanes)
