"""Loss weights of the network that are known for something."""

from core.problems.presets import Preset
from core.problems.siamese.heads import OUTPUTS
from core.run.weights import LossWeights

ARTICLE = LossWeights(**{output.name: output.default_weight for output in OUTPUTS})

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
