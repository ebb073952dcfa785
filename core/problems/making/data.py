"""Examples as `fit` takes them, read into memory and checked before anything trains."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from core.errors import ProblemError

MOST_BYTES = 2_000_000_000  # of the examples of one part
VALIDATION_SHARE = 0.15
SPLIT_SEED = 20161105
EXPECTED = (
    "a tuple (x, y) or (x, y, sample_weight) of arrays, a tf.data.Dataset or a "
    "keras.utils.PyDataset"
)


@dataclass(frozen=True, eq=False)
class Part:
    """Training or validation examples as they were given.

    Attributes:
        called: "training" or "validation".
        x: Inputs: an array, or a dict, list or tuple of arrays.
        y: Targets, in the same manner.
        sample_weight: How much each counts, in the same manner, or None.
    """

    called: str
    x: Any
    y: Any
    sample_weight: Any = None

    def __len__(self) -> int:
        return len(tf.nest.flatten(self.y)[0])

    def taken(self, indices) -> "Part":
        """Some of the examples."""
        every = (self.x, self.y, self.sample_weight)
        return Part(self.called, *(each(lambda array: array[indices], one) for one in every))

    def first(self, n: int) -> "Part":
        """The first examples."""
        return self.taken(slice(n))


def each(function, structure):
    """A structure of arrays with a function applied to each; None stays where it is."""
    return tf.nest.map_structure(lambda a: None if a is None else function(a), structure)


def read(given: Any, called: str) -> Part:
    """The examples that were given, as arrays in memory.

    Raises:
        ProblemError: If they are of another form, do not fit into `MOST_BYTES`, are not alike in
            number, or hold strings or what is no number.
    """
    if isinstance(given, tf.data.Dataset | keras.utils.PyDataset):
        given = joined(batches_of(given, called), called)
    if not isinstance(given, tuple | list) or len(given) not in (2, 3):
        raise ProblemError(
            f"The {called} data are {described(given)}: expected {EXPECTED}. Where they come from "
            "a generator, collect them into arrays."
        )
    x, y, *rest = given
    part = Part(
        called,
        as_arrays(x, f"{called} x"),
        as_arrays(y, f"{called} y"),
        *(None if w is None else as_arrays(w, f"{called} sample_weight") for w in rest),
    )
    check_lengths(part)
    return part


def batches_of(dataset, called: str) -> Iterator[tuple]:
    """The batches of a dataset, each (x, y) or (x, y, sample_weight).

    Raises:
        ProblemError: If it has no end.
    """
    if isinstance(dataset, tf.data.Dataset):
        endless = dataset.cardinality().numpy() == tf.data.INFINITE_CARDINALITY
        batches: Iterable = () if endless else dataset.as_numpy_iterator()
    else:
        endless = dataset.num_batches is None
        batches = () if endless else (dataset[i] for i in range(dataset.num_batches))
    if endless:
        raise ProblemError(
            f"The {called} data are a dataset without an end: expected one that can be read into "
            "memory. Give it one with `take`, or leave out `repeat`."
        )
    yield from batches


def joined(batches: Iterator[tuple], called: str) -> tuple:
    """Batches as one.

    Raises:
        ProblemError: If they do not fit into memory, or there is none.
    """
    kept, size = [], 0
    for batch in batches:
        kept.append(batch)
        size += sum(np.asarray(leaf).nbytes for leaf in tf.nest.flatten(batch) if leaf is not None)
        check_size(size, called)
    if not kept:
        raise ProblemError(f"The {called} data are a dataset without a batch: expected some.")
    try:
        return tf.nest.map_structure(lambda *leaves: np.concatenate(leaves), *kept)
    except (ValueError, TypeError) as error:
        raise ProblemError(
            f"The batches of the {called} data do not fit together: {error}. Expected the same "
            "form and shapes in each, but for the number of examples; and batches, not single "
            "examples: see `batch`."
        ) from None


def check_size(size: int, called: str) -> None:
    """Refuse what would not fit into memory."""
    if size > MOST_BYTES:
        raise ProblemError(
            f"The {called} data take more than {MOST_BYTES / 1e9:g} GB: they are held in memory, "
            "so that is the most. Take some of the examples, or store them smaller (uint8, "
            "float16)."
        )


def as_arrays(structure: Any, called: str) -> Any:
    """A structure of arrays as NumPy has them: float32, integers or bool.

    Raises:
        ProblemError: If one is of strings or other objects, or has what is no finite number.
    """
    if isinstance(structure, Mapping):
        return {key: as_arrays(value, f"{called}[{key!r}]") for key, value in structure.items()}
    if isinstance(structure, list | tuple) and any(hasattr(part, "shape") for part in structure):
        parts = (as_arrays(part, f"{called}[{i}]") for i, part in enumerate(structure))
        return type(structure)(parts) if type(structure) in (list, tuple) else tuple(parts)
    return structure if structure is None else as_array(structure, called)


def as_array(given: Any, called: str) -> np.ndarray:
    """One array, checked."""
    array = np.asarray(given)
    if array.dtype.kind in "USO":
        raise ProblemError(
            f"{called} holds {described(given)} of {array.dtype}: expected numbers. Make numbers "
            "of strings before, with keras.layers.TextVectorization or StringLookup."
        )
    if array.ndim == 0:
        raise ProblemError(f"{called} is a single number: expected an array with an entry each.")
    if array.dtype.kind == "f":
        array = array.astype(np.float32)
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            place = ", ".join(map(str, bad[0]))
            raise ProblemError(
                f"{called}[{place}] is {array[tuple(bad[0])]}, the first of {len(bad):,} values "
                "that are no finite numbers: expected none. Fill them in, or for a missing label "
                "give any value, with a sample weight of 0."
            )
    elif array.dtype.kind not in "iub":
        raise ProblemError(f"{called} holds {array.dtype}: expected floats, integers or bool.")
    check_size(array.nbytes, called)
    return array


def check_lengths(part: Part) -> None:
    """Have all arrays of a part be of as many examples."""
    lengths = {
        f"{name}{''.join(f'[{key!r}]' for key in path)}": len(leaf)
        for name, structure in (("x", part.x), ("y", part.y), ("sample_weight", part.sample_weight))
        for path, leaf in leaves(structure)
        if leaf is not None
    }
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {n:,}" for name, n in lengths.items())
        raise ProblemError(f"The {part.called} data differ in number: {told}. Expected as many.")
    if not all(lengths.values()):
        raise ProblemError(f"The {part.called} data are empty: expected some examples.")


def leaves(structure: Any, path: tuple = ()) -> Iterator[tuple[tuple, Any]]:
    """Each array of a structure, and the keys that lead to it."""
    if isinstance(structure, Mapping):
        for key, value in structure.items():
            yield from leaves(value, (*path, key))
    elif isinstance(structure, list | tuple):
        for i, value in enumerate(structure):
            yield from leaves(value, (*path, i))
    else:
        yield path, structure


def split(whole: Part) -> tuple[Part, Part]:
    """Training examples, and `VALIDATION_SHARE` of them set apart, drawn with a fixed seed."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(whole))
    cut = max(1, round(len(order) * VALIDATION_SHARE))
    if cut == len(order):
        raise ProblemError(
            "There is one training example, and no validation data: expected two examples at least."
        )
    apart = whole.taken(np.sort(order[:cut]))
    return whole.taken(np.sort(order[cut:])), replace(apart, called="validation")


def described(given: Any) -> str:
    """What something is, in a word or two."""
    return f"a {type(given).__name__}"
