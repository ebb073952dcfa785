"""Runs that wait for a dataset to be fetched, while others train."""

import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.data import datasets
from core.run.commands import Command, StartRun, Stop
from core.run.states import RunState

MEGABYTE = 1_000_000


class Fetch:
    """A process that fetches one dataset, see `core.worker.fetch`.

    Args:
        name: A dataset that Keras has.
        folder: Where its images are to be.
    """

    def __init__(self, name: str, folder: Path):
        self.facts = datasets.facts_of(name)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.worker.fetch", name, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    @property
    def is_done(self) -> bool:
        """Whether it has ended, in one way or the other."""
        return self._process.poll() is not None

    def progress(self) -> str:
        """How far it is, in a sentence."""
        home, whole = datasets.keras_folder(), sum(file.size for file in self.facts.files)
        here = 0
        for file in self.facts.files:
            with suppress(OSError):
                here += (home / file.path).stat().st_size
        if 0 < here < whole:
            megabytes = f"{here / MEGABYTE:.0f} of {whole / MEGABYTE:.0f} MB"
            return f"Fetching {self.facts.title}: {megabytes}."
        return f"Fetching {self.facts.title}, {whole / MEGABYTE:.0f} MB, once and for all runs."

    def problem(self) -> str:
        """Why it failed, in words; empty if the images are here. Ask once it is done."""
        with self._process:
            said = self._process.stdout.read()
        try:
            return json.loads(said).get("problem", "")
        except ValueError:
            return (
                f"{self.facts.title} cannot be fetched: the process that does it ended with exit "
                f"code {self._process.returncode}. Press Train again, or choose another dataset."
            )

    def cancel(self) -> None:
        """End it; half a file is removed."""
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
        with self._process:
            pass


@dataclass
class _Waiting:
    """A run that waits, the commands that came meanwhile, and what was last told of it."""

    dataset: str
    commands: list[Command] = field(default_factory=list)
    told: str = ""


class WaitingRoom:
    """Runs whose dataset is on its way. Each dataset is fetched once, however many wait for it.

    Args:
        folder: Where the images are to be.
        set_state: Called with a run, its `RunState`, and how far the fetching is, or why the run
            has ended, in words.
    """

    def __init__(self, folder: Path, set_state: Callable[[str, RunState, str], None]):
        self._folder, self._set_state = folder, set_state
        self._runs: dict[str, _Waiting] = {}
        self._fetches: dict[str, Fetch] = {}

    def __contains__(self, run: str) -> bool:
        return run in self._runs

    def __bool__(self) -> bool:
        return bool(self._runs)

    def add(self, run: str, dataset: str) -> None:
        """Let a run wait for a dataset, which is fetched from now on."""
        if dataset not in self._fetches:
            self._fetches[dataset] = Fetch(dataset, self._folder)
        self._runs[run] = _Waiting(dataset)

    def take(self, command: Command) -> None:
        """Keep a command until its run can begin; `Stop` ends the waiting."""
        if isinstance(command, Stop):
            self._end(command.run, "Stopped before its images were here.")
        else:
            self._runs[command.run].commands.append(command)

    def look(self) -> list[Command]:
        """Tell how far the fetching is; give the commands of runs whose dataset has come."""
        due = []
        for dataset in [name for name, fetch in self._fetches.items() if fetch.is_done]:
            problem = self._fetches.pop(dataset).problem()
            for run in [run for run, waiting in self._runs.items() if waiting.dataset == dataset]:
                held = self._runs.pop(run).commands
                if problem:
                    self._set_state(run, RunState.FAILED, problem)
                else:
                    due += [StartRun(run=run), *held]
        for run, waiting in self._runs.items():
            progress = self._fetches[waiting.dataset].progress()
            if progress != waiting.told:
                waiting.told = progress
                self._set_state(run, RunState.QUEUED, progress)
        return due

    def close(self, message: str) -> None:
        """End all waiting."""
        for run in list(self._runs):
            self._end(run, message)

    def _end(self, run: str, message: str) -> None:
        """Let a run wait no longer; what nobody waits for is fetched no longer."""
        dataset = self._runs.pop(run).dataset
        if all(waiting.dataset != dataset for waiting in self._runs.values()):
            self._fetches.pop(dataset).cancel()
        self._set_state(run, RunState.STOPPED, message)
