"""The fixed settings of the detector and of its scenes, and what a run of it begins with."""

from typing import Literal

from core.problems.detector.scenes import VALIDATION_SCENES
from core.run.config import RunConfig
from core.run.settings import setting


class DetectorConfig(RunConfig):
    """The settings of a run of the detector, see `RunConfig`."""

    problem: Literal["detector"] = setting("detector", "What is trained.")
    training_scenes: int = setting(
        4000,
        "Scenes to train on. With few of them the detector learns them by heart: the training "
        "and validation curves part.",
        unit="scenes",
        ge=32,
        le=20_000,
        short="scenes",
    )
    most_digits: int = setting(
        3,
        "A scene has from one to so many digits, in training and validation.",
        unit="digits",
        ge=1,
        le=4,
        short="most digits",
    )
    channels: int = setting(
        32,
        "Width of the shared layers: channels of the last map that both stages see.",
        unit="channels",
        ge=4,
        le=256,
        short="channels",
    )
    optimizer: Literal["sgd", "adam"] = setting("adam", "sgd with momentum, or adam.")
    learning_rate: float = setting(
        0.003,
        "Length of an update. For sgd, 0.02 is usual.",
        live=True,
        ge=1e-7,
        le=100,
    )
    batch_size: int = setting(
        16, "Scenes in an update.", unit="scenes", ge=1, le=1024, short="batch"
    )

    @classmethod
    def notes(cls) -> tuple[str, ...]:
        """What it is."""
        return ("Mask R-CNN in small: digits in scenes, five losses.",)

    @classmethod
    def usual_rates(cls) -> dict[str, float]:
        """The learning rate that suits each optimizer."""
        return {"sgd": 0.02, "adam": 0.003}

    @property
    def n_validation(self) -> int:
        """Number of validation scenes."""
        return VALIDATION_SCENES

    @property
    def view(self) -> str:
        """What it finds in scenes."""
        return "scenes"
