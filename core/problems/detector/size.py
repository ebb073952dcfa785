"""How large the detector is: the widths of its layers, and its parameters, told without keras."""

from core.problems.detector.boxes import REGION
from core.problems.detector.settings import DetectorConfig

N_CLASSES = 10
REGION_SIZE = 5  # places along each side of what the second stage sees of a box
PROPOSING, LOOKING, DRAWING = 64, 128, 32  # units of the hidden layers


def fine_channels(config: DetectorConfig) -> int:
    """Channels of the finer of the two shared maps."""
    return max(4, config.channels // 4)


def n_parameters(config: DetectorConfig) -> int:
    """Number of the model's trainable parameters, told without building it."""
    fine, coarse = fine_channels(config), config.channels
    region = REGION_SIZE**2 * fine + coarse
    layers = (  # what each sees, and gives
        *((9 * 1, fine), (9 * fine, coarse), (9 * coarse, coarse)),
        *((coarse, PROPOSING), (PROPOSING, 1), (PROPOSING, 4)),
        *((region, LOOKING), (LOOKING, N_CLASSES), (LOOKING, 4)),
        *((region, DRAWING), (DRAWING, REGION**2)),
    )
    return sum((sees + 1) * gives for sees, gives in layers)
