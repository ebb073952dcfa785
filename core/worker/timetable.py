"""Whose turn it is: the runs that a process trains, shared fairly among the people they are of."""

import threading
import time
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field

from core.run.commands import Command
from core.training.cores import CORES
from core.training.turns import TURN, InTraining

FOLLOWED_FOR = 5.0  # s after somebody has last asked for a run's records
UNSEEN = 4.0  # times a turn costs more to a run that nobody follows
ROUND = 0.3  # s in which every run that is due has a turn
SMOOTHED = 0.05  # share of a turn in what a step of its kind is known to cost
MOST = 2.0  # times that, of what a turn can change it by
ALIKE = 2.0  # times what the cheapest step costs, up to which runs are given as many steps
LEAST_TURN = 0.02  # s: in less, what a turn costs besides training counts


@dataclass(eq=False)
class Hosted:
    """A run of this process, held by one thread at a time: nobody else touches its session.

    Attributes:
        run: Its id.
        person: Whose it is.
        session: What trains it; None while that is being made.
        inbox: Commands that wait for the thread that holds it.
        is_held: Whether a thread does.
        kind: Of what a step costs: the same for runs that cost the same.
        followed_until: When it will have been followed for the last time.
    """

    run: str
    person: str
    session: InTraining | None = None
    inbox: deque[Command] = field(default_factory=deque)
    is_held: bool = True
    kind: Hashable = None
    followed_until: float = 0.0


class Shares:
    """Who has had how much: start-time fair queueing (Goyal, Vin and Cheng 1996).

    Whoever is new, or was idle, begins level with the others: nobody saves up time.
    """

    def __init__(self) -> None:
        self._had: dict[str, float] = {}  # s, by name
        self._level = 0.0  # of whoever was served last

    def of(self, name: str) -> float:
        """What counts: the least is to be served next."""
        return max(self._had.get(name, 0.0), self._level)

    def serve(self, name: str) -> None:
        """It is served now."""
        self._level = self.of(name)

    def charge(self, name: str, seconds: float) -> None:
        """It has been served for so long."""
        self._had[name] = self.of(name) + seconds

    def forget(self, name: str) -> None:
        """It is gone."""
        self._had.pop(name, None)


class Timetable:
    """The runs of a process by id, and who of them has the next turn.

    Of the people who have a run that is due, the one who has had least; of that person's runs the
    one that has had least. A turn costs more while nobody follows the run.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._runs: dict[str, Hosted] = {}
        self._people = Shares()
        self._of_person: dict[str, Shares] = {}
        self._seconds_a_step: dict[Hashable, float] = {}  # by kind
        self._is_open = True

    def __contains__(self, run: str) -> bool:
        return run in self._runs

    @property
    def runs(self) -> list[Hosted]:
        """All runs."""
        return list(self._runs.values())

    @property
    def is_training(self) -> bool:
        """Whether any run would take a turn sooner or later."""
        return any(one.session and not one.session.paused for one in self.runs)

    def add(self, run: str, person: str) -> Hosted:
        """Take in a run, which is held by the caller."""
        with self._changed:
            hosted = self._runs[run] = Hosted(run, person)
            self._of_person.setdefault(person, Shares())
            return hosted

    def remove(self, hosted: Hosted) -> None:
        """Forget a run that the caller holds."""
        with self._changed:
            del self._runs[hosted.run]
            self._of_person[hosted.person].forget(hosted.run)
            if all(one.person != hosted.person for one in self._runs.values()):
                self._people.forget(hosted.person)
                del self._of_person[hosted.person]
            if all(one.kind != hosted.kind for one in self._runs.values()):
                self._seconds_a_step.pop(hosted.kind, None)
            self._changed.notify_all()

    def find(self, run: str) -> Hosted | None:
        """A run, if it is there."""
        return self._runs.get(run)

    def hold(self, run: str, command: Command | None = None) -> Hosted | None:
        """Hold a run, if it is there and free; whoever holds it finds the command in its inbox."""
        with self._changed:
            hosted = self._runs.get(run)
            if hosted is None:
                return None
            if command is not None:
                hosted.inbox.append(command)
            if hosted.is_held:
                return None
            hosted.is_held = True
            return hosted

    def release(self, hosted: Hosted) -> bool:
        """Hold it no more; False, and it is still held, if commands have come meanwhile."""
        with self._changed:
            if hosted.inbox:
                return False
            hosted.is_held = False
            self._changed.notify_all()
            return True

    def follow(self, run: str) -> None:
        """Somebody looks at a run's records now."""
        if hosted := self._runs.get(run):
            hosted.followed_until = time.perf_counter() + FOLLOWED_FOR

    def next(self) -> tuple[Hosted, float] | None:
        """Wait until a run is due, and hold it; None once there will be no more turns.

        Returns:
            The run, and how many seconds its turn may take: fewer, the more runs are due.
        """
        with self._changed:
            while self._is_open:
                now = time.perf_counter()
                free = [one for one in self._runs.values() if _is_free(one)]
                if due := [one for one in free if one.session.due <= now]:
                    chosen = min(due, key=self._has_had)
                    chosen.is_held = True
                    self._people.serve(chosen.person)
                    self._of_person[chosen.person].serve(chosen.run)
                    return chosen, min(TURN, max(LEAST_TURN, ROUND * CORES / len(due)))
                waits = [one.session.due - now for one in free]
                self._changed.wait(min(waits) if waits else None)
            return None

    def charge(self, hosted: Hosted, seconds: float, n_steps: int = 0) -> None:
        """Note a turn that the run has had.

        Steps cost what they usually cost in runs of this kind, so that those are trained alike,
        whatever else the machine did in the turns of one of them. Kinds that cost about the same,
        such as one network with two optimizers, are given as many steps; those that cost over twice
        as much again, such as a map or a large network, as much time: they take nothing from the
        others.
        """
        with self._changed:
            if hosted.run not in self._runs:
                return
            if n_steps > 1:  # the first is a turn alone, in which much else is done
                one = seconds / n_steps
                usual = self._seconds_a_step.get(hosted.kind, one)
                # A turn in which the machine was taken by others says little of what a step costs.
                usual += SMOOTHED * (min(one, MOST * usual) - usual)
                self._seconds_a_step[hosted.kind] = usual
                cheapest = min(self._seconds_a_step.values())
                seconds = n_steps * _charged(usual, cheapest)
            if hosted.followed_until < time.perf_counter():
                seconds *= UNSEEN
            self._people.charge(hosted.person, seconds)
            self._of_person[hosted.person].charge(hosted.run, seconds)

    def close(self) -> None:
        """Give no more turns."""
        with self._changed:
            self._is_open = False
            self._changed.notify_all()

    def _has_had(self, hosted: Hosted) -> tuple[float, float]:
        return self._people.of(hosted.person), self._of_person[hosted.person].of(hosted.run)


def _charged(usual: float, cheapest: float) -> float:
    """What a step counts as: the cheapest one up to `ALIKE` times that, itself from twice as much
    on; and on the straight line in between, since what is measured is never quite the same."""
    between = (2 - 1 / ALIKE) * usual - (2 * ALIKE - 2) * cheapest
    return max(cheapest, min(usual, between))


def _is_free(hosted: Hosted) -> bool:
    return not hosted.is_held and hosted.session is not None and not hosted.session.paused
