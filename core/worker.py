"""The training process, `python -m core.worker STORE`: commands in, records to the store.

It hosts several runs and gives them turns. Standard output carries notices only: that it is
ready, and whether the store can be written. It ends when its standard input closes.
"""

import json
import math
import os
import queue
import signal
import sys
import threading
import time

import numpy as np

from core.config import LIVE_SETTINGS, RunConfig
from core.data import load_dataset
from core.errors import StoreError
from core.messages import (
    Command,
    Pause,
    Resume,
    RunState,
    SetLive,
    SetLossWeights,
    StartRun,
    Step,
    Stop,
    parse_command,
)
from core.session import NEVER, Session
from core.store import Store
from core.training import Program

CHECKPOINT_EVERY = 1.0
LARGEST_CHECKPOINT = 500_000_000  # bytes; SQLite takes 1e9 at most
CLOSE_WITHIN = 5.0
KEPT_PROGRAMS = 4
NOT_COMPILED = {*LIVE_SETTINGS, "seed", "record_every", "eval_every"}
CLOSED = "The server was closed at step {step}. What was recorded is kept."


class Worker:
    """Runs in training, by id, and the loop that gives them turns.

    Args:
        store: Where records go.
        lines: Lines of commands; None says that there will be no more.
        tell: Called with a notice, a dict.
        closing: Set once no more commands can come, even if some still wait to be read.
    """

    def __init__(self, store: Store, lines: queue.SimpleQueue, tell, closing: threading.Event):
        self.store, self.lines, self.tell, self.closing = store, lines, tell, closing
        self.sessions: dict[str, Session] = {}
        self.programs: dict[str, Program] = {}
        self.saved: dict[str, tuple[float, float]] = {}
        self.is_open = True

    def work(self) -> None:
        """Carry out commands and give turns until the commands end."""
        while self.is_open:
            self._take_commands()
            for run, session in list(self.sessions.items()):
                if session.is_runnable:
                    self._guarded(run, self._turn, session)
                    self._take_commands(wait=0)
        for run, session in self.sessions.items():
            self._record(run, session.rest())
            self._write(
                self.store.set_state, run, RunState.STOPPED, CLOSED.format(step=session.reached)
            )

    def program(self, config: RunConfig) -> Program:
        """The compiled training of the fixed settings, made at first use."""
        key = config.model_dump_json(exclude=NOT_COMPILED)
        program = self.programs.pop(key, None) or Program(config, load_dataset(config.dataset))
        self.programs[key] = program
        for old in list(self.programs)[:-KEPT_PROGRAMS]:
            del self.programs[old]
        return program

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
        return max(0.0, min(due) - time.perf_counter()) if due else None

    def _guarded(self, run: str, action, argument) -> None:
        """Do something for one run; what goes wrong ends that run and no other."""
        try:
            action(argument)
        except StoreError:
            raise
        except Exception as error:
            self.sessions.pop(run, None)
            message = f"Training failed: {type(error).__name__}: {error}"
            self._write(self.store.set_state, run, RunState.FAILED, message[:500])

    def _carry_out(self, command: Command) -> None:
        run = command.run
        if isinstance(command, StartRun):
            self._start(run)
        session = self.sessions.get(run)
        if session is None:
            return
        match command:
            case SetLossWeights() | SetLive():
                session.change(command)
            case Pause():
                session.pause()
                self._record(run, session.rest())
                self._save(session)
                self._write(self.store.set_state, run, RunState.PAUSED)
            case Resume() | Step():
                session.go_on(command.n if isinstance(command, Step) else NEVER)
                self._write(self.store.set_state, run, RunState.RUNNING)
            case Stop():
                self._end(session, RunState.STOPPED, f"Stopped at step {session.reached}.")

    def _start(self, run: str) -> None:
        stored = self.store.run(run)
        if stored.state.is_finished:
            return
        program = self.program(stored.config)
        program.prepare(stored.config, len(stored.lanes))
        self.sessions[run] = Session(
            stored,
            program,
            self.store.last_checkpoint(run),
            self.store.changes(run),
            self.store.last_recorded(run),
        )
        self.saved[run] = (time.perf_counter(), 0.0)

    def _turn(self, session: Session) -> None:
        run = session.run
        self._make_changes(session)
        if session.is_done:
            self._end(session, RunState.FINISHED, "")
            return
        if session.step == 0:
            self._write(self.store.set_state, run, RunState.RUNNING)
        self._record(run, session.turn())
        diverged = np.flatnonzero(session.diverged_at < NEVER)
        if len(diverged) == len(session.weights):
            self._end(session, RunState.DIVERGED, divergence(session, diverged))
        elif session.is_done:
            message = divergence(session, diverged) if len(diverged) else ""
            self._end(session, RunState.FINISHED, message)
        elif session.budget <= 0:
            self._carry_out(Pause(run=run))
        else:
            last, cost = self.saved[run]
            # A large state is saved less often, so that saving stays under 5 % of the time.
            if time.perf_counter() - last > max(CHECKPOINT_EVERY, 20 * cost):
                self._save(session)

    def _make_changes(self, session: Session) -> None:
        if not session.changes or session.changes[0].step > session.step:
            return
        self._record(session.run, session.rest())
        for change in session.changes_due():
            self._write(
                self.store.add_change, session.run, change.step, change.command, session.config
            )

    def _end(self, session: Session, state: RunState, message: str) -> None:
        self._record(session.run, session.rest())
        self._write(self.store.set_state, session.run, state, message)
        del self.sessions[session.run]

    def _save(self, session: Session) -> None:
        if session.step == 0:
            return
        began = time.perf_counter()
        arrays = session.arrays()
        if sum(array.nbytes for array in arrays) > LARGEST_CHECKPOINT:
            self.saved[session.run] = (began, math.inf)
            return
        self._write(self.store.add_checkpoint, session.run, session.step, session.seconds, arrays)
        now = time.perf_counter()
        self.saved[session.run] = (now, now - began)

    def _record(self, run: str, rows: list[tuple]) -> None:
        if rows:
            self._write(self.store.append, run, rows)

    def _write(self, write, *arguments) -> None:
        """Write to the store; while it cannot be written, hold everything and try again."""
        fault = ""
        while True:
            try:
                write(*arguments)
            except StoreError as error:
                if str(error) != fault:
                    fault = str(error)
                    self.tell({"fault": fault})
                if self.closing.wait(0.25):
                    raise
            else:
                if fault:
                    self.tell({"fault": ""})
                return


def divergence(session: Session, lanes) -> str:
    """What happened and what to do, in words."""
    where = ", ".join(
        f"lane {lane} at step {session.diverged_at[lane]}"
        if len(session.weights) > 1
        else f"at step {session.diverged_at[lane]}"
        for lane in lanes
    )
    return (
        f"The loss stopped being a finite number ({where}). Try a smaller learning rate "
        f"(it was {session.config.learning_rate:g}) or smaller loss weights."
    )


def main() -> None:
    """Warm up for the default settings, then work until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    notices = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    lines, closing = queue.SimpleQueue(), threading.Event()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        lines.put(None)
        closing.set()
        time.sleep(CLOSE_WITHIN)
        os._exit(1)

    def tell(notice: dict) -> None:
        print(json.dumps(notice), file=notices)

    threading.Thread(target=read, daemon=True).start()
    worker = Worker(Store(sys.argv[1]), lines, tell, closing)
    config = RunConfig()
    worker.program(config).prepare(config, n_lanes=1)
    worker.tell({"ready": True, "fault": ""})
    worker.work()


if __name__ == "__main__":
    main()
