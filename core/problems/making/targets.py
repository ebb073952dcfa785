"""What a loss takes as targets: labels in their range, and how much each of them counts."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from core.errors import ProblemError
from core.problems.making.compiled import Compiled, Output, as_outputs
from core.problems.making.data import Part, described

INDICES = ("sparse_categorical_crossentropy",)
ONE_HOT = ("categorical_crossentropy", "categorical_focal_crossentropy")
SHARES = ("binary_crossentropy", "binary_focal_crossentropy")


def function_of(output: Output) -> str:
    """The name of Keras' function that its loss is made of; empty of a loss of another kind."""
    return getattr(getattr(output.loss, "fn", None), "__name__", "")


def targets_of(part: Part, found: Compiled, model, outputs) -> tuple[np.ndarray, ...]:
    """The targets of each head, checked.

    Raises:
        ProblemError: If they are not in the structure of the outputs, or a label is out of range.
    """
    structure = as_outputs(part.y, model, outputs, part.called)
    targets = []
    for output in found.outputs:
        try:
            target = output.of(structure)
        except KeyError:
            target = None
        if target is None:
            raise ProblemError(
                f"The {part.called} y lacks {output.name!r}, which has a loss: expected an array "
                "for it."
            )
        check_labels(output, target, part.called)
        targets.append(target)
    return tuple(targets)


def check_labels(output: Output, target: np.ndarray, called: str) -> None:
    """Refuse labels that are none of the classes: Keras trains on them without a word."""
    function = function_of(output)
    low, high = 0.0, 1.0
    if function in INDICES:
        low, high = 0, output.shape[-1] - 1
        if target.dtype.kind == "f" and (target != np.rint(target)).any():
            raise ProblemError(
                f"The {called} labels of {output.name!r} are no whole numbers: expected classes "
                f"0 to {high}."
            )
    elif function not in (*ONE_HOT, *SHARES):
        return
    if target.min() < low or target.max() > high:
        wrong = target.min() if target.min() < low else target.max()
        place = ", ".join(map(str, np.argwhere(target == wrong)[0]))
        raise ProblemError(
            f"The {called} label {wrong:g} of {output.name!r} at [{place}] is out of range: "
            f"expected {low:g} to {high:g}, as {function} takes them. Where a label is missing, "
            "give any that is allowed, with a sample weight of 0."
        )


def weights_of(
    part: Part, found: Compiled, targets: tuple[np.ndarray, ...], class_weight: Mapping
) -> tuple[np.ndarray | None, ...]:
    """How much each example counts, for each head, float32; None where all count alike.

    Sample weights times class weights, each as Keras takes them; a head that is not named has none.

    Raises:
        ProblemError: If one is negative or names no head, or no example of a head counts.
    """
    names = [output.name for output in found.outputs]
    of_classes = by_head(class_weight, names)
    weights = []
    for i, (output, target) in enumerate(zip(found.outputs, targets, strict=True)):
        own = own_weight(part, output, names, i)
        if output.name in of_classes:
            factor = class_weights(output, target, of_classes[output.name])
            own = factor if own is None else (own.T * factor).T
        if own is not None:
            check_weights(own, f"{part.called} sample weights of {output.name!r}")
        weights.append(own)
    return tuple(weights)


def own_weight(part: Part, output: Output, names: list[str], place: int) -> np.ndarray | None:
    """The sample weights that were given for a head."""
    given: Any = part.sample_weight
    if isinstance(given, Mapping):
        if unknown := [name for name in given if name not in names]:
            raise ProblemError(
                f"The {part.called} sample weights name {unknown[0]!r}, which is no output with a "
                f"loss: expected some of {', '.join(names)}."
            )
        given = given.get(output.name)
    elif isinstance(given, list | tuple):
        if len(given) != len(names):
            raise ProblemError(
                f"There are {len(given)} arrays of {part.called} sample weights: expected one for "
                f"each of {', '.join(names)}, a dict by name, or one array for all."
            )
        given = given[place]
    return None if given is None else given.astype(np.float32)


def check_weights(weights: np.ndarray, called: str) -> None:
    """Refuse weights that nothing can be trained with."""
    if weights.min() < 0:
        raise ProblemError(f"The {called} are as low as {weights.min():g}: expected 0 or more.")
    if not weights.any():
        raise ProblemError(f"The {called} are all 0: expected some example to count.")


def by_head(class_weight: Mapping, names: list[str]) -> Mapping[str, Mapping]:
    """Class weights by the name of the head; of a single head they may be given alone."""
    if len(names) == 1 and not any(isinstance(value, Mapping) for value in class_weight.values()):
        return {names[0]: class_weight} if class_weight else {}
    if unknown := [name for name in class_weight if name not in names]:
        raise ProblemError(
            f"class_weight names {unknown[0]!r}, which is no output with a loss: expected a dict "
            f"for some of {', '.join(names)}, such as {{{names[0]!r}: {{0: 1.0, 1: 5.0}}}}."
        )
    return class_weight


def class_weights(output: Output, target: np.ndarray, weights: Mapping) -> np.ndarray:
    """The weight of each example's class, (N,), float32; 1 of a class that is not named."""
    classes = classes_of(output, target)
    if not isinstance(weights, Mapping) or classes is None:
        came = described(weights) if classes is not None else f"loss {output.loss.name!r}"
        raise ProblemError(
            f"class_weight of {output.name!r} cannot be used with {came}: expected a dict of "
            "weights by class, for a head whose loss is a cross-entropy over classes."
        )
    n_classes = max(2, output.shape[-1])
    if unknown := [c for c in weights if c not in range(n_classes)]:
        raise ProblemError(
            f"class_weight of {output.name!r} names class {unknown[0]!r}: expected 0 to "
            f"{n_classes - 1}."
        )
    table = np.array([weights.get(c, 1.0) for c in range(n_classes)], np.float32)
    return table[classes]


def classes_of(output: Output, target: np.ndarray) -> np.ndarray | None:
    """The class of each example, (N,), where a head has one for each; else None."""
    function, flat = function_of(output), target.reshape(len(target), -1)
    if function in ONE_HOT and target.ndim == 2:
        return flat.argmax(axis=1)
    if function in (*INDICES, *SHARES) and flat.shape[1] == 1 and len(output.shape) == 1:
        return np.rint(flat[:, 0]).astype(int)
    return None


def notes(found: Compiled, weights: tuple[np.ndarray | None, ...]) -> list[str]:
    """What is to be known where labels are missing, in sentences."""
    return [
        f"{output.name}: {int((weight == 0).sum())} of {len(weight)} training examples have weight "
        "0, and its loss divides by all of a batch, as Keras has it: with "
        'reduction="mean_with_sample_weight" it is a mean over those that count.'
        for output, weight in zip(found.outputs, weights, strict=True)
        if weight is not None
        and (weight == 0).any()
        and output.loss.reduction == "sum_over_batch_size"
    ]
