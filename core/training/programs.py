"""The compiled trainings of a process, the few that were used last."""

from pathlib import Path

from core.problems.siamese.pairs import dataset_of
from core.run.config import LIVE_SETTINGS, RunConfig
from core.training.lanes import lane_groups
from core.training.program import Program

KEPT = 4
NOT_COMPILED = {*LIVE_SETTINGS, "seed", "record_every", "eval_every"}


class Programs:
    """One `Program` for each set of fixed settings, made at first use; the last `KEPT` are kept.

    Args:
        folder: Where the images of datasets are.

    Attributes:
        kept: Programs by their `key`, the one used last at the end.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self.kept: dict[str, Program] = {}

    @staticmethod
    def key(config: RunConfig) -> str:
        """What settles a program."""
        return config.model_dump_json(exclude=NOT_COMPILED)

    def of(self, config: RunConfig) -> Program:
        """The program of these settings.

        Raises:
            DataError: If the images of its dataset cannot be had.
        """
        key = self.key(config)
        program = self.kept.pop(key, None) or Program(config, dataset_of(config, self._folder))
        self.kept[key] = program
        for old in list(self.kept)[:-KEPT]:
            del self.kept[old]
        return program

    def prepared(self, config: RunConfig, n_lanes: int) -> Program:
        """The same, with nothing left to compile for so many lanes."""
        program = self.of(config)
        for size in set(lane_groups(config, n_lanes)):
            program.prepare(config, size)
        return program
