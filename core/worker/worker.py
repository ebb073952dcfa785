"""The training process: takes commands, and gives the runs it hosts their turns, side by side."""

import queue
import threading
import time
from contextlib import suppress
from functools import partial

from core.data import datasets
from core.errors import ExplorerError, StoreError
from core.inside.observer import Observer
from core.inside.onlooker import Onlooker
from core.inside.sentences import in_words
from core.problems import own
from core.run.commands import (
    AddProblem,
    Command,
    Follow,
    Pause,
    Prepare,
    Preview,
    Probe,
    Rewind,
    StartRun,
    Watch,
    parse_command,
)
from core.run.config import RunConfig
from core.store import Store
from core.training.compiled_files import CompiledFiles
from core.training.cores import CORES
from core.training.programs import Programs
from core.training.speed import speed
from core.worker.recorder import Recorder
from core.worker.timetable import Hosted, Timetable
from core.worker.turns import Turns
from core.worker.waiting_room import WaitingRoom

LOOK_EVERY = 0.3  # s between two looks at what is being fetched
CLOSED = "The server was closed at step {step}. What was recorded is kept."


class Worker:
    """Takes commands, and has a thread for each core that gives turns.

    A run is held by one thread at a time. A command goes to whoever holds its run, who carries it
    out after the turn; where nobody does, it is carried out at once. What has to be compiled is so
    in a thread of its own, which holds the run meanwhile: nobody else waits.

    Args:
        store: Where records go.
        lines: Lines of commands; None says that there will be no more.
        tell: Called with a notice, a dict.
        closing: Set once no more commands can come, even if some still wait to be read.
        ray_address: Of the Ray cluster that trains weight maps; empty if this process does.
        files: Where compiled programs are kept, if they are.
    """

    def __init__(
        self,
        store: Store,
        lines: queue.SimpleQueue,
        tell,
        closing: threading.Event,
        ray_address: str = "",
        files: CompiledFiles | None = None,
    ):
        self.store, self.lines, self.tell = store, lines, tell
        folder = datasets.folder_of(store.path)
        self.timetable = Timetable()
        self.recorder = Recorder(store, tell, closing)
        self.programs = Programs(folder, files)
        self.turns = Turns(store, self.recorder, self.programs, self.timetable, ray_address)
        self.waiting = WaitingRoom(folder, partial(self.recorder.write, store.set_state))
        self.observer = Observer(store, self.recorder.write, self.programs, folder, tell)
        self.onlooker = Onlooker(lambda: self.timetable.is_training)
        self._to_make: queue.SimpleQueue[Hosted] = queue.SimpleQueue()
        self._probing = threading.Lock()
        self._fault: StoreError | None = None

    def work(self) -> None:
        """Carry out commands and give turns until the commands end.

        Raises:
            StoreError: If the store cannot be read any more.
        """
        threads = [self._thread(self._give_turns) for _ in range(CORES)]
        self._thread(self._make_runs)
        while (line := self._next_line()) is not None:
            command = parse_command(line)
            self._guarded(command.run, self._take, command)
        self.timetable.close()
        self.onlooker.close()
        for thread in threads:
            thread.join()
        if self._fault:
            raise self._fault
        self.waiting.close(CLOSED.format(step=0))
        for hosted in self.timetable.runs:
            self.turns.close(hosted, CLOSED)

    def _thread(self, work, *arguments) -> threading.Thread:
        """A thread at work, whose end for want of a store is the end of all."""

        def guarded() -> None:
            try:
                work(*arguments)
            except StoreError as error:
                self._fault = error
                self.lines.put(None)

        thread = threading.Thread(target=guarded, name=work.__name__, daemon=True)
        thread.start()
        return thread

    def _next_line(self) -> bytes | None:
        """The next command; meanwhile it is seen to what is being fetched."""
        while True:
            for command in self.waiting.look():
                self._guarded(command.run, self._take, command)
            try:
                return self.lines.get(timeout=LOOK_EVERY if self.waiting else None)
            except queue.Empty:
                continue

    def _guarded(self, run: str, action, *arguments) -> None:
        """Do something for one run; what goes wrong ends that run and no other."""
        try:
            action(*arguments)
        except StoreError:
            raise
        except Exception as error:
            self.turns.fail(run, error)

    def _take(self, command: Command) -> None:
        """Carry out a command, or see that it is."""
        run = command.run
        match command:
            case AddProblem():
                own.add(own.Facts(**command.facts))
            case Follow():
                self.timetable.follow(run)
            case Watch():
                self.observer.watch(command)
                self.onlooker.ask(("inside", run, command.lane), partial(self._look, command))
            case Preview():
                # There is one slot for all: whoever is not answered asks again.
                self.onlooker.ask("preview", partial(self._preview, command))
            case Prepare():
                self.onlooker.ask("prepare", partial(self._prepare, command.config))
            case Probe():
                self._thread(self._probe, command)
            case _ if run in self.waiting:
                self.waiting.take(command)
            case StartRun():
                self._start(run)
            case Rewind() if run not in self.timetable:
                if self.turns.rewind(command):
                    self._start(run, Pause(run=run))
            case _:
                if hosted := self.timetable.hold(run, command):
                    self._serve(hosted)

    def _start(self, run: str, *then: Command) -> None:
        """Take up a run from its last checkpoint, or else from its start."""
        stored = self.store.run(run)
        if stored.is_finished or run in self.timetable:
            return
        dataset = stored.config.fetched
        if dataset and not datasets.is_here(dataset, self.programs.folder):
            self.waiting.add(run, dataset)
            for command in then:
                self.waiting.take(command)
            return
        hosted = self.timetable.add(run, stored.person)
        hosted.inbox.extend(then)
        if self.turns.is_prepared(stored):
            self._make(hosted)
        else:
            self._to_make.put(hosted)

    def _make_runs(self) -> None:
        """Compile what runs need, one after the other."""
        while True:
            self._make(self._to_make.get())

    def _make(self, hosted: Hosted) -> None:
        self._guarded(hosted.run, self.turns.begin, hosted)
        self._serve(hosted)

    def _give_turns(self) -> None:
        while found := self.timetable.next():
            hosted, seconds = found
            began, step = time.perf_counter(), hosted.session.step
            self._guarded(hosted.run, self.turns.give, hosted, seconds)
            took = time.perf_counter() - began
            self.timetable.charge(hosted, took, hosted.session.step - step)
            if hosted.session and not hosted.session.paused:
                self.observer.look(hosted.session, self.timetable.is_training)
            self._serve(hosted)

    def _serve(self, hosted: Hosted) -> None:
        """Carry out the commands that have come for a run that is held, and let it go."""
        while self.timetable.find(hosted.run) is hosted:
            if hosted.inbox:
                self._guarded(hosted.run, self.turns.obey, hosted, hosted.inbox.popleft())
            elif self.timetable.release(hosted):
                return
        for command in hosted.inbox:  # the run has ended, and may be told to go back
            self.lines.put(command.model_dump_json().encode())

    def _look(self, command: Watch) -> None:
        """Measure a run that rests or has ended; one that trains is measured after its turns."""
        try:
            if command.run not in self.timetable:
                run = self.store.run(command.run)
                if run.is_finished:
                    self.observer.look_back(run, command, self.timetable.is_training)
            elif hosted := self.timetable.hold(command.run):
                if hosted.session and hosted.session.paused:
                    self.observer.look(hosted.session, self.timetable.is_training)
                self._serve(hosted)
        except ExplorerError:
            pass  # it has just been deleted, or the store is away: who looks asks again

    def _preview(self, command: Preview) -> None:
        self.observer.preview(command, self.timetable.is_training)

    def _prepare(self, config: RunConfig) -> None:
        is_here = not config.fetched or datasets.is_here(config.fetched, self.programs.folder)
        if is_here and not self.timetable.is_training:
            with suppress(ExplorerError):  # who starts such a run is told
                self.programs.prepared(config, for_look=True)

    def _probe(self, command: Probe) -> None:
        answer: dict = {}
        try:
            with self._probing:
                program = self.programs.prepared(command.config)
                answer["rate"] = speed(program, command.config, command.n_lanes)
        except Exception as error:
            answer["problem"] = in_words(error)
        self.tell({"answer": command.run, **answer})
