"""What the heads' gradients say of each other: norms, cosines, and who pays for the step.

A Gram matrix K holds the inner products of the gradients of the head losses, unweighted, heads in
the order of `HEADS`: K[h, i] = <g_h, g_i>. With loss weights w the gradient that training follows
is G = sum over h of w_h g_h, and all that is here follows from K and w.
"""

from itertools import combinations

import numpy as np

from core.run.config import RunConfig
from core.run.heads import HEAD_NAMES

TRUNKS = {"dense": ("hidden", "embedding"), "conv": ("conv_1", "conv_2", "embedding")}
PAIRS_OF_HEADS = tuple(combinations(range(len(HEAD_NAMES)), 2))


def trunk_layers(config: RunConfig) -> tuple[str, ...]:
    """The layers of the trunk that have weights, from the image on."""
    return TRUNKS[config.trunk]


def layers(config: RunConfig) -> tuple[str, ...]:
    """All layers that have weights: those of the trunk, then one a head."""
    return trunk_layers(config) + HEAD_NAMES


def norms(gram) -> np.ndarray:
    """Euclidean norm of each head's unweighted gradient, of Gram matrices (..., 3, 3): (..., 3)."""
    return np.sqrt(np.maximum(np.diagonal(gram, axis1=-2, axis2=-1), 0.0))


def cosines(gram) -> np.ndarray:
    """Cosine between the gradients of each two heads, -1 to 1; below 0 they are in conflict.

    Args:
        gram: Gram matrices, shape (..., 3, 3).

    Returns:
        Shape (..., 3), in the order of `PAIRS_OF_HEADS`; NaN where a gradient is 0.
    """
    gram, length = np.asarray(gram, np.float64), norms(gram)
    with np.errstate(divide="ignore", invalid="ignore"):
        of_pairs = [gram[..., h, i] / (length[..., h] * length[..., i]) for h, i in PAIRS_OF_HEADS]
    return np.clip(np.stack(of_pairs, axis=-1), -1.0, 1.0)


def shares(gram, loss_weights) -> np.ndarray:
    """Share of the step that each head pays for.

        share_h = <w_h g_h, G> / |G|^2 = w_h (K w)_h / (w' K w)

    The weighted gradient's part along the step, in units of the step. The shares sum to 1; one
    is negative where the other heads drag the trunk against that head.

    Args:
        gram: Gram matrix, shape (3, 3).
        loss_weights: Weight of each head, shape (3,).

    Returns:
        Shape (3,); NaN where G is 0.
    """
    weights = np.asarray(loss_weights, np.float64)
    parts = weights * (np.asarray(gram, np.float64) @ weights)
    whole = parts.sum()
    return parts / whole if whole > 0 else np.full(len(weights), np.nan)


def columns(config: RunConfig) -> tuple[str, ...]:
    """Names of what `row` gives."""
    pairs = [f"{HEAD_NAMES[h]}.{HEAD_NAMES[i]}" for h, i in PAIRS_OF_HEADS]
    of_head = ("loss_weights", "norm", "weighted", "share")
    return (
        *(f"{quantity}.{head}" for quantity in of_head for head in HEAD_NAMES),
        *(f"cosine.{pair}" for pair in pairs),
        *(f"layer_cosine.{layer}.{pair}" for layer in trunk_layers(config) for pair in pairs),
        *(f"layer_norm.{layer}.{head}" for layer in layers(config) for head in HEAD_NAMES),
    )


def of_trunk(grams: np.ndarray, config: RunConfig) -> np.ndarray:
    """Gram matrix on the whole trunk, (3, 3), of those of all layers, (L, 3, 3)."""
    return np.asarray(grams, np.float64)[: len(trunk_layers(config))].sum(axis=0)


def row(grams: np.ndarray, loss_weights, config: RunConfig) -> list[float | None]:
    """One measurement in the order of `columns`; None where a value is not defined.

    Args:
        grams: Gram matrices of all `layers`, shape (L, 3, 3).
        loss_weights: In force, shape (3,).
        config: Settings of the run.
    """
    weights, trunk = np.array(loss_weights), of_trunk(grams, config)
    length = norms(trunk)
    values = np.concatenate(
        [
            *(weights, length, weights * length, shares(trunk, weights), cosines(trunk)),
            cosines(grams[: len(trunk_layers(config))]).ravel(),
            norms(grams).ravel(),
        ]
    )
    return [value if np.isfinite(value) else None for value in values.tolist()]
