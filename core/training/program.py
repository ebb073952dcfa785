"""Training as pure functions of a value: (state, settings, batches) -> (state, measured)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from core.problems.making.data import each
from core.problems.making.problem import Examples, Problem
from core.problems.making.variables import FIXED, MOVING, SEED, seed_state
from core.run.config import RunConfig
from core.run.weights import LossWeights
from core.training.convolutions import as_products
from core.training.feed import Feed, Span
from core.training.fused import MOST_NUMBERS, Fused, is_small
from core.training.optimizers import optimizer_of
from core.training.plain import Indices, Plain
from core.training.state import StepSettings, TrainState
from core.training.step import Compiled, Setup, columns_of, specs

LOOKED_AT = 2048  # validation examples at once
NAMED = 3  # obstacles that are told by their name


class Program:
    """The compiled training of one problem: any seed, any live settings.

    Which way it goes, `Fused` or `Plain`, follows from the problem and its settings alone, so that
    a seed gives the same records whatever else the machine does.

    Args:
        problem: What is trained.
        config: Its fixed settings, but for the seed, are what is compiled.

    Attributes:
        problem: The same.
        heads: The losses that it has, see `core.run.heads`.
        model: The Keras model. Its own variables are never trained; a `TrainState` is.
        columns: How many values a step gives of losses, and of metrics: one a head, and after
            them, where the model has any, its regularisation.
        optimizer: Moves the variables.
        training: The training examples, as tensors.
        validation: The same of the validation examples.
        obstacles: What keeps it from being fused; empty if it is, or is not prepared.
    """

    def __init__(self, problem: Problem, config: RunConfig):
        self.problem, self.model, self.heads = problem, problem.model, problem.heads
        self.columns = columns_of(problem)
        self.optimizer = optimizer_of(problem, config)
        self.training = as_tensors(problem.training)
        self.validation = as_tensors(problem.validation)
        self.obstacles: list[str] = []
        self._config = config
        self._preparing = threading.Lock()
        self._way: Fused | Plain | None = None
        self._evaluate = None

    def initial_state(self, seed: int) -> TrainState:
        """The model as it stands before the first step."""
        trainable, others = self.problem.initial_values(seed)
        moving, fixed, seeds = (
            self.problem.of_kind(kind, others) for kind in (MOVING, FIXED, SEED)
        )
        variables = [tf.constant(value) for value in trainable]
        return TrainState(
            variables=variables,
            slots=self.optimizer.slots(variables),
            moving=[tf.constant(value) for value in moving],
            fixed=[tf.constant(value) for value in fixed],
            seeds=[tf.constant(seed_state(seed, i, value)) for i, value in enumerate(seeds)],
            step=tf.constant(0),
        )

    def feed(self, batches: Callable[[int, int], np.ndarray]) -> Feed | Indices:
        """What the steps of a run are given, for all its lanes.

        Args:
            batches: Of (first step, number of steps) indices of training examples, int32, shape
                (n_steps, batch_size). Other threads call it, too.
        """
        return self.way.feed(batches)

    def train_chunk(
        self,
        state: TrainState,
        settings: StepSettings,
        batches: np.ndarray,
        given: list[Span] | tf.Tensor | None = None,
    ) -> tuple[TrainState, np.ndarray]:
        """Train on the given batches, one step a batch.

        Args:
            state: Where to start; it is left as it is.
            settings: The live settings, the same for all steps of the chunk.
            batches: Indices of training examples, int32, shape (n_steps, batch_size).
            given: What `Feed.of` says of these batches, if it was asked.

        Returns:
            The new state, and what each step measured before its update, float32, shape
            (n_steps, 2, columns): head losses and metrics in the order of the heads, NaN of a head
            without a metric.
        """
        if given is None:
            of_chunk = self.feed(lambda step, n_steps: batches[step : step + n_steps])
            given = of_chunk.of(0, len(batches), state.seeds)
        return self.way.train(state, settings, given)

    @property
    def way(self) -> Fused | Plain:
        """Who trains; compiled at first use."""
        self.prepare()
        assert self._way, "it is prepared"
        return self._way

    @property
    def is_prepared(self) -> bool:
        """Whether nothing is left to compile."""
        return self._way is not None

    def prepare(self) -> None:
        """Compile ahead what a run will call, if that was not done."""
        with self._preparing:
            if self.is_prepared:
                return
            example = self.initial_state(0)
            way: Fused | Plain = self.fused() or Plain(self._setup)
            with ThreadPoolExecutor(1) as beside:
                compiling = beside.submit(way.compile, example, self._settings)
                self.evaluate(example)  # Python traces it while XLA compiles
            try:
                compiling.result()
            except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError) as error:
                self.obstacles = [f"what XLA refuses ({str(error).splitlines()[0]})"]
                way = Plain(self._setup)
                way.compile(example, self._settings)
            self._way = way

    @property
    def unfused(self) -> str:
        """Why it is trained operation by operation, in a sentence; empty if it is fused."""
        if not self.obstacles:
            return ""
        named, more = self.obstacles[:NAMED], len(self.obstacles) - NAMED
        named += [f"{more} more"] if more > 0 else []
        what = f"{', '.join(named[:-1])} and {named[-1]}" if named[1:] else named[0]
        return f"It is trained operation by operation, not as one program of XLA: it has {what}."

    def fused(self) -> Fused | None:
        """The fused way, not compiled yet; None, and `obstacles` says why, if it is no way.

        To know the obstacles is not to know that XLA compiles it, which takes longer.
        """
        if not is_small(self.problem):
            self.obstacles = [f"more than {MOST_NUMBERS:,} trainable numbers"]
            return None
        way = Fused(self._setup)
        self.obstacles = way.obstacles
        return None if self.obstacles else way

    @property
    def _setup(self) -> Setup:
        example, batch_size = self.initial_state(0), self._config.batch_size
        return Setup(self.problem, self.optimizer, self.training, example, batch_size)

    @property
    def _settings(self) -> StepSettings:
        return StepSettings.of(LossWeights().complete(self.heads), self._config)

    def evaluate(self, state: TrainState) -> tf.Tensor:
        """Head losses and metrics of a lane on the validation examples, without dropout.

        Returns:
            float32, shape (2, H): losses and metrics, in the order of the heads.
        """
        if self._evaluate is None:
            self._evaluate = Compiled(self._look, [specs(state)])
        return self._evaluate(state)

    def _look(self, state: TrainState) -> tf.Tensor:
        inputs, targets, weights = self.validation
        inputs = self.problem.prepared(inputs)
        others = self.problem.others(state.moving, state.fixed, state.seeds)

        def outputs_of(inputs):
            return self.model.stateless_call(state.variables, others, inputs, training=False)[0]

        with as_products(self.model):
            parts = (targets, in_batches(outputs_of, inputs), weights)
        losses = tf.stack(self.problem.losses(*parts))
        return tf.stack([losses, self.problem.metrics(*parts)])


def in_batches(outputs_of, inputs):
    """Outputs of all inputs, `LOOKED_AT` at once: what layers need meanwhile fits into memory.

    Losses and metrics are then of all outputs together, since not every one is a mean.
    """
    n = tf.nest.flatten(inputs)[0].shape[0]
    n_batches, rest = divmod(n, LOOKED_AT)
    if n <= LOOKED_AT:
        return outputs_of(inputs)
    whole = n_batches * LOOKED_AT

    def batches(array):
        return tf.reshape(array[:whole], [n_batches, LOOKED_AT, *array.shape[1:]])

    last = outputs_of(each(lambda array: array[n - max(rest, 1) :], inputs))
    kinds = each(lambda array: tf.TensorSpec([LOOKED_AT, *array.shape[1:]], array.dtype), last)
    outputs = tf.map_fn(
        outputs_of, each(batches, inputs), parallel_iterations=1, fn_output_signature=kinds
    )

    def joined(first, last):
        return tf.concat([tf.reshape(first, [whole, *first.shape[2:]]), last[:rest]], axis=0)

    return tf.nest.map_structure(joined, outputs, last)


def as_tensors(examples: Examples) -> tuple:
    """Inputs, targets and weights as tensors."""
    parts = (examples.inputs, examples.targets, examples.weights)
    return tuple(each(tf.constant, part) for part in parts)
