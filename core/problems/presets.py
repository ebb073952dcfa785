"""Loss weights that are known for something."""

from dataclasses import dataclass

from core.run.heads import Heads
from core.run.weights import LossWeights


@dataclass(frozen=True)
class Preset:
    """Loss weights that are known for something."""

    name: str
    weights: LossWeights
    known_for: str


def usual(heads: Heads) -> tuple[Preset, ...]:
    """What can be said of any problem: the weights that it was given, and none preferred."""
    compiled = LossWeights().complete(heads)
    equal = LossWeights({head.name: 1.0 for head in heads})
    presets = (
        Preset("As compiled", compiled, "The loss weights that the model was compiled with."),
    )
    if equal == compiled:
        return presets
    return (*presets, Preset("Equal", equal, "What Keras does if you say nothing."))
