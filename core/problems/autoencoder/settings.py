"""The fixed settings of the autoencoder, and what a run of it begins with."""

from typing import Literal

from core.problems.autoencoder.digits import digits
from core.run.config import RunConfig
from core.run.settings import setting


class AutoencoderConfig(RunConfig):
    """The settings of a run of the autoencoder, see `RunConfig`."""

    problem: Literal["autoencoder"] = setting("autoencoder", "What is trained.")
    latent_size: int = setting(
        8,
        "Numbers that a digit is told in. With 2 of them, little more than its class fits in.",
        unit="numbers",
        ge=1,
        le=64,
        short="latent",
    )
    hidden_size: int = setting(
        128,
        "Width of the layer before those numbers, and of the one after them.",
        unit="units",
        ge=4,
        le=1024,
        short="hidden",
    )
    optimizer: Literal["sgd", "adam"] = setting("adam", "sgd with momentum, or adam.")
    learning_rate: float = setting(
        0.003,
        "Length of an update. For sgd, 0.001 is usual: the losses are sums over all pixels.",
        live=True,
        ge=1e-7,
        le=100,
    )
    batch_size: int = setting(
        64, "Digits in an update.", unit="digits", ge=1, le=1024, short="batch"
    )

    @classmethod
    def notes(cls) -> tuple[str, ...]:
        """What it is."""
        return ("A variational autoencoder of digits, three losses.",)

    @classmethod
    def usual_rates(cls) -> dict[str, float]:
        """The learning rate that suits each optimizer."""
        return {"sgd": 0.001, "adam": 0.003}

    @property
    def n_validation(self) -> int:
        """Number of validation digits."""
        return len(digits()[1])

    @property
    def view(self) -> str:
        """Digits rebuilt, and drawn."""
        return "digits"
