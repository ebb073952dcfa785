"""What runs are compared by: curves, settings in which they differ, epochs. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from core.problems.own import OwnConfig
from core.run.config import RunConfig
from core.run.heads import names_of
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


def can_be_compared(run: Run, other: Run) -> bool:
    """Whether their curves are of the same losses of the same problem, so that they can be laid
    over one another."""
    return _kind(run) == _kind(other)


def comparable(curves: Iterable[Curve]) -> tuple[list[Curve], list[str]]:
    """Those that can be compared with the first one, and why the others cannot, in sentences."""
    found: list[Curve] = []
    others: dict[tuple, dict[str, Run]] = {}
    for curve in curves:
        if not found or can_be_compared(curve.run, found[0].run):
            found.append(curve)
        else:
            others.setdefault(_kind(curve.run), {})[curve.run.id] = curve.run
    return found, [_why_not([*runs.values()], found[0].run) for runs in others.values()]


def _kind(run: Run) -> tuple:
    return run.config.problem, tuple((head.name, head.loss) for head in run.heads)


def _why_not(runs: list[Run], first: Run) -> str:
    """Why these, which are of one kind, cannot be compared with the first one of all."""
    labels, is_one = ", ".join(run.label for run in runs), len(runs) == 1
    left_out = f"Run {labels} is left out" if is_one else f"Runs {labels} are left out"
    of, problem = runs[0].config.problem, first.config.problem
    if of != problem:
        return (
            f"{left_out}: {'it trains' if is_one else 'they train'} {of}, and run "
            f"#{first.number}, which has the first curve, {problem}. Losses of different problems "
            "answer different questions, so a smaller one says nothing."
        )
    its, own = (
        ", ".join(f"{head.name} ({head.loss})" for head in one.heads) for one in (runs[0], first)
    )
    return (
        f"{left_out}: the file of {problem} was changed in between. The losses there are {its}; "
        f"those of run #{first.number}, which has the first curve, are {own}."
    )


def pairs_in_epoch(config: RunConfig) -> int | None:
    """Number of training pairs: an epoch is over when so many have been trained on.

    None of one's own problem whose file was not read, or is another now.
    """
    if isinstance(config, OwnConfig):
        return config.facts.n_training if config.facts else None
    return getattr(config, "training_pairs", DEFAULT_PAIRS)


def epochs(config: RunConfig, steps: int) -> float | None:
    """How often the training pairs have been gone through after so many steps, if that is known."""
    pairs = pairs_in_epoch(config)
    return None if pairs is None else steps * config.batch_size / pairs


def differences(curves: Iterable[Curve]) -> dict[str, list[str]]:
    """The settings in which curves differ, and only those, each with a value a curve in words.

    The loss weights come first. A value that was changed in mid-run reads "0.05 → 0.01"; what one
    does not have reads "none".
    """
    curves = list(curves)
    told = {
        f"weight {head}": [
            in_words(curve.began_with.root.get(head), curve.weights.root.get(head))
            for curve in curves
        ]
        for head in dict.fromkeys(name for curve in curves for name in names_of(curve.run.heads))
    }
    for name in dict.fromkeys(name for curve in curves for name in curve.run.config.names()):
        told[name] = [
            in_words(
                getattr(curve.run.first_config, name, None), getattr(curve.run.config, name, None)
            )
            for curve in curves
        ]
    return {name: values for name, values in told.items() if len(set(values)) > 1}


def in_words(first, now) -> str:
    """A setting's value, or both if it was changed."""
    first, now = (
        "none" if value is None else f"{value:.6g}" if isinstance(value, float) else str(value)
        for value in (first, now)
    )
    return now if first == now else f"{first} → {now}"
