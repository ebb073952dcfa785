"""What each problem shows of its own of what its model sees, made of what was kept of it."""

import numpy as np

from core.problems.autoencoder import seen as digits
from core.problems.detector import seen as scenes
from core.problems.siamese import collapse
from core.problems.siamese import seen as pairs
from core.run.config import RunConfig
from core.run.weights import LossWeights

Arrays = dict[str, np.ndarray]


def as_json(arrays: Arrays, index: int, config: RunConfig) -> dict:
    """What the page is told; empty of a problem without a view of its own.

    Args:
        arrays: As its view has kept them, see `core.problems.making.view`.
        index: Of the validation example that was picked.
        config: Settings of the run.
    """
    match config.view:
        case "pairs":
            return pairs.as_json(arrays, index, config)
        case "scenes":
            return scenes.as_json(arrays)
        case "digits":
            return digits.as_json(arrays)
    return {}


def trouble_in(arrays: Arrays) -> collapse.Collapse | None:
    """What is wrong with a model, where that can be seen of what was kept."""
    return collapse.found(arrays)


def in_words(trouble: collapse.Collapse, config: RunConfig, weights: LossWeights) -> str:
    """The same in words, with what leads out of it as the run is trained now."""
    return collapse.in_words(trouble, config, weights)
