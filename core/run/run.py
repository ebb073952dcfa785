"""One training, told whole: what was asked, how it stands, what can be done with it."""

from dataclasses import dataclass, field, replace
from functools import cached_property

from core.errors import NotAllowed
from core.run.commands import SetLive
from core.run.config import RunConfig
from core.run.heads import Heads, names_of
from core.run.lanes import Change, Lane, lanes_after
from core.run.owner import Standing, standing_of, told_of
from core.run.simplex import MapConfig, Part, parts_of_map
from core.run.states import RunState
from core.run.visitor import Deed, Visitor
from core.run.weights import MAX_LANES, RACE_LANES, LossWeights


@dataclass(frozen=True, slots=True)
class Can:
    """What can be done with a run as it stands.

    Attributes:
        steer: Whether its loss weights and live settings can be changed.
        pause: Whether it can be paused, stepped, resumed or stopped.
        fork: Whether a lane can be copied.
        rewind: Whether it can go back to a checkpoint, also after its end.
        look_inside: Whether gradients and what a model sees can be measured.
        label: Whether its name and note can be changed.
        pin: Whether it can be pinned, or unpinned where it is.
        delete: Whether it can be deleted.
        why: A sentence, if it cannot be steered for another reason than how it stands.
    """

    steer: bool
    pause: bool
    fork: bool
    rewind: bool
    look_inside: bool
    label: bool = True
    pin: bool = True
    delete: bool = True
    why: str = ""


@dataclass(frozen=True)
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
        changes: Those in force, in order: without those that a rewind undid.
        newest: Lane and step of the newest record; no lane and 0 if there is none.
        owner: Name of the engine that trains it, or did; see `Owner`.
        number: In its store, counted from 1; 0 of a run that is in none.
        heads: The losses that it has, in the order in which it is recorded; see `Head`.
        person: Digest of the cookie of the browser that started it; empty of a run that the
            command line started, a script's or an older store's.
        unfused: Why its steps are trained operation by operation and are not one program of XLA,
            in a sentence; empty if they are one, or if that is not known yet.
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
    changes: tuple[Change, ...] = ()
    newest: tuple[int, int] = (-1, 0)
    owner: str = field(default="", compare=False)
    number: int = field(default=0, compare=False)
    heads: Heads = ()
    person: str = field(default="", compare=False)
    unfused: str = field(default="", compare=False)

    @property
    def label(self) -> str:
        """What to call it: its number, and its name or else what it is."""
        return f"#{self.number} · {self.name or self.in_short()}"

    @property
    def called(self) -> str:
        """The same where its weights are not those it began with: "#12", and its name if any."""
        return " · ".join(filter(None, (f"#{self.number}", self.name)))

    def in_short(self, lane: LossWeights | None = None) -> str:
        """Its loss weights and settings as it began, such as "1, 1, 0.5 · conv · adam 0.001".

        Args:
            lane: Of one lane, what that began with; of all that were there from the start if None.
        """
        if lane:
            weights = lane.in_short()
        elif self.map:
            weights = f"map of {self.map.n_points} weights"
        elif len(self.lanes) > RACE_LANES:
            weights = f"{len(self.lanes)} lanes"
        else:
            weights = " | ".join(lane.in_short() for lane in self.lanes)
        return " · ".join(filter(None, (weights, self.first_config.in_short())))

    @property
    def is_finished(self) -> bool:
        """Whether nothing will change any more."""
        return self.state.is_finished

    @property
    def elsewhere(self) -> str:
        """A sentence, if it is trained where this machine cannot reach it; else empty."""
        if self.is_finished or standing_of(self.owner) is not Standing.ELSEWHERE:
            return ""
        return (
            f"Run {self.label} is trained {told_of(self.owner)}: steer and stop it there. If that "
            "is gone for good, `python3 -m core.store release` and the path of the store end it."
        )

    @cached_property
    def parts(self) -> list[Part]:
        """What is trained one after the other: of a weight map several parts, else one."""
        if self.map is None:
            return [Part(0, self.lanes, self.config.seed)]
        points = self.map.points(names_of(self.heads))
        return parts_of_map(self.map, points, self.config, self.lanes_at_once)

    @cached_property
    def lanes_now(self) -> tuple[Lane, ...]:
        """All lanes as they are trained now; of a weight map, one for each setting and seed."""
        initial = [weights for part in self.parts for weights in part.weights]
        return lanes_after(initial, self.changes)

    @cached_property
    def live_settings(self) -> tuple[tuple[int, RunConfig], ...]:
        """The settings that were in force, each after the step from which on."""
        changed = [
            (change.step, change.command.config)
            for change in self.changes
            if isinstance(change.command, SetLive)
        ]
        return ((0, self.first_config), *changed)

    def config_at(self, step: int) -> RunConfig:
        """The settings that were in force at a step."""
        return next(config for at, config in reversed(self.live_settings) if at <= step)

    @property
    def progress(self) -> float:
        """How much of it is trained, 0 to 1; of a weight map, of the steps of all its lanes."""
        if self.map is None:
            return self.step / self.config.steps
        done, ahead = self.parts[: self.parts_done], self.parts[self.parts_done :]
        trained = sum(len(part.lanes) for part in done) * self.config.steps
        lane, step = self.newest
        if ahead and lane in ahead[0].lanes:
            trained += len(ahead[0].lanes) * step
        return trained / (self.map.n_lanes * self.config.steps)

    @property
    def can(self) -> Can:
        """What can be done with it from this machine, by the command line."""
        is_map, within_reach = self.map is not None, not self.elsewhere
        goes_on = within_reach and not self.is_finished
        has_begun = self.state in (RunState.RUNNING, RunState.PAUSED)
        return Can(
            steer=goes_on and not is_map,
            pause=goes_on,
            fork=goes_on and has_begun and not is_map and len(self.lanes_now) < RACE_LANES,
            rewind=within_reach and not is_map and not self.config.obstacle,
            look_inside=not is_map,
            delete=self.is_finished,
            why=self.elsewhere or self.config.obstacle,
        )

    def can_by(self, visitor: Visitor) -> Can:
        """What somebody at the page can do with it."""
        can, refused = self.can, {deed: self.refusal(visitor, deed) for deed in Deed}
        can = replace(
            can,
            label=can.label and not refused[Deed.LABEL],
            pin=can.pin and not refused[Deed.PIN],
            delete=can.delete and not refused[Deed.DELETE],
        )
        if not refused[Deed.STEER]:
            return can
        why = can.why or refused[Deed.STEER]
        return replace(can, steer=False, pause=False, fork=False, rewind=False, why=why)

    def refusal(self, visitor: Visitor, deed: Deed = Deed.STEER) -> str:
        """Why this is not theirs to do, in a sentence; empty if it is."""
        if visitor.may(deed, self.person, self.pinned):
            return ""
        if visitor.is_open:
            return (
                f"Run #{self.number} is pinned, so it is {deed} by whoever started it alone, or "
                "with the teacher's link."
            )
        if self.person:
            whose = f"Run #{self.number} is somebody else's: it is {deed} by them alone, or with"
        else:
            whose = f"Run #{self.number} was not started here: it is {deed} by a script, or with"
        own = "" if self.map else " You can fork it into a run of your own."
        return f"{whose} the teacher's link, which is on the server's terminal.{own}"

    def check(self, visitor: Visitor, deed: Deed = Deed.STEER) -> None:
        """Have it done by those who may.

        Raises:
            NotAllowed: If this is not theirs to do; the message says what is.
        """
        if said := self.refusal(visitor, deed):
            raise NotAllowed(said)
