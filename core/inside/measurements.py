"""What is measured inside a model, as compiled functions of one lane's state."""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from core.analysis.snapshot import arrays_of_classes, arrays_of_numbers
from core.inside.layers import layers_of
from core.inside.sprite import sprite
from core.problems.making.data import each
from core.run.config import RunConfig
from core.run.layers import Layers
from core.training.program import Program
from core.training.state import TrainState
from core.training.step import of_batch, specs

MOST_EXAMPLES = 2000  # of the validation examples, evenly chosen, that answers are shown of


class Looked(NamedTuple):
    """What a model makes of the validation examples, as NumPy arrays.

    Attributes:
        answers: Of each head that has answers to be shown, shaped as `Answers.true`.
        is_finite: Whether all outputs that these are made of are.
        seen: What the problem's own view looks at, None if it has none.
    """

    answers: list[np.ndarray]
    is_finite: bool
    seen: Any


class Measurements:
    """The measurements of one program, compiled by `prepare`, which may run in a thread of its own.

    Args:
        program: The training whose states are looked at.
        config: Its fixed settings.

    Attributes:
        view: What the problem shows of its own, None if it has no view.
        layers: All layers that have trainable variables, and which heads' losses reach them; they
            are known once gradients were measured, or prepared.
        pictures: Images of examples as one PNG, once it is prepared; None if there are none.
    """

    layers: Layers = ()
    pictures: bytes | None = None

    def __init__(self, program: Program, config: RunConfig):
        self.program, problem = program, program.problem
        self.view = problem.view and problem.view()
        shown = zip(program.heads, problem.answers, strict=True) if problem.answers else ()
        self._shown = [(head.name, answers) for head, answers in shown if answers.kind != "other"]
        n = len(problem.validation)
        self._chosen = np.linspace(0, n - 1, min(n, MOST_EXAMPLES)).round().astype(np.int32)
        self._places: list[list[int]] = []  # where each layer's variables are
        state = specs(self._values(program.initial_state(0)))
        self._batch_size = config.batch_size
        batch = tf.TensorSpec([self._batch_size], tf.int32)
        index = tf.TensorSpec([], tf.int32)
        # Without AutoGraph, as in `core.training.step`.
        self._grams = tf.function(self._measure, input_signature=[*state, batch], autograph=False)
        self._see = tf.function(self._look, input_signature=[*state, index], autograph=False)

    def prepare(self) -> "Measurements":
        """Compile all there is, and use it once: the first use takes longer, too."""
        state = self.program.initial_state(0)
        self.measure(state, np.zeros(self._batch_size, np.int32))
        self.look(state, 0)
        if self.view and self.view.images:
            self.pictures = sprite(*self.view.images)
        return self

    @property
    def is_shared(self) -> bool:
        """Whether the heads share anything that is trained."""
        return any(layer.is_shared for layer in self.layers)

    def measure(self, state: TrainState, batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The heads' gradients on a batch, as the next step would have them: in training mode.

        Args:
            state: Of a lane.
            batch: Indices of training examples, shape (batch_size,).

        Returns:
            Gram matrices of the unweighted gradients, one a layer of `layers`, float32, shape
            (L, H, H); and the head losses, (H,).
        """
        grams, losses = self._grams(*self._values(state), tf.constant(batch))
        return grams.numpy(), losses.numpy()

    def look(self, state: TrainState, index: int) -> Looked:
        """What the model makes of the validation examples, not in training mode.

        Args:
            state: Of a lane.
            index: Of the example that is picked.
        """
        looked = self._see(*self._values(state), tf.constant(index))
        answers, is_finite, seen = each(lambda tensor: tensor.numpy(), looked)
        return Looked(answers, bool(is_finite), seen)

    def arrays(self, looked: Looked, index: int, last: dict) -> dict[str, np.ndarray] | None:
        """What of it is kept; None where it is not all finite.

        Args:
            looked: What there was to be seen.
            index: Of the example that is picked.
            last: `kept_of` the last arrays, empty if there are none.
        """
        own = self.view.arrays(looked.seen, index, last) if self.view else {}
        if own is None or not looked.is_finite:
            return None
        for (head, answers), given in zip(self._shown, looked.answers, strict=True):
            assert answers.true is not None
            assert answers.counts is not None
            counts = answers.counts[self._chosen]
            true, given = answers.true[self._chosen][counts], given[counts]
            if answers.kind == "classes":
                own |= arrays_of_classes(head, true, given, answers.n_classes)
            else:
                own |= arrays_of_numbers(head, true.ravel(), given.ravel())
        return own

    def kept_of(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What of arrays the next look is given."""
        names = self.view.keeps if self.view else ()
        return {name: arrays[name] for name in names if name in arrays}

    @staticmethod
    def _values(state: TrainState):
        return state.variables, state.moving, state.fixed, state.seeds

    def _measure(self, variables, moving, fixed, seeds, batch):
        problem = self.program.problem
        inputs, targets, weights = of_batch(self.program.training, batch)
        inputs = problem.prepared(inputs)
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(variables)
            outputs, _ = self.program.model.stateless_call(
                variables, self.program.problem.others(moving, fixed, seeds), inputs, training=True
            )
            losses = problem.losses(targets, outputs, weights)
        found = [tape.gradient(loss, variables) for loss in losses]
        if not self._places:  # while it is traced: what is connected is a fact of the graph
            reached = [
                tuple(h for h, gradients in enumerate(found) if gradients[i] is not None)
                for i in range(len(variables))
            ]
            paths = [variable.path for variable in self.program.model.trainable_variables]
            self.layers, self._places = layers_of(paths, reached)
        grams = []
        for places in self._places:
            flat = [tf.concat([flat_of(g[i], variables[i]) for i in places], 0) for g in found]
            rows = tf.stack(flat)
            grams.append(tf.matmul(rows, rows, transpose_b=True))
        return tf.stack(grams), tf.stack(losses)

    def _look(self, variables, moving, fixed, seeds, index):
        problem = self.program.problem
        others = problem.others(moving, fixed, seeds)
        seen = self.view.look(variables, others, index) if self.view else None
        answers, is_finite = [], tf.constant(True)
        if self._shown:
            inputs, _, _ = of_batch(self.program.validation, tf.constant(self._chosen))
            outputs, _ = self.program.model.stateless_call(
                variables, others, problem.prepared(inputs), training=False
            )
            answers = [answers.of(outputs) for _, answers in self._shown]
            for _, shown in self._shown:
                assert shown.output, "it has answers"
                is_finite &= tf.reduce_all(tf.math.is_finite(shown.output.of(outputs)))
        return answers, is_finite, seen


def flat_of(gradient, variable):
    """A gradient as one row; zeros where there is none."""
    if gradient is None:
        return tf.zeros([tf.size(variable)], variable.dtype)
    return tf.reshape(tf.convert_to_tensor(gradient), [-1])
