"""What a model looks up in tables by its inputs: indices in their range."""

from collections.abc import Mapping

import keras
import numpy as np
import tensorflow as tf

from core.errors import ProblemError
from core.problems.making.data import Part


def check(model: keras.Model, part: Part) -> None:
    """Refuse an index that an embedding has no row for: XLA takes another row without a word."""
    named = part.x if isinstance(part.x, Mapping) else {}
    inputs = dict(zip(names_of_inputs(model), tf.nest.flatten(part.x), strict=False)) | named
    for layer in getattr(model, "layers", ()):
        read = getattr(layer, "input", None) if isinstance(layer, keras.layers.Embedding) else None
        array = inputs.get(getattr(read, "name", None))
        if array is None or (array.min() >= 0 and array.max() < layer.input_dim):
            continue
        wrong = array.min() if array.min() < 0 else array.max()
        place = ", ".join(map(str, np.argwhere(array == wrong)[0]))
        raise ProblemError(
            f"The {part.called} x has {wrong:g} at [{place}] for the layer {layer.name!r}, an "
            f"Embedding of {layer.input_dim:,} rows: expected 0 to {layer.input_dim - 1:,}."
        )


def names_of_inputs(model: keras.Model) -> list[str]:
    """The names of a model's inputs, in their order; of a subclassed one they are not known."""
    return [tensor.name for tensor in getattr(model, "inputs", None) or []]
