"""Training as one program of XLA: less work a step, where nothing in it is slow there."""

import threading
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from core.problems.making.data import each
from core.problems.making.problem import Problem
from core.training.cores import Cores, devices
from core.training.feed import Feed, Piece, Span
from core.training.noise import Noise
from core.training.state import StepSettings, TrainState
from core.training.step import Compiled, Setup, columns_of, of_batch, one_step, specs

# A program of XLA keeps to one core. With more numbers than this in its variables a lane alone is
# faster operation by operation, on two: measured 1.25x at 235,000, 0.83x at 470,000, 0.71x at 1.9
# million (four lanes: 1.5x, 1.33x, 1.15x).
MOST_NUMBERS = 350_000
MOST_STEPS = 32  # of a piece
MOST_BYTES = 4_000_000  # of what a piece is given: it stays in the cache
# Products, reductions, and what is done element by element. Convolutions XLA makes twenty times
# slower (measured), random numbers it draws others; what is not here was not tried.
FUSED = {
    *("Abs", "AddN", "AddV2", "All", "Any", "ArgMax", "Assert", "BatchMatMulV2", "BiasAdd"),
    *("BiasAddGrad", "Bitcast", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "BroadcastGradientArgs"),
    *("BroadcastTo", "Cast", "ClipByValue", "ConcatOffset", "ConcatV2", "Const", "DivNoNan"),
    *("Elu", "EluGrad", "Equal", "Erf", "Erfc", "Exp", "ExpandDims", "Expm1", "Fill", "Floor"),
    *("FloorDiv", "FloorMod", "GatherV2", "Greater", "GreaterEqual", "Identity", "IdentityN"),
    *("InvGrad", "Invert", "IsFinite", "IsInf", "IsNan", "L2Loss", "LeakyRelu", "LeakyReluGrad"),
    *("LeftShift", "Less", "LessEqual", "Log", "Log1p", "LogSoftmax", "LogicalAnd", "LogicalNot"),
    *("LogicalOr", "MatMul", "Max", "Maximum", "Mean", "Min", "Minimum", "Mul", "MulNoNan"),
    *("Neg", "NoOp", "NotEqual", "OneHot", "OnesLike", "Pack", "Placeholder", "Pow"),
    *("PreventGradient", "Prod", "Range", "Rank", "RealDiv", "Reciprocal", "ReciprocalGrad"),
    *("Relu", "Relu6", "Relu6Grad", "ReluGrad", "Reshape", "ReverseV2", "RightShift", "Round"),
    *("Rsqrt", "RsqrtGrad", "Select", "SelectV2", "Selu", "SeluGrad", "Shape", "Sigmoid"),
    *("SigmoidGrad", "Sign", "Size", "Slice", "Softmax", "SoftmaxCrossEntropyWithLogits"),
    *("Softplus", "SoftplusGrad", "Softsign", "SoftsignGrad"),
    *("SparseSoftmaxCrossEntropyWithLogits", "Split", "Sqrt", "SqrtGrad", "Square"),
    *("SquaredDifference", "Squeeze", "StatelessWhile", "StopGradient", "StridedSlice"),
    *("StridedSliceGrad", "Sub", "Sum", "Tanh", "TanhGrad", "TensorListFromTensor"),
    *("TensorListGetItem", "TensorListReserve", "TensorListSetItem", "TensorListStack", "Tile"),
    *("Transpose", "Unpack", "While", "Xdivy", "Xlogy", "ZerosLike"),
}


class Fused:
    """The steps of a piece as one program.

    The same on every device, and for pieces of any length: what it gives is the same, bit for bit,
    however a chunk is cut.

    Args:
        setup: What is trained, and with what.

    Attributes:
        obstacles: Operations of a step that are not to be fused: it is not to be used then.
    """

    def __init__(self, setup: Setup):
        self._setup, self._cores = setup, Cores()
        problem, example = setup.problem, setup.example
        self._batch = of_batch(setup.training, tf.zeros([setup.batch_size], tf.int32))
        self._noise = Noise(problem, example, problem.prepared(self._batch[0]))
        arrays = tensors_of(self._batch)
        n_bytes = sum(array.dtype.size * int(tf.size(array)) for array in arrays)
        n_bytes += sum(4 * shape.num_elements() for shape in self._noise.shapes)
        self._most_steps = max(1, min(MOST_STEPS, MOST_BYTES // n_bytes))

        batches = tf.TensorSpec([self._most_steps, setup.batch_size], tf.int32)
        n_steps = tf.TensorSpec([], tf.int32)
        self._ahead = Compiled(self._make_ahead, [specs(example.seeds), batches, n_steps])
        data = [tf.TensorSpec([self._most_steps, *a.shape], a.dtype) for a in arrays]
        noise = [tf.TensorSpec([self._most_steps, *s], tf.float32) for s in self._noise.shapes]
        settings = StepSettings.specs(len(problem.heads))
        signature = [specs(example), settings, data, noise, n_steps, n_steps]
        self._train = Compiled(self._steps, signature, jit_compile=True)
        self.obstacles = sorted(operations(self._train.traced) - FUSED)

    def compile(self, state: TrainState, settings: StepSettings) -> None:
        """Have XLA compile it for the first device, which takes it a second.

        For the others it does so beside what is trained by then.
        """
        piece = self._piece(state.seeds, np.zeros((1, self._setup.batch_size), np.int32))

        def compile_for(device):
            with tf.device(device):
                self._train.flat(state, settings, *piece.on(device), tf.constant(0), tf.constant(1))

        def compile_others():
            for device in others:
                compile_for(device)
                self._cores.add(device)

        first, *others = devices()
        compile_for(first)
        if others:
            threading.Thread(target=compile_others, name="compile", daemon=True).start()

    def feed(self, batches: Callable[[int, int], np.ndarray]) -> Feed:
        """What the steps are given, made while others are trained."""
        return Feed(self._piece, batches, self._most_steps)

    def train(self, state: TrainState, settings: StepSettings, given: list[Span]):
        """See `Program.train_chunk`."""
        found = []
        for coming, first, last in given:
            piece, steps = coming.result(), (tf.constant(first), tf.constant(last))
            with self._cores.one() as device:
                *flat, measured = self._train.flat(state, settings, *piece.on(device), *steps)
                # Until they are there, the core is at work.
                found.append(measured.numpy()[first:last])
            state = state.filled(flat)
        # No step looks at them, since its noise is given.
        return state._replace(seeds=piece.seeds_after(last)), np.concatenate(found)

    def _piece(self, seeds: list, batches: np.ndarray) -> Piece:
        n_steps = len(batches)
        room = np.zeros((self._most_steps, batches.shape[1]), np.int32)
        room[:n_steps] = batches
        *arrays, after = self._ahead(seeds, tf.constant(room), tf.constant(n_steps))
        return Piece(tuple(arrays), n_steps, seeds, after)

    def _make_ahead(self, seeds, batches, n_steps):
        noise, seeds = self._noise.drawn(seeds, n_steps, self._most_steps)
        return tensors_of(of_batch(self._setup.training, batches)), noise, seeds

    def _steps(self, state, settings, data, noise, first, last):
        shape = [2, columns_of(self._setup.problem)]
        measured = tf.TensorArray(tf.float32, self._most_steps, element_shape=shape)

        def step(i, state, measured):
            arrays = iter([array[i] for array in data])
            of_step = tuple(each(lambda _: next(arrays), part) for part in self._batch)
            state, found = self._noise.given(
                [array[i] for array in noise],
                lambda: one_step(self._setup, state, settings, of_step),
            )
            return i + 1, state, measured.write(i, found)

        start = [first, state, measured]
        _, state, measured = tf.while_loop(lambda i, *_: i < last, step, start)
        return state, measured.stack()


def is_small(problem: Problem) -> bool:
    """Whether a core alone is fast enough for a model."""
    return sum(tf.size(v).numpy() for v in problem.model.trainable_variables) <= MOST_NUMBERS


def tensors_of(data) -> list:
    """The tensors of a structure, in which there may be None."""
    return [tensor for tensor in tf.nest.flatten(data) if tensor is not None]


def operations(function) -> set[str]:
    """The names of all operations in a traced function, and in those that it calls."""
    graph = function.graph.as_graph_def()
    nodes = [*graph.node, *(node for one in graph.library.function for node in one.node_def)]
    called = {one.signature.name for one in graph.library.function}
    return {node.op for node in nodes} - called
