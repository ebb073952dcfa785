"""The compiled trainings of a process, the few that were used last."""

import threading
from pathlib import Path

from core.problems.build import problem_of
from core.run.config import LIVE_SETTINGS, RunConfig
from core.training.lanes import lane_groups
from core.training.program import Program

KEPT = 4
NOT_COMPILED = {*LIVE_SETTINGS, "seed", "record_every", "eval_every"}


class Programs:
    """One `Program` for each set of fixed settings, made at first use; the last `KEPT` are kept.

    Those that were made to look at something, and trained nothing, go first. May be used from
    several threads: who asks for what another one is making waits for it, and nobody else.

    Args:
        folder: Where the images of datasets are.

    Attributes:
        folder: The same.
        kept: Programs by their `key`, the one that goes last at the end.
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.kept: dict[str, Program] = {}
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
                program = self.kept.get(key) or Program(problem_of(config, self.folder), config)
                with self._lock:
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

    def prepared(self, config: RunConfig, n_lanes: int) -> Program:
        """The same, with nothing left to compile for so many lanes."""
        program = self.of(config)
        for size in set(lane_groups(program.problem.vectorises, n_lanes)):
            program.prepare(config, size)
        return program

    def is_prepared(self, config: RunConfig, n_lanes: int) -> bool:
        """Whether that takes no time."""
        program = self.kept.get(self.key(config))
        if program is None:
            return False
        sizes = set(lane_groups(program.problem.vectorises, n_lanes))
        return all(program.is_prepared(size) for size in sizes)
