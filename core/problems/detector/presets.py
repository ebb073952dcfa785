"""Loss weights of the detector that are known for something."""

from core.problems.detector.heads import HEADS
from core.problems.presets import Preset
from core.run.heads import names_of
from core.run.weights import LossWeights


def weights(*values: float) -> LossWeights:
    """The weights of the five losses, in the order of the heads."""
    return LossWeights(dict(zip(names_of(HEADS), values, strict=True)))


PRESETS = (
    Preset(
        "Mask R-CNN",
        weights(1, 1, 1, 1, 1),
        "The plain sum, as He et al. 2017 train it; it is what most implementations begin with.",
    ),
    Preset(
        "Faster R-CNN",
        weights(1, 1, 1, 1, 0),
        "The same without masks, as Ren et al. 2015 have it: here the boxes are as good.",
    ),
    Preset(
        "First stage alone",
        weights(1, 1, 0, 0, 0),
        "Where the digits are, but not which: the second stage learns nothing.",
    ),
    Preset(
        "Second stage alone",
        weights(0, 0, 1, 1, 1),
        "Regions are cut at boxes that nobody taught: classes are found less often, and second "
        "boxes, which start from the first, are worse.",
    ),
    Preset(
        "Masks first",
        weights(1, 1, 1, 1, 10),
        "Pixels count ten times as much, with the other four as helpers of the shared layers.",
    ),
)
