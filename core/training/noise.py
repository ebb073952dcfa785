"""What layers draw at random while a model trains, drawn ahead of the steps that it is for.

XLA draws other numbers than TensorFlow does, and more slowly. So the layers draw as Keras has them
do, each from its own seed, and a compiled step is given what came.
"""

from collections.abc import Callable
from contextvars import ContextVar

import keras
import tensorflow as tf

from core.problems.making.problem import Problem
from core.problems.making.variables import SEED
from core.training.state import TrainState

# Whatever these are given, they multiply it by noise that does not depend on it.
MULTIPLY = (
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
)

# Of the thread that calls the model: what a layer does instead of drawing, (its call, inputs).
_instead: ContextVar[Callable | None] = ContextVar("instead", default=None)


class Noise:
    """The noise that a step of a problem's model draws.

    Args:
        problem: Its layers ask from now on whether there is noise for them before they draw any.
        state: Any, to see who draws in a step.
        inputs: Of a batch.

    Attributes:
        shapes: Of all that is drawn in a step, in the order in which it is.
    """

    def __init__(self, problem: Problem, state: TrainState, inputs):
        self._seeds = [
            variable
            for variable, kind in zip(
                problem.model.non_trainable_variables, problem.kinds, strict=True
            )
            if kind == SEED
        ]
        # Nested ones included, which `layers` does not name.
        for layer in problem.model._flatten_layers():
            if type(layer) in MULTIPLY and layer.rate > 0:
                _ask_first(layer)
        self._calls: list[Callable] = []
        self.shapes: list[tf.TensorShape] = []

        def noted(call, given):
            self._calls.append(call)
            self.shapes.append(given.shape)
            return call(given, training=True)

        def called():
            others = problem.others(state.moving, state.fixed, state.seeds)
            problem.model.stateless_call(state.variables, others, inputs, training=True)

        _with(noted, called)

    def drawn(self, seeds: list, n_steps, most_steps: int) -> tuple[list, list]:
        """The noise of some steps.

        Args:
            seeds: The states of the seed generators before the first one.
            n_steps: How many steps, int32 scalar.
            most_steps: For how many there is room in what is given.

        Returns:
            Of each of `shapes` the noise, float32, one step after the other; and the states of the
            seed generators after the last one.
        """
        arrays = [
            tf.TensorArray(tf.float32, most_steps, element_shape=shape) for shape in self.shapes
        ]

        def one_step(i, arrays, seeds):
            with keras.StatelessScope(list(zip(self._seeds, seeds, strict=True))) as scope:
                drawn = [
                    call(tf.ones(shape), training=True)
                    for call, shape in zip(self._calls, self.shapes, strict=True)
                ]
            arrays = [array.write(i, one) for array, one in zip(arrays, drawn, strict=True)]
            return i + 1, arrays, [scope.get_current_value(variable) for variable in self._seeds]

        start = [tf.constant(0), arrays, list(seeds)]
        _, arrays, seeds = tf.while_loop(lambda i, *_: i < n_steps, one_step, start)
        return [array.stack() for array in arrays], seeds

    def given(self, noise: list, function):
        """What a function gives, in which the model is called once with this noise of a step."""
        left = iter(noise)
        return _with(lambda call, given: given * next(left), function)


def _with(instead, function):
    token = _instead.set(instead)
    try:
        return function()
    finally:
        _instead.reset(token)


def _ask_first(layer: keras.Layer) -> None:
    own = layer.call
    if hasattr(own, "asks_first"):  # another program has the same model
        return

    def call(inputs, training=False):
        instead = _instead.get()
        if training and instead:
            return instead(own, inputs)
        return own(inputs, training=training)

    call.asks_first = True  # type: ignore[attr-defined]
    layer.call = call
