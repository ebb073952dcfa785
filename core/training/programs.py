"""The compiled trainings of a process, the few that were used last."""

import threading
from pathlib import Path
from weakref import WeakValueDictionary

from core.problems.build import problem_of
from core.run.config import LIVE_SETTINGS, RunConfig
from core.training.compiled_files import CompiledFiles
from core.training.program import Program

KEPT = 4
NOT_COMPILED = {*LIVE_SETTINGS, "seed", "record_every", "eval_every"}


class Programs:
    """One `Program` for each set of fixed settings, made at first use; the last `KEPT` are kept.

    So is whatever anybody else still holds. Those that were made to look at something, and trained
    nothing, go first. May be used from several threads: who asks for what another one is making
    waits for it, and nobody else.

    Args:
        folder: Where the images of datasets are.
        files: Where compiled programs are kept, if they are.

    Attributes:
        folder: The same.
        kept: Programs by their `key`, the one that goes last at the end.
    """

    def __init__(self, folder: Path, files: CompiledFiles | None = None):
        self.folder, self._files = folder, files
        self.kept: dict[str, Program] = {}
        self._alive: WeakValueDictionary[str, Program] = WeakValueDictionary()
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}
        self._looked_at: set[str] = set()  # keys of those that have trained nothing

    @staticmethod
    def key(config: RunConfig) -> str:
        """What settles a program."""
        return config.model_dump_json(exclude=NOT_COMPILED)

    def of(self, config: RunConfig, for_look: bool = False) -> Program:
        """The program of these settings.

        Args:
            config: The settings.
            for_look: Whether nothing is to be trained with it.

        Raises:
            DataError: If the images of its dataset cannot be had.
        """
        key = self.key(config)
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                # One that trains is there, whatever was used since: it is not compiled again.
                program = self._alive.get(key)
                if program is None:
                    program = Program(problem_of(config, self.folder), config)
                with self._lock:
                    self._alive[key] = program
                    self._keep(key, program, for_look)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return program

    def _keep(self, key: str, program: Program, for_look: bool) -> None:
        is_new = self.kept.pop(key, None) is None
        if not for_look:
            self._looked_at.discard(key)
        elif is_new:
            self._looked_at.add(key)
        self.kept[key] = program
        for _ in range(len(self.kept) - KEPT):
            others = list(self.kept)[:-1]
            old = next((one for one in others if one in self._looked_at), others[0])
            self._looked_at.discard(old)
            del self.kept[old]

    def prepared(self, config: RunConfig, for_look: bool = False) -> Program:
        """The same, with nothing left to compile."""
        program = self.of(config, for_look)
        if not program.is_prepared:
            program.prepare()
            if self._files:
                self._files.share()
        return program

    def is_prepared(self, config: RunConfig) -> bool:
        """Whether that takes no time."""
        program = self._alive.get(self.key(config))
        return program is not None and program.is_prepared
