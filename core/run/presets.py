"""Loss weights that are known for something."""

from dataclasses import dataclass

from core.run.weights import LossWeights


@dataclass(frozen=True)
class Preset:
    """Loss weights that are known for something."""

    name: str
    weights: LossWeights
    known_for: str


ARTICLE = LossWeights()  # a head's default weight is the source article's

PRESETS = (
    Preset(
        "Article",
        ARTICLE,
        "The source article's choice: classes first, the pair question as a helper.",
    ),
    Preset(
        "Equal",
        LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=1),
        "What Keras does if you say nothing; not equal in effect, since ln 100 is far above ln 2.",
    ),
    Preset(
        "Verification first",
        LossWeights(ctg_out_1=0.5, ctg_out_2=0.5, bin_out=1),
        "For telling pairs apart, with the classes as helpers of the trunk.",
    ),
    Preset(
        "Only classes",
        LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=0),
        "The pair head learns nothing and stays at chance.",
    ),
    Preset(
        "Only pairs",
        LossWeights(ctg_out_1=0, ctg_out_2=0, bin_out=1),
        "The class heads stay at chance; the pair head loses what classes teach the trunk.",
    ),
)
