"""One training, with its lanes and what was changed in it."""

from dataclasses import dataclass

from core.run.commands import Command
from core.run.config import RunConfig
from core.run.simplex import MapConfig, Part, parts_of_map
from core.run.states import RunState
from core.run.weights import MAX_LANES, LossWeights


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
    """

    loss_weights: LossWeights
    source: int | None = None
    since: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """One training, as the store knows it.

    Attributes:
        id: Unique in the store.
        state: See `RunState`.
        first_config: The settings it began with.
        config: The settings now in force; live ones may have changed.
        lanes: The loss weights each lane began with; of a weight map, all its settings.
        created: When it was started, in seconds since 1970.
        step: Updates done and recorded.
        message: Why it ended, or what is wrong, in words; empty if nothing is.
        branches: The step at which each branch begins: 0, and one more for each rewind.
        map: What it covers if it is a weight map, else None.
        lanes_at_once: Of a weight map, the number of lanes that fit into memory together.
        parts_done: Of a weight map, how many of its parts have been trained.
        name: That a user gave it, empty if none did.
        note: A user's, in Markdown.
        pinned: Whether it stays on top of lists and keeps its checkpoints.
        seconds: Of training until the newest record; of a weight map, since it was started.
    """

    id: str
    state: RunState
    first_config: RunConfig
    config: RunConfig
    lanes: tuple[LossWeights, ...]
    created: float
    step: int
    message: str
    branches: tuple[int, ...] = (0,)
    map: MapConfig | None = None
    lanes_at_once: int = MAX_LANES
    parts_done: int = 0
    name: str = ""
    note: str = ""
    pinned: bool = False
    seconds: float = 0.0

    @property
    def label(self) -> str:
        """What to call it: its name, or else its id."""
        return self.name or self.id

    @property
    def parts(self) -> list[Part]:
        """What is trained one after the other: of a weight map several parts, else one."""
        if self.map is None:
            return [Part(0, self.lanes, self.config.seed)]
        return parts_of_map(self.map, self.config, self.lanes_at_once)
