"""The loss weights of a lane, and how many lanes there may be."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, create_model

from core.errors import ConfigError
from core.run.heads import HEAD_NAMES, HEADS
from core.run.settings import Settings

MAX_LANES = 1024
RACE_LANES = 4

Weight = Annotated[float, Field(ge=0, le=1000)]


class _LossWeights(Settings):
    if TYPE_CHECKING:

        def __init__(self, **weights: float): ...

    def as_tuple(self) -> tuple[float, ...]:
        """The weights in the order of `HEADS`."""
        return tuple(getattr(self, name) for name in HEAD_NAMES)

    def moved(self, weights: Mapping[str, float]) -> "LossWeights":
        """These weights with other ones of some heads.

        Raises:
            ConfigError: If a weight is not allowed, or a head is unknown.
        """
        return LossWeights(**{**self.model_dump(), **weights})

    def in_short(self) -> str:
        """The weights as one writes them, such as "1, 1, 0.5"."""
        return ", ".join(f"{weight:g}" for weight in self.as_tuple())


if TYPE_CHECKING:
    LossWeights = _LossWeights  # its fields follow from `HEADS`
else:
    LossWeights = create_model(
        "LossWeights",
        __base__=_LossWeights,
        __doc__="""The multiplier of each head's loss: unitless, 0 to 1000, one field a head.

        Raises:
            ConfigError: If a weight is negative, not finite or over 1000, or a head is unknown.
        """,
        __module__=__name__,
        **{h.name: (Weight, Field(default=h.default_weight, description=h.asks)) for h in HEADS},
    )


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
