"""The loss weights of a lane, by name of the head, and how many lanes there may be."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import ConfigDict, Field, RootModel, ValidationError

from core.errors import ConfigError
from core.run.heads import GREATEST, Heads, names_of

MAX_LANES = 1024
RACE_LANES = 4
ALLOWED = f"a finite number from 0 to {GREATEST:,.0f}"  # of a weight, in words

Weight = Annotated[float, Field(ge=0, le=GREATEST, allow_inf_nan=False)]


class LossWeights(RootModel[dict[str, Weight]]):
    """The multiplier of each head's loss: unitless, 0 to 1000, by the head's name.

    Which heads there are is known once it is given to a run: that asks for `complete`.

    Args:
        weights: Such as `priority=1, department=0.5`; names that are no Python names by `**`.

    Raises:
        ConfigError: If a weight is negative, not finite or over 1000.
    """

    model_config = ConfigDict(frozen=True)

    def __init__(self, root: Any = None, /, **weights: Any):
        try:
            super().__init__(weights if root is None else root)
        except ValidationError as error:
            raise ConfigError(_in_sentences(error)) from None

    def __hash__(self):
        return hash(frozenset(self.root.items()))

    def __repr_args__(self):
        return self.root.items()

    def __getitem__(self, head: str) -> float:
        return self.root[head]

    def __getattr__(self, name: str) -> float:
        """The weight of a head whose name is a Python name of nothing else here."""
        weights = self.__dict__.get("root", {})
        if name in weights:
            return weights[name]
        raise AttributeError(name)

    def complete(self, heads: Heads) -> "LossWeights":
        """The weights of all heads, in their order: those not named here are the defaults.

        Raises:
            ConfigError: If one named here is none of the heads.
        """
        if unknown := [name for name in self.root if name not in names_of(heads)]:
            raise ConfigError(
                f"{unknown[0]!r:.80} is refused: there is no such head. Expected are weights of "
                f"{', '.join(names_of(heads))}."
            )
        return LossWeights(
            {head.name: self.root.get(head.name, head.default_weight) for head in heads}
        )

    def as_tuple(self) -> tuple[float, ...]:
        """The weights in the order of the heads, once they are `complete`."""
        return tuple(self.root.values())

    def moved(self, weights: Mapping[str, float]) -> "LossWeights":
        """These weights with other ones of some heads.

        Raises:
            ConfigError: If a weight is not allowed, or a head is none of these.
        """
        if unknown := [name for name in weights if name not in self.root]:
            raise ConfigError(
                f"{unknown[0]!r:.80} is refused: there is no such head. Expected are weights of "
                f"{', '.join(self.root)}."
            )
        return LossWeights({**self.root, **weights})

    def in_short(self) -> str:
        """The weights as one writes them, such as "1, 1, 0.5"."""
        return ", ".join(f"{weight:g}" for weight in self.as_tuple())


def checked_lanes(lanes, heads: Heads) -> list[LossWeights]:
    """The lanes' loss weights, complete, as a list.

    Raises:
        ConfigError: If there are none or more than `MAX_LANES`, one is not a `LossWeights`, or
            has a weight of no head.
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
    example = ", ".join(f"{head.name}={head.default_weight:g}" for head in heads)
    for index, weights in enumerate(lanes):
        if not isinstance(weights, LossWeights):
            raise ConfigError(
                f"lanes[{index}] = {weights!r:.80} is refused: expected LossWeights, such as "
                f"LossWeights({example})."
            )
    return [weights.complete(heads) for weights in lanes]


def _in_sentences(error: ValidationError) -> str:
    """One sentence a weight that is refused."""
    sentences = []
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else "loss weights"
        sentences.append(
            f"{name[:60]} = {problem['input']!r:.80} is refused: {problem['msg']}. "
            f"Allowed: {ALLOWED}."
        )
    return " ".join(sentences)
