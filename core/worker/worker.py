"""The loop of the training process: takes commands and gives the runs it hosts their turns."""

import queue
import threading
import time
from functools import partial

import numpy as np

from core.data import datasets
from core.errors import DataError, StoreError
from core.inside.observer import Observer
from core.problems.siamese.pairs import dataset_of
from core.run.commands import (
    Command,
    Fork,
    MoveLossWeights,
    Pause,
    Preview,
    Probe,
    Resume,
    Rewind,
    SetLive,
    SetLossWeights,
    StartRun,
    Step,
    Stop,
    Watch,
    parse_command,
)
from core.run.run import Run
from core.run.states import RunState
from core.store import Store
from core.training.programs import Programs
from core.training.session import NEVER, Session
from core.training.speed import speed
from core.training.turns import InTraining
from core.worker.recorder import Recorder
from core.worker.waiting_room import WaitingRoom

LOOK_EVERY = 0.3  # s between two looks at what is being fetched
CLOSED = "The server was closed at step {step}. What was recorded is kept."


class Worker:
    """Runs in training, by id, and the loop that gives them turns.

    Args:
        store: Where records go.
        lines: Lines of commands; None says that there will be no more.
        tell: Called with a notice, a dict.
        closing: Set once no more commands can come, even if some still wait to be read.
        ray_address: Of the Ray cluster that trains weight maps; empty if this process does.
    """

    def __init__(
        self,
        store: Store,
        lines: queue.SimpleQueue,
        tell,
        closing: threading.Event,
        ray_address: str = "",
    ):
        self.store, self.lines, self.tell = store, lines, tell
        self.ray_address = ray_address
        self.sessions: dict[str, InTraining] = {}
        self.recorder = Recorder(store, tell, closing)
        self.folder = datasets.folder_of(store.path)
        self.programs = Programs(self.folder)
        self.waiting = WaitingRoom(self.folder, partial(self.recorder.write, store.set_state))
        self.observer = Observer(store, self.recorder.write, self.programs, self.folder, tell)
        self.is_open = True

    def work(self) -> None:
        """Carry out commands and give turns until the commands end."""
        while self.is_open:
            self._take_commands()
            for command in self.waiting.look():
                self._guarded(command.run, self._carry_out, command)
            for run, session in list(self.sessions.items()):
                if session.is_runnable:
                    self._guarded(run, self._turn, session)
                    self.observer.look(session, self.is_training)
                    self._take_commands(wait=0)
        self.waiting.close(CLOSED.format(step=0))
        for run, session in self.sessions.items():
            self.recorder.complete(session)
            self.recorder.write(
                self.store.set_state, run, RunState.STOPPED, CLOSED.format(step=session.reached)
            )
            session.close()

    def _take_commands(self, wait: float | None = None) -> None:
        """Carry out what has come; with nothing to train, wait for something to come."""
        while self.is_open:
            try:
                line = self.lines.get(timeout=self._idle_time() if wait is None else wait)
            except queue.Empty:
                return
            wait = 0
            if line is None:
                self.is_open = False
                return
            command = parse_command(line)
            self._guarded(command.run, self._carry_out, command)

    def _idle_time(self) -> float | None:
        """Seconds until a run wants a turn, None if none does."""
        due = [session.due for session in self.sessions.values() if not session.paused]
        if self.waiting:
            due.append(time.perf_counter() + LOOK_EVERY)
        return max(0.0, min(due) - time.perf_counter()) if due else None

    def _guarded(self, run: str, action, argument) -> None:
        """Do something for one run; what goes wrong ends that run and no other."""
        try:
            action(argument)
        except StoreError:
            raise
        except Exception as error:
            session = self.sessions.pop(run, None)
            if session:
                session.close()
            message = f"Training failed: {type(error).__name__}: {error}"[:500]
            message = str(error) if isinstance(error, DataError) else message  # in sentences
            self.recorder.write(self.store.set_state, run, RunState.FAILED, message)

    def _carry_out(self, command: Command) -> None:
        run = command.run
        if isinstance(command, Watch):
            self._watch(command)
        elif run in self.waiting:
            self.waiting.take(command)
        elif isinstance(command, StartRun):
            self._start(run)
        elif isinstance(command, Rewind):
            self._rewind(command)
        elif isinstance(command, Probe):
            program = self.programs.prepared(command.config, command.n_lanes)
            rate = speed(program, command.config, command.n_lanes)
            self.tell({"answer": run, "rate": rate})
        elif isinstance(command, Preview):
            self.observer.preview(command, self.is_training)
        session = self.sessions.get(run)
        if session is None:
            return
        match command:
            case SetLossWeights() | MoveLossWeights() | SetLive() | Fork():
                session.change(command)
                if session.paused:  # there may be no turn for long
                    self._make_changes(session)
            case Pause():
                session.pause()
                self.recorder.append(run, session.rest())
                self.recorder.save(session)
                self.recorder.write(self.store.set_state, run, RunState.PAUSED)
            case Resume() | Step():
                session.go_on(command.n if isinstance(command, Step) else NEVER)
                self.recorder.write(self.store.set_state, run, RunState.RUNNING)
            case Stop():
                self._end(session, RunState.STOPPED, f"Stopped at step {session.reached}.")

    @property
    def is_training(self) -> bool:
        """Whether any run would take a turn sooner or later."""
        return any(not session.paused for session in self.sessions.values())

    def _watch(self, command: Watch) -> None:
        self.observer.watch(command)
        if session := self.sessions.get(command.run):
            if session.paused:  # or else its turns are looked at
                self.observer.look(session, self.is_training)
        elif (run := self.store.run(command.run)).is_finished:
            self.observer.look_back(run, command, self.is_training)

    def _start(self, run: str) -> None:
        """Take up a run from its last checkpoint, or else from its start."""
        stored = self.store.run(run)
        if stored.is_finished:
            return
        if stored.config.facts.files and not datasets.is_here(stored.config.dataset, self.folder):
            self.waiting.add(run, stored.config.dataset)
            return
        if stored.map and self.ray_address:
            self._start_on_ray(stored)
            return
        part = stored.parts[stored.parts_done]
        program = self.programs.prepared(stored.config, len(part.weights))
        self.sessions[run] = Session(
            stored,
            part,
            program,
            self.store.last_checkpoint(run),
            stored.changes,
            self.store.last_recorded(run, part.lanes, len(stored.branches) - 1),
        )

    def _start_on_ray(self, run: Run) -> None:
        """Let a cluster train the parts of a map that are not trained yet."""
        from core.worker.cluster import MapOnRay

        missing = [
            part
            for part in run.parts
            if self.store.last_recorded(run.id, part.lanes)[0] < run.config.steps
        ]
        self.sessions[run.id] = MapOnRay(
            run, missing, self.ray_address, dataset_of(run.config, self.folder)
        )

    def _rewind(self, command: Rewind) -> None:
        """Go back to a checkpoint, and wait there."""
        run = command.run
        stored = self.store.run(run)
        if command.branch != len(stored.branches):
            return
        # The one asked for may just have made room for a newer one.
        step = max(step for step in self.store.checkpoints(run) if step <= command.step)
        command = command.model_copy(update={"step": step})
        session = self.sessions.pop(run, None)
        if session:
            self.recorder.append(run, session.rest())
        at = session.reached if session else stored.step
        self.recorder.write(self.store.rewind, run, at, command)
        self._start(run)
        self.waiting.take(Pause(run=run)) if run in self.waiting else self.sessions[run].pause()

    def _turn(self, session: InTraining) -> None:
        run = session.run
        self._make_changes(session)
        if session.is_done:
            self._end_part(session)
            return
        if session.step == 0:
            self.recorder.write(self.store.set_state, run, RunState.RUNNING)
        self.recorder.append(run, session.turn())
        self.recorder.save_if_due(session)
        if session.is_done or (session.diverged_at < NEVER).all():
            self._end_part(session)
        elif session.budget <= 0:
            self._carry_out(Pause(run=run))

    def _make_changes(self, session: InTraining) -> None:
        if not session.has_changes_due():
            return
        self.recorder.append(session.run, session.rest())
        for change in session.changes_due():
            self.recorder.write(
                self.store.add_change, session.run, change.step, change.command, session.config
            )

    def _end_part(self, session: InTraining) -> None:
        """All is trained, or all has diverged: go on with the next part of a map, or end."""
        run = self.store.run(session.run)
        if run.map:
            self.recorder.append(run.id, session.rest())
            self.recorder.write(self.store.finish_parts, run.id, session.n_parts)
            if run.parts_done + session.n_parts < len(run.parts):
                self._start(run.id)
                return
            lost = run.map.n_lanes - self.store.n_lanes_at(run.id, run.config.steps)
            n_lanes, where = run.map.n_lanes, f"in {lost} of {run.map.n_lanes} lanes"
        else:
            diverged = np.flatnonzero(session.diverged_at < NEVER)
            n_lanes, lost = len(session.diverged_at), len(diverged)
            where = ", ".join(
                f"{f'lane {lane + 1} ' if n_lanes > 1 else ''}at step {session.diverged_at[lane]}"
                for lane in diverged
            )
        state = RunState.DIVERGED if lost == n_lanes else RunState.FINISHED
        advice = (
            f"The loss stopped being a finite number ({where}). Try a smaller learning rate "
            f"(it was {session.config.learning_rate:g}) or smaller loss weights."
        )
        self._end(session, state, advice if lost else "")

    def _end(self, session: InTraining, state: RunState, message: str) -> None:
        self.recorder.complete(session)
        self.sessions.pop(session.run).close()
        self.recorder.write(self.store.set_state, session.run, state, message)
