"""What a run can train: a model with several losses, and data for it."""

from importlib import import_module
from typing import Any

from core.errors import ConfigError
from core.problems import own
from core.problems.autoencoder.heads import heads as heads_of_autoencoder
from core.problems.autoencoder.presets import PRESETS as OF_AUTOENCODER
from core.problems.autoencoder.settings import AutoencoderConfig
from core.problems.autoencoder.size import n_parameters as of_autoencoder
from core.problems.detector.heads import heads as heads_of_detector
from core.problems.detector.presets import PRESETS as OF_DETECTOR
from core.problems.detector.settings import DetectorConfig
from core.problems.detector.size import n_parameters as of_detector
from core.problems.own import OwnConfig
from core.problems.presets import Preset, usual
from core.problems.siamese import heads as siamese
from core.problems.siamese.presets import PRESETS
from core.problems.siamese.settings import SiameseConfig
from core.problems.siamese.size import n_parameters as of_siamese
from core.run.config import RunConfig
from core.run.heads import Heads

BUILT_IN = ("siamese", "detector", "autoencoder")  # the first is the default
MOST_MOMENTS = 2  # that an optimizer keeps of each variable; some keep three


def __getattr__(name: str) -> Any:
    """`Problem`, which loads TensorFlow, for those who ask for it."""
    if name == "Problem":
        return import_module("core.problems.making.problem").Problem
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def known() -> tuple[str, ...]:
    """The names of all problems that there are."""
    return (*BUILT_IN, *(facts.name for facts in own.known()))


def heads_of(config: RunConfig) -> Heads:
    """The heads of a run with these settings.

    Raises:
        ConfigError: If it cannot be trained here, see `RunConfig.obstacle`.
    """
    if config.obstacle:
        raise ConfigError(config.obstacle)
    match config:
        case SiameseConfig():
            return siamese.heads(config.n_classes)
        case DetectorConfig():
            return heads_of_detector(config)
        case AutoencoderConfig():
            return heads_of_autoencoder(config)
        case OwnConfig(facts=own.Facts() as facts):
            return facts.heads
    raise ConfigError(f"problem = {config.problem!r:.80} is refused: there is no such problem.")


def presets_of(config: RunConfig) -> tuple[Preset, ...]:
    """Loss weights that are known for something, with these settings; the first are the default."""
    match config:
        case SiameseConfig():
            return PRESETS
        case DetectorConfig():
            return OF_DETECTOR
        case AutoencoderConfig():
            return OF_AUTOENCODER
    return usual(heads_of(config))


def numbers_of_lane(config: RunConfig) -> int:
    """How many numbers a lane has of its own: variables, what the optimizer keeps, averages."""
    match config:
        case OwnConfig(facts=own.Facts() as facts):
            return (1 + MOST_MOMENTS) * facts.n_parameters + facts.n_moving
        case SiameseConfig():
            n_parameters = of_siamese(config)
        case DetectorConfig():
            n_parameters = of_detector(config)
        case AutoencoderConfig():
            n_parameters = of_autoencoder(config)
        case _:
            return 0
    return n_parameters * (1 + {"sgd": 1, "adam": 2}[config.optimizer])
