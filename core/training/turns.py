"""What the worker gives turns to, whoever does the training."""

from abc import ABC, abstractmethod

import numpy as np

from core.run.commands import Command
from core.run.config import RunConfig
from core.run.lanes import Change
from core.run.records import Record

TURN = 0.05  # s, of a run that is alone


class InTraining(ABC):
    """A run in training, or a part of one: `Session` trains it here, `MapOnRay` on a cluster.

    Attributes:
        run: The run's id.
        config: Its settings now in force.
        n_parts: How many parts of a weight map this is.
        step: Updates done.
        seconds: Of training.
        diverged_at: The step at which each lane has diverged, `NEVER` if it has not.
        paused: Whether it takes no turns.
        due: When it wants its next turn, of `time.perf_counter`.
        budget: Steps until it is to be paused again.
        can_rewind: Whether its states are kept for rewinds.
    """

    run: str
    config: RunConfig
    n_parts: int
    step: int
    seconds: float
    diverged_at: np.ndarray
    paused: bool
    due: float
    budget: int
    can_rewind: bool

    @property
    @abstractmethod
    def is_done(self) -> bool:
        """Whether all is trained."""

    @property
    @abstractmethod
    def reached(self) -> int:
        """Steps done, those included that are being repeated."""

    @abstractmethod
    def change(self, command: Command) -> None:
        """Change live settings or lanes, as soon as that is possible."""

    @abstractmethod
    def has_changes_due(self) -> bool:
        """Whether something is to change before the next turn."""

    @abstractmethod
    def changes_due(self) -> list[Change]:
        """Make the changes that are due; give back those the store does not know."""

    @abstractmethod
    def pause(self) -> None:
        """Take no turns until `go_on`."""

    @abstractmethod
    def go_on(self, steps: int) -> None:
        """Take turns again, for so many steps."""

    @abstractmethod
    def turn(self, seconds: float = TURN) -> list[Record]:
        """Train for about so long; give the records that this completes."""

    @abstractmethod
    def rest(self) -> list[Record]:
        """The records of the steps that none holds yet."""

    @abstractmethod
    def arrays(self) -> list[np.ndarray]:
        """All that a checkpoint has to hold; nothing where no state is at hand."""

    @abstractmethod
    def close(self) -> None:
        """End what trains elsewhere."""
