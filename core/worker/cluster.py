"""A weight map on a Ray cluster: its parts are tasks, their records come back to the one store.

Ray sees to where a part runs, and tries it again elsewhere if its node is lost. Nothing here is
imported unless an address is given.
"""

import socket
from pathlib import Path

import numpy as np
import ray

from core.problems.siamese.pairs import Dataset
from core.problems.siamese.problem import problem
from core.run.commands import Command
from core.run.lanes import Change
from core.run.records import Record
from core.run.run import Run
from core.run.simplex import Part
from core.training.program import Program
from core.training.session import NEVER, Session
from core.training.turns import TURN, InTraining

PACKAGE = Path(__file__).resolve().parent.parent  # core
AHEAD = 4  # items that a task may be ahead of what is read: a pause holds it there


def connect(address: str) -> None:
    """Join the cluster, which gets this package's code, unless that is done already.

    Raises:
        ConnectionError: If there is none at that address.
    """
    if ray.is_initialized():
        return
    host, _, port = address.rpartition(":")
    if port.isdigit():  # Ray itself would try for minutes
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=5).close()
        except OSError as error:
            raise ConnectionError(
                f"No Ray cluster answers at {address} ({error}). Start one with `ray start "
                "--head`, or start without --ray."
            ) from None
    environment = {
        "py_modules": [str(PACKAGE)],
        "excludes": ["**/__pycache__"],
        "env_vars": {
            "KERAS_BACKEND": "tensorflow",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            # As in our worker: a product that is cut up among threads is rounded otherwise.
            "TF_NUM_INTRAOP_THREADS": "1",
        },
    }
    ray.init(address, runtime_env=environment, log_to_driver=False, configure_logging=False)


@ray.remote(
    num_cpus=1,
    max_retries=5,
    num_returns="streaming",
    _generator_backpressure_num_objects=AHEAD,
)
def train_part(run: Run, part: Part, dataset: Dataset):
    """Train one part, and give its records from look to look.

    The pairs come along, so that no node needs images of its own.

    What an item holds is settled by its number, so that a task tried again gives the same items.
    """
    program = Program(problem(run.config, dataset), run.config)
    session = Session(run, part, program, None, [], (0, 0.0))
    records = []
    while not session.is_done and (session.diverged_at == NEVER).any():
        records += session.turn()
        if session.step % run.config.eval_interval == 0:
            yield records
            records = []
    yield records + session.rest()


class MapOnRay(InTraining):
    """All parts of a weight map that are still to be trained, on a cluster.

    Args:
        run: The run as the store has it.
        parts: The parts to train.
        address: The cluster's.
        dataset: Its pairs.
    """

    can_rewind = False
    seconds = 0.0
    budget = NEVER

    def __init__(self, run: Run, parts: list[Part], address: str, dataset: Dataset):
        connect(address)
        self.run = run.id
        self.config = run.config
        self.n_parts = len(parts)
        self.paused = False
        self.due = 0.0
        self.step = 0
        self.diverged_at = np.array([NEVER])
        pairs = ray.put(dataset)
        self._streams = [train_part.remote(run, part, pairs) for part in parts]

    @property
    def is_done(self) -> bool:
        """Whether all parts are trained."""
        return not self._streams

    @property
    def reached(self) -> int:
        """The step that any part has come to."""
        return self.step

    def change(self, command: Command) -> None:
        """Nothing: a map's settings stay as they are, and the engine says so."""

    def has_changes_due(self) -> bool:
        """Never."""
        return False

    def changes_due(self) -> list[Change]:
        """None."""
        return []

    def pause(self) -> None:
        """Take no records until `go_on`; tasks come to wait by themselves."""
        self.paused = True

    def go_on(self, steps: int = NEVER) -> None:
        """Take records again; a number of steps does not count here."""
        self.paused = False

    def turn(self, seconds: float = TURN) -> list[Record]:
        """The records that have come; waits a moment for some.

        Raises:
            ray.exceptions.RayError: If a part cannot be trained anywhere.
        """
        ready, _ = ray.wait(self._streams, num_returns=1, timeout=TURN)
        records = []
        for stream in ready:
            try:
                records += ray.get(next(stream))
            except StopIteration:
                self._streams.remove(stream)
        self.step = max([self.step, *(record.step for record in records)])
        return records

    def rest(self) -> list[Record]:
        """Nothing: records come whole."""
        return []

    def arrays(self) -> list[np.ndarray]:
        """None: the tasks have the states."""
        return []

    def close(self) -> None:
        """End what still trains."""
        for stream in self._streams:
            ray.cancel(stream, force=False)
