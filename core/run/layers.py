"""The layers of a model as a value: what they are called, and which losses reach them."""

import json
from dataclasses import dataclass

NOTHING_SHARED = (
    "The heads share nothing that is trained: each loss moves layers of its own, so none pulls "
    "against another."
)


@dataclass(frozen=True, slots=True)
class Layer:
    """Variables of one layer that training moves.

    Attributes:
        name: Of the layer, with as much of its path as tells it from all others.
        heads: Places of the heads whose losses reach them, rising.
    """

    name: str
    heads: tuple[int, ...]

    @property
    def is_shared(self) -> bool:
        """Whether the losses of several heads pull on it."""
        return len(self.heads) > 1


Layers = tuple[Layer, ...]


def as_text(layers: Layers) -> str:
    """Layers as JSON."""
    return json.dumps([[layer.name, layer.heads] for layer in layers])


def of_text(text: str) -> Layers:
    """And back."""
    return tuple(Layer(name, tuple(heads)) for name, heads in json.loads(text))
