"""The layers of the network that have weights, told without building it."""

from core.problems.siamese.heads import HEAD_NAMES
from core.run.config import RunConfig
from core.run.layers import Layer, Layers

TRUNKS = {"dense": ("hidden", "embedding"), "conv": ("conv_1", "conv_2", "embedding")}


def trunk_layers(config: RunConfig) -> tuple[str, ...]:
    """Names of those of the trunk, from the image on."""
    return TRUNKS[config.trunk]


def layers_of(config: RunConfig) -> Layers:
    """All of them: those of the trunk, which every loss reaches, then one a head."""
    every = tuple(range(len(HEAD_NAMES)))
    trunk = (Layer(name, every) for name in trunk_layers(config))
    return (*trunk, *(Layer(name, (place,)) for place, name in enumerate(HEAD_NAMES)))
