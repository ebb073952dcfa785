"""How large the network is, told without building it."""

from core.problems.siamese.heads import OUTPUTS
from core.run.config import RunConfig


def n_parameters(config: RunConfig) -> int:
    """Number of the model's trainable parameters, told without building it."""
    height, width, channels = config.facts.image_shape
    size = config.embedding_size
    if config.trunk == "dense":
        trunk = (height * width * channels + 1) * 128 + (128 + 1) * size
    else:
        pooled = (height // 4) * (width // 4) * 32
        trunk = (9 * channels + 1) * 16 + (9 * 16 + 1) * 32 + (pooled + 1) * size
    of_pair = size if config.distance == "square" else 1
    seen = [size if output.has_dropout else of_pair for output in OUTPUTS]
    heads = sum(
        (n + 1) * output.n_classes(config.n_classes)
        for n, output in zip(seen, OUTPUTS, strict=True)
    )
    return trunk + heads
