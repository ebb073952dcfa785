"""What the training process is told, and what is told again to the one that takes its place."""

import threading

from core.engine import owners
from core.engine.process import WorkerProcess
from core.errors import StoreError
from core.run.commands import Command, Fork, MoveLossWeights, Pause, SetLossWeights, StartRun, Step
from core.run.run import Run
from core.run.states import RunState
from core.run.weights import LossWeights
from core.store import Store

DEATHS_ALLOWED = 3


class Outbox:
    """The commands of one engine on their way to its worker.

    Args:
        store: Has the runs.
        owner: Whose runs they are.
        *more: Further arguments of the worker.
        patience: See `WorkerProcess`.

    Attributes:
        lock: Held by whoever writes to the worker and by the watcher that replaces it, so that no
            command falls between the two.
        worker: The training process.
    """

    def __init__(self, store: Store, owner: str, *more: str, patience: float = 0):
        self.store, self.owner = store, owner
        # The last command of each kind for each run. A worker may die with commands unread, so its
        # successor is told them again; a command that was carried out changes nothing then.
        self._sent: dict[str, dict[object, Command]] = {}
        # How often the worker died since a run last gave a sign of life, and which: a run that
        # always kills it is given up, one that gets on, or waits in peace, is not.
        self._deaths: dict[str, tuple[object, int]] = {}
        self._oldest_first = True
        self.lock = threading.RLock()
        with self.lock:
            self.worker = WorkerProcess(
                store.path, self.lock, self._restore, *more, patience=patience
            )

    def begin(self, command: Command, **sent: Command) -> None:
        """Tell the worker, and forget what it was told of this run but for `sent`, by kind."""
        with self.lock:
            has_told = self.worker.begin()  # before this is among what it is told of the run
            self._sent[command.run] = dict(sent.items())
            if not (has_told and isinstance(command, StartRun)):
                self.write(command)

    def send(self, command: Command, kind, run: Run | None = None) -> bool:
        """Tell the worker, now and if need be its successor; False if the run had ended.

        Args:
            command: What to do.
            kind: The last command of a kind is the one that counts.
            run: The run as it was just read, if it was.
        """
        with self.lock:
            if (run or owners.within_reach(self.store, command.run, self.owner)).is_finished:
                self._sent.pop(command.run, None)
                return False
            self.worker.begin()
            self._sent.setdefault(command.run, {})[kind] = command
            self.write(command)
        return True

    def write(self, command: Command) -> None:
        """Tell the present worker alone."""
        self.worker.write(command.model_dump_json().encode())

    def last(self, run: str, kind) -> Command | None:
        """What was sent last of a kind."""
        return self._sent.get(run, {}).get(kind)

    def n_lanes(self, run: Run) -> int:
        """The number of lanes, those included that were asked for just now."""
        sent = self._sent.get(run.id, {}).values()
        forks = (command.new_lane + 1 for command in sent if isinstance(command, Fork))
        return max([len(run.lanes_now), *forks])

    def weights_of(self, run: Run, lane: int) -> LossWeights:
        """The weights of a lane, those included that are on their way."""
        sent = self.last(run.id, ("weights", lane))
        if isinstance(sent, SetLossWeights):
            return sent.loss_weights
        moved = sent.weights if isinstance(sent, MoveLossWeights) else {}
        return run.lanes_now[lane].loss_weights.moved(moved)

    def _restore(self, was_ready: bool) -> None:
        """Tell a new process what to take up, but for runs that the old ones always died of.

        A process that was not ready had given no run a turn, and died of none.
        """
        if problem := self.store.problem:  # a file made in its place would be another store
            raise StoreError(problem)
        signs = self.store.signs_of_life(self.owner)
        unfinished = [run for run in self.store.runs(self.owner) if not run.is_finished]
        deaths: dict[str, tuple[object, int]] = {}
        for run in unfinished:
            sign, before = self._deaths.get(run.id, (None, 0))
            now = signs.get(run.id)
            deaths[run.id] = (now, (before if sign == now else 0) + was_ready)
        for run in reversed(unfinished) if self._oldest_first else unfinished:
            n_deaths = deaths[run.id][1]
            if n_deaths > DEATHS_ALLOWED:
                message = f"The training process died {n_deaths} times at step {run.step}."
                self.store.set_state(run.id, RunState.FAILED, message)
                continue
            self.write(StartRun(run=run.id))
            sent = self._sent.get(run.id, {})
            for kind, command in sent.items():
                if was_ready and isinstance(command, Step):  # it may have been carried out
                    sent[kind] = Pause(run=run.id)
                self.write(sent[kind])
            if run.state is RunState.PAUSED and "control" not in sent:  # since a rewind
                self.write(Pause(run=run.id))
        # Those behind a run that kills have no turn either: in the other order, they have.
        self._oldest_first ^= was_ready
        self._deaths = deaths
        self._sent = {run: sent for run, sent in self._sent.items() if run in deaths}
