"""Loss weights of the autoencoder that are known for something."""

from core.problems.presets import Preset
from core.run.weights import LossWeights


def weights(reconstruction: float, kl: float, classes: float) -> LossWeights:
    """The weights of the three losses."""
    return LossWeights({"reconstruction": reconstruction, "kl": kl, "class": classes})


PRESETS = (
    Preset(
        "Evidence bound",
        weights(1, 1, 1),
        "Kingma and Welling 2014: with weights of 1 the first two losses are the bound itself.",
    ),
    Preset(
        "Beta-VAE",
        weights(1, 2, 1),
        "Higgins et al. 2017, who take weights over 1: less is told of a digit, and what is "
        "rebuilt of it blurs.",
    ),
    Preset(
        "Collapse",
        weights(1, 10, 1),
        "Too much: next to nothing is told any more, and every digit is rebuilt as the mean of "
        "all.",
    ),
    Preset(
        "Plain autoencoder",
        weights(1, 0, 1),
        "The sharpest digits, but what is told of them has no common scale: draws from the "
        "standard normal distribution are no digits.",
    ),
    Preset(
        "Only classes",
        weights(0, 0, 1),
        "A classifier: of a digit it keeps what tells it from the others, and cannot rebuild it.",
    ),
)
