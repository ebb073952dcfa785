"""What runs are compared by: curves, settings in which they differ, epochs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.run.config import RunConfig
from core.run.heads import HEAD_NAMES
from core.run.run import Run
from core.run.weights import LossWeights

MOST_CURVES = 12  # as many as colours that can be told apart
DEFAULT_PAIRS = 20_000


@dataclass(frozen=True)
class Curve:
    """One lane of a run, as it is compared with others.

    Attributes:
        run: The run.
        lane: Index of the lane.
        n_lanes: How many lanes the run has.
        began_with: The loss weights that the lane began with.
        weights: Those in force.
    """

    run: Run
    lane: int
    n_lanes: int
    began_with: LossWeights
    weights: LossWeights

    @property
    def key(self) -> str:
        """What it is called in an address: the run's id and the number of the lane."""
        return f"{self.run.id}-{self.lane + 1}"

    @property
    def name(self) -> str:
        """What it is called on the page: its run's number and name, or else what it is."""
        number = f"#{self.run.number}" + (f" lane {self.lane + 1}" if self.n_lanes > 1 else "")
        return f"{number} · {self.run.name or self.in_short()}"

    def in_short(self) -> str:
        """Its loss weights and settings as it began, such as "0, 0, 1 · conv"."""
        return self.run.in_short(self.began_with)

    @property
    def label(self) -> str:
        """Its name, with the loss weights that it began with."""
        return f"{self.name} ({self.began_with.in_short()})" if self.run.name else self.name


def curves_of(run: Run) -> list[Curve]:
    """The curves of a run that is no weight map."""
    lanes = run.lanes_now
    return [
        Curve(run, i, len(lanes), lane.began_with, lane.loss_weights)
        for i, lane in enumerate(lanes)
    ]


def pairs_in_epoch(config: RunConfig) -> int:
    """Number of training pairs: an epoch is over when so many have been trained on."""
    return getattr(config, "training_pairs", DEFAULT_PAIRS)


def epochs(config: RunConfig, steps: int) -> float:
    """How often the training pairs have been gone through after so many steps."""
    return steps * config.batch_size / pairs_in_epoch(config)


def differences(curves: Iterable[Curve]) -> dict[str, list[str]]:
    """The settings in which curves differ, and only those, each with a value a curve in words.

    The loss weights come first. A value that was changed in mid-run reads "0.05 → 0.01".
    """
    curves = list(curves)
    told = {
        f"weight {head}": [
            in_words(getattr(curve.began_with, head), getattr(curve.weights, head))
            for curve in curves
        ]
        for head in HEAD_NAMES
    }
    for name in RunConfig.model_fields:
        told[name] = [
            in_words(getattr(curve.run.first_config, name), getattr(curve.run.config, name))
            for curve in curves
        ]
    return {name: values for name, values in told.items() if len(set(values)) > 1}


def in_words(first, now) -> str:
    """A setting's value, or both if it was changed."""
    first, now = (
        f"{value:.6g}" if isinstance(value, float) else str(value) for value in (first, now)
    )
    return now if first == now else f"{first} → {now}"
