"""The settings of a run: range, unit, help, live or fixed."""

from typing import TYPE_CHECKING, Any, Literal

from core.errors import ConfigError
from core.run.settings import Settings, setting

EVALUATION_PAIRS = 512

# What the settings of each problem are, see `RunConfig.__new__`; by "" those of any other one.
_KINDS: dict[str, type["RunConfig"]] = {}


class RunConfig(Settings):
    """The settings of a run, each with range, unit, help and whether it is live or fixed.

    Those that are here every run has. A problem adds its own in a class that inherits from this
    one; `RunConfig(problem=...)` makes one of the problem's. Settings of a problem that is not
    known here can be read, since the store may have runs of it; it cannot be trained.

    Raises:
        ConfigError: If a value is not allowed. It is a `ValueError`; the message gives the
            field, the value, the range and the default.
    """

    def __new__(cls, *_: Any, **values: Any):
        if cls is not RunConfig:
            return super().__new__(cls)
        problem = values.get("problem", RunConfig.model_fields["problem"].default)
        kind = cls.kind_of(problem) or _KINDS.get("")
        if kind is None:
            raise ConfigError(
                f"problem = {problem!r:.80} is refused: there is no such problem. There are: "
                f"{', '.join(_KINDS)}."
            )
        return super().__new__(kind)

    @staticmethod
    def kind_of(problem: Any) -> type["RunConfig"] | None:
        """The class of a problem's settings, None if it is not known here."""
        return _KINDS.get(problem) if isinstance(problem, str) and problem else None

    @classmethod
    def __pydantic_init_subclass__(cls, **more: Any) -> None:
        super().__pydantic_init_subclass__(**more)
        _KINDS[cls.model_fields["problem"].default] = cls

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """A setting of the run's problem."""

    problem: str = setting("siamese", "What is trained.", in_words="one of those that there are")
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
        return max(self.eval_every, -(-10 * self.n_validation // self.batch_size))

    @property
    def n_validation(self) -> int:
        """Number of validation examples."""
        return EVALUATION_PAIRS

    @classmethod
    def notes(cls) -> tuple[str, ...]:
        """What its problem is, and what is to be known of it beside its settings, in sentences."""
        return ()

    @classmethod
    def usual_rates(cls) -> dict[str, float]:
        """The learning rate that suits each optimizer that may be chosen."""
        return {"sgd": 0.05, "adam": 0.001}

    @classmethod
    def own_address(cls) -> bool:
        """Whether an address names a loss weight by its head alone; see `dashboard.address`."""
        return False

    @property
    def fetched(self) -> str:
        """Name of the dataset that is fetched at first use; empty if there is none."""
        return ""

    @property
    def own_data(self) -> str:
        """Name of the dataset of one's own that it needs; empty if it needs none."""
        return ""

    @property
    def obstacle(self) -> str:
        """Why nothing can be trained with them here, in sentences; empty if it can."""
        return ""

    @property
    def view(self) -> str:
        """Name of what is shown of its own of what it sees; empty if there is no such view."""
        return ""

    def in_short(self) -> str:
        """What differs from the defaults, such as "conv · adam 0.001"; empty if nothing does.

        Speed limit and intervals of records are no part of it: what is trained is the same.
        """
        defaults = {name: field.default for name, field in type(self).model_fields.items()}
        words = []
        for name in self.names():
            value, short = getattr(self, name), self._said(name, "short")
            if name == "learning_rate":  # says little without the optimizer
                both = (self.optimizer, value)
                if both != (defaults["optimizer"], defaults["learning_rate"]):
                    words.append(f"{self.optimizer} {value:g}")
            elif short is not None and value != defaults[name]:
                shown = f"{value:g}" if isinstance(value, float) else str(value)
                words.append(f"{short} {shown}".strip())
        return " · ".join(words)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The settings: first those of the problem alone, then those that every run has."""
        own = [name for name in cls.model_fields if name not in RunConfig.model_fields]
        return (*own, *(name for name in RunConfig.model_fields if name != "problem"))

    @classmethod
    def called(cls) -> str:
        """The name by which one makes them, whatever the problem."""
        return RunConfig.__name__

    @classmethod
    def is_live(cls, name: str) -> bool:
        """Whether the setting may change within a run."""
        return bool(cls._said(name, "live"))

    @classmethod
    def live_names(cls) -> tuple[str, ...]:
        """The settings that may."""
        return tuple(name for name in cls.names() if cls.is_live(name))

    @classmethod
    def _said(cls, name: str, fact: str):
        """What `setting` was given of it."""
        extra = cls.model_fields[name].json_schema_extra
        return extra.get(fact) if isinstance(extra, dict) else None


LIVE_SETTINGS = RunConfig.live_names()
