"""What the heads' gradients say of each other: norms, cosines, and who pays for the step.

A Gram matrix K holds the inner products of the gradients of the head losses, unweighted, in the
order of the heads: K[h, i] = <g_h, g_i>. With loss weights w the gradient that training follows
is G = sum over h of w_h g_h, and all that is here follows from K and w.
"""

from collections.abc import Iterable
from itertools import combinations

import numpy as np

from core.problems import heads_of
from core.run.config import RunConfig
from core.run.heads import names_of

TRUNKS = {"dense": ("hidden", "embedding"), "conv": ("conv_1", "conv_2", "embedding")}


def trunk_layers(config: RunConfig) -> tuple[str, ...]:
    """The layers of the trunk that have weights, from the image on."""
    return TRUNKS[config.trunk]


def layers(config: RunConfig) -> tuple[str, ...]:
    """All layers that have weights: those of the trunk, then one a head."""
    return trunk_layers(config) + names_of(heads_of(config))


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
    return np.clip(np.stack(of_pairs, axis=-1), -1.0, 1.0)


def shares(gram, loss_weights) -> np.ndarray:
    """Share of the step that each head pays for.

        share_h = <w_h g_h, G> / |G|^2 = w_h (K w)_h / (w' K w)

    The weighted gradient's part along the step, in units of the step. The shares sum to 1; one
    is negative where the other heads drag the trunk against that head.

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


def columns(config: RunConfig) -> tuple[str, ...]:
    """Names of what `row` gives."""
    heads = names_of(heads_of(config))
    pairs = [f"{one}.{other}" for one, other in pairs_of(heads)]
    of_head = ("loss_weights", "norm", "weighted", "share")
    return (
        *(f"{quantity}.{head}" for quantity in of_head for head in heads),
        *(f"cosine.{pair}" for pair in pairs),
        *(f"layer_cosine.{layer}.{pair}" for layer in trunk_layers(config) for pair in pairs),
        *(f"layer_norm.{layer}.{head}" for layer in layers(config) for head in heads),
    )


def of_trunk(grams: np.ndarray, config: RunConfig) -> np.ndarray:
    """Gram matrix on the whole trunk, (H, H), of those of all layers, (L, H, H)."""
    return np.asarray(grams, np.float64)[: len(trunk_layers(config))].sum(axis=0)


def row(grams: np.ndarray, loss_weights, config: RunConfig) -> list[float | None]:
    """One measurement in the order of `columns`; None where a value is not defined.

    Args:
        grams: Gram matrices of all `layers`, shape (L, H, H).
        loss_weights: In force, shape (H,).
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
