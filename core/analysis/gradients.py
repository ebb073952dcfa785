"""What the heads' gradients say of each other: norms, cosines, and who pays for the step.

A Gram matrix K holds the inner products of the gradients of the head losses, unweighted, in the
order of the heads: K[h, i] = <g_h, g_i>. With loss weights w the gradient that training follows
is G = sum over h of w_h g_h, and all that is here follows from K and w.
"""

from collections.abc import Iterable
from itertools import combinations

import numpy as np

from core.run.heads import Heads, names_of
from core.run.layers import Layers


def pairs_of(heads: Iterable) -> list[tuple]:
    """Each two of them."""
    return list(combinations(heads, 2))


def norms(gram) -> np.ndarray:
    """Euclidean norm of each head's unweighted gradient, of Gram matrices (..., H, H)."""
    return np.sqrt(np.maximum(np.diagonal(gram, axis1=-2, axis2=-1), 0.0))


def cosines(gram) -> np.ndarray:
    """Cosine between the gradients of each two heads, -1 to 1; below 0 they are in conflict.

    Args:
        gram: Gram matrices, shape (..., H, H).

    Returns:
        Shape (..., P), one of each `pairs_of` heads, in their order; NaN where a gradient is 0.
    """
    gram, length = np.asarray(gram, np.float64), norms(gram)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_pairs = [
            gram[..., h, i] / (length[..., h] * length[..., i])
            for h, i in pairs_of(range(gram.shape[-1]))
        ]
    if not of_pairs:
        return np.empty((*gram.shape[:-2], 0))
    return np.clip(np.stack(of_pairs, axis=-1), -1.0, 1.0)


def shares(gram, loss_weights) -> np.ndarray:
    """Share of the step that each head pays for.

        share_h = <w_h g_h, G> / |G|^2 = w_h (K w)_h / (w' K w)

    The weighted gradient's part along the step, in units of the step. The shares sum to 1; one
    is negative where the other heads drag the shared layers against that head.

    Args:
        gram: Gram matrix, shape (H, H).
        loss_weights: Weight of each head, shape (H,).

    Returns:
        Shape (H,); NaN where G is 0.
    """
    weights = np.asarray(loss_weights, np.float64)
    parts = weights * (np.asarray(gram, np.float64) @ weights)
    whole = parts.sum()
    return parts / whole if whole > 0 else np.full(len(weights), np.nan)


def columns(heads: Heads, layers: Layers) -> tuple[str, ...]:
    """Names of what `row` gives."""
    names = names_of(heads)
    of_head = ("loss_weights", "norm", "weighted", "share")
    return (
        *(f"{quantity}.{name}" for quantity in of_head for name in names),
        *(f"cosine.{one}.{other}" for one, other in pairs_of(names)),
        *(
            f"layer_cosine.{layers[place].name}.{names[h]}.{names[i]}"
            for place, h, i in meetings(layers)
        ),
        *(f"layer_norm.{layer.name}.{name}" for layer in layers for name in names),
    )


def meetings(layers: Layers) -> list[tuple[int, int, int]]:
    """Where two heads meet: the place of a shared layer, and of two heads that both reach it."""
    return [(place, h, i) for place, layer in enumerate(layers) for h, i in pairs_of(layer.heads)]


def of_shared(grams: np.ndarray, layers: Layers) -> np.ndarray:
    """Gram matrix on all that is shared, (H, H), of those of all layers, (L, H, H)."""
    is_shared = [layer.is_shared for layer in layers]
    return np.asarray(grams, np.float64)[is_shared].sum(axis=0)


def row(grams: np.ndarray, loss_weights, layers: Layers) -> list[float | None]:
    """One measurement in the order of `columns`; None where a value is not defined.

    Args:
        grams: Gram matrices of all the layers, shape (L, H, H).
        loss_weights: In force, shape (H,).
        layers: Of the run's model.
    """
    weights, shared = np.array(loss_weights), of_shared(grams, layers)
    length, pairs = norms(shared), pairs_of(range(len(weights)))
    of_layers = cosines(grams)
    values = np.concatenate(
        [
            *(weights, length, weights * length, shares(shared, weights), cosines(shared)),
            [of_layers[place, pairs.index((h, i))] for place, h, i in meetings(layers)],
            norms(grams).ravel(),
        ]
    )
    return [value if np.isfinite(value) else None for value in values.tolist()]
