"""Whether the trunk makes one embedding of all images, and what leads out of that. NumPy alone."""

from dataclasses import dataclass

import numpy as np

from core.problems.siamese.heads import HEAD_NAMES
from core.run.config import RunConfig
from core.run.weights import LossWeights

# Of the networks here that learned anything, or had learned nothing yet, none had a spread below
# 0.23; of those that had lost all, none one above 0.002 (digits; rates 0.0001 to 1; both trunks).
COLLAPSED = 0.01
FEATURES = "greatest."  # what each layer of the picked pair gives at most, in kept arrays


@dataclass(frozen=True)
class Collapse:
    """All images get the same embedding.

    Attributes:
        dead: The first layer that gives 0 for both images of the picked pair, "" if none does.
    """

    dead: str


def spread(embeddings) -> float:
    """How far embeddings are apart, in units of their own length.

        spread = sqrt(mean of |z - mean of z|^2 / mean of |z|^2)

    0 where all are the same, also where all are 0, and 1 where their mean is 0. Chen and He 2021
    (arXiv 2011.10566, section 4.1) tell a collapse by the standard deviation of embeddings that
    are each scaled to length 1; here all are scaled by one number, since distances are taken of
    embeddings as they are.

    Args:
        embeddings: Shape (N, embedding_size), N at least 1.
    """
    embeddings = np.asarray(embeddings, np.float64)
    whole = (embeddings**2).sum()
    apart = ((embeddings - embeddings.mean(axis=0)) ** 2).sum()
    return float(np.sqrt(apart / whole)) if whole > 0 else 0.0


def found(arrays: dict[str, np.ndarray]) -> Collapse | None:
    """The collapse that kept arrays show, see `core.problems.siamese.seen`; None if there is none.

    Those that were kept before `spread` was show none.
    """
    if not arrays.get("spread", np.inf) < COLLAPSED:
        return None
    greatest = {
        name.removeprefix(FEATURES): value
        for name, value in arrays.items()
        if name.startswith(FEATURES)
    }
    return Collapse(next((layer for layer, value in greatest.items() if not value > 0), ""))


def in_words(collapse: Collapse, config: RunConfig, weights: LossWeights) -> str:
    """That it is so, and what leads out of it as the run is trained now.

    Args:
        collapse: What was found.
        config: The settings in force.
        weights: The loss weights in force.
    """
    rate = f"learning rate (now {config.learning_rate:g})"
    keeps = ""
    if not any(weights[head] for head in HEAD_NAMES[:2]):
        keeps = " Weight for the class heads, which have none, keeps classes apart."
    if collapse.dead:
        return (
            f"All images get the same embedding. {collapse.dead} gives 0 for the picked pair, and "
            "a ReLU at 0 passes no gradient on, so that no weight leads out of it: rewind to "
            f"before it and lower the {rate}, or train again with another seed.{keeps}"
        )
    return (
        f"All images get the same embedding.{keeps} Lower the {rate}; rewind to before it; or "
        "train again with another seed."
    )
