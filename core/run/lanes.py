"""The lanes of a run as its changes have left them: the one replay of what was changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.run.commands import Command, Fork, SetLossWeights
from core.run.weights import LossWeights


@dataclass(frozen=True, slots=True)
class Change:
    """A live setting or a number of lanes that changed at a step; made again after a lost worker.

    Attributes:
        step: Updates done when it came into force.
        command: The `SetLossWeights`, `SetLive` or `Fork` that did it.
    """

    step: int
    command: Command


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane of a run as it is trained now.

    Attributes:
        loss_weights: In force.
        source: The lane that it was forked from, None if it was there from the start.
        since: The step at which it was forked, 0 if it was there from the start.
        way: All loss weights it was ever trained with, each after the step from which on; those
            of its source up to the fork come first.
        inherited: How many of them are its source's.
    """

    loss_weights: LossWeights
    source: int | None = None
    since: int = 0
    way: tuple[tuple[int, LossWeights], ...] = field(default=(), compare=False, repr=False)
    inherited: int = field(default=0, compare=False, repr=False)

    @property
    def began_with(self) -> LossWeights:
        """The loss weights that it began with."""
        return self.way[self.inherited][1] if self.way else self.loss_weights

    @property
    def moved_heads(self) -> tuple[bool, ...]:
        """Of each head, in their order, whether its weight was another one since."""
        own = [weights.as_tuple() for _, weights in self.way[self.inherited :]]
        return tuple(len({*values}) > 1 for values in zip(*own, strict=True))

    def moved(self, step: int, loss_weights: LossWeights) -> "Lane":
        """The lane with other loss weights from a step on."""
        way = (*self.way, (step, loss_weights))
        return Lane(loss_weights, self.source, self.since, way, self.inherited)


def lanes_after(initial: Sequence[LossWeights], changes: Iterable[Change]) -> tuple[Lane, ...]:
    """The lanes that a run has after its changes.

    Args:
        initial: The loss weights that its first lanes began with.
        changes: Those in force, in their order; others than of lanes do not count.
    """
    lanes = [Lane(weights, way=((0, weights),)) for weights in initial]
    for change in changes:
        command = change.command
        if isinstance(command, SetLossWeights):
            lanes[command.lane] = lanes[command.lane].moved(change.step, command.loss_weights)
        elif isinstance(command, Fork):
            way = lanes[command.lane].way
            weights = command.loss_weights
            of_fork = (*way, (change.step, weights))
            lanes.append(Lane(weights, command.lane, change.step, of_fork, len(way)))
    return tuple(lanes)
