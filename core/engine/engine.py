"""The handle of the training process: start runs, steer them, wait for them."""

import os
import time
import uuid
from contextlib import suppress
from pathlib import Path

from core.engine import owners, problems
from core.engine.inside import Inside
from core.engine.memory import check_memory, lanes_that_fit
from core.engine.outbox import Outbox
from core.engine.steering import POLL, Steering
from core.errors import ConfigError, StoreError, WorkerError
from core.places import DEFAULT_STORE
from core.problems import heads_of, own
from core.run.commands import AddProblem, Probe, StartRun
from core.run.config import RunConfig
from core.run.owner import Owner, Standing, standing_of
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.weights import LossWeights, checked_lanes
from core.store import Store
from core.store.copies import copy_run

PROBED_LANES = 66
LANES_A_TASK = 33  # as many as train fastest on a core of a cluster
LANES_A_PART = 256  # of a map that is trained here: of more, a turn would be too long


class Engine(Steering):
    """Trains runs in a process of its own and records them in a store.

    The process starts beside the engine, which returns at once: TensorFlow takes some seconds to
    load, and commands wait for it. A worker that dies is replaced, and its runs go on from
    their last checkpoint; one that cannot be started is tried again, and `fault` says why. Use it
    as a context manager or call `close`; a run that has not finished by then is stopped.

    Args:
        store: Path of the SQLite file, made if it is not there.
        ray_address: Of a Ray cluster, such as "auto" or "10.0.0.1:6379": weight maps are trained
            there. The environment's `RAY_ADDRESS` if left out; without either, here.
        patience: Seconds for which the process is not started, unless something is asked of it:
            loading TensorFlow takes both cores of a small machine from whatever else begins.

    Attributes:
        inside: Has the insides of runs measured, see `Inside`.

    Raises:
        StoreError: If the store cannot be opened.
    """

    def __init__(
        self,
        store: str | Path = DEFAULT_STORE,
        ray_address: str | None = None,
        patience: float = 0,
    ):
        own.add_from_environment()
        self.store = Store(store)
        self.ray_address = ray_address or os.environ.get("RAY_ADDRESS")
        self.owner = str(Owner.new())
        with suppress(StoreError):  # `fault` says what is wrong with it
            owners.clean_up(self.store)
        ray = filter(None, [self.ray_address])
        self._outbox = Outbox(self.store, self.owner, *ray, patience=patience)
        self._worker = self._outbox.worker
        self.inside = Inside(self._worker)

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    @property
    def is_ready(self) -> bool:
        """Whether the worker has loaded TensorFlow and carries out commands at once."""
        return self._worker.ready.is_set()

    @property
    def fault(self) -> str:
        """What is wrong with the store or the worker, in words; empty if nothing is."""
        return self.store.problem or self._worker.fault

    @property
    def worker_pid(self) -> int | None:
        """Process id of the present worker, None while it is yet to be started."""
        return self._worker.pid

    def wait_until_ready(self, timeout: float = 60) -> None:
        """Return once `is_ready`.

        Raises:
            TimeoutError: If that takes more than `timeout` seconds.
        """
        self._worker.begin()
        if not self._worker.ready.wait(timeout):
            told = f"The training process was not ready within {timeout:g} s. {self.fault}"
            raise TimeoutError(told.strip())

    def add_problem(self, path: str | Path) -> str:
        """Have there be a problem of your own; see `core.problems.Problem.of`.

        The file is carried out, here and in the training process, with the rights of this one.

        Args:
            path: A Python file whose function `problem` gives it.

        Returns:
            Its name, that of the file: `RunConfig(problem=name, ...)` are settings of its runs.

        Raises:
            ProblemError: If it cannot be trained; the message says what to do.
            ConfigError: If its name is taken.
        """
        facts = problems.read(path)
        self._outbox.write(AddProblem(facts=facts.model_dump(mode="json")))
        return facts.name

    def start(self, config: RunConfig | None = None, lanes=None, person: str = "") -> str:
        """Start a run and give back its id.

        Args:
            config: Its settings; the defaults if left out.
            lanes: A list of `LossWeights`, one a lane; one lane of defaults if left out.
            person: Whose it is, see `Run`; the command line's if left out.

        Raises:
            ConfigError: If the lanes are not a list of 1 to `MAX_LANES` loss weights.
            StoreError: If the store cannot be written.
            WorkerError: If this engine is closed.
        """
        config = RunConfig() if config is None else config
        if not isinstance(config, RunConfig):
            raise ConfigError(f"config = {config!r:.80} is refused: expected a RunConfig.")
        lanes = checked_lanes([LossWeights()] if lanes is None else lanes, heads_of(config))
        return self._start(config, lanes, person=person)

    def _start(self, config: RunConfig, lanes: list[LossWeights], **more) -> str:
        if self._worker.is_closed:
            raise WorkerError("This engine is closed. Make a new one: Engine(store).")
        check_memory(config, len(lanes))
        run = self.store.add_run(config, lanes, self.owner, **more)
        self._outbox.begin(StartRun(run=run))
        return run

    def start_map(self, config: RunConfig | None = None, *, person: str = "", **covers) -> str:
        """Start a weight map: a run with one lane for each point of the weight simplex.

        Lanes that do not fit into memory together are trained in parts, one after the other;
        each seed is a part, too.

        Args:
            config: Settings of the run; its speed limit does not count, and records are at least
                a twentieth of the run apart.
            person: Whose it is, see `Run`; the command line's if left out.
            covers: `resolution`, `total`, `spacing` and `seeds`; of a problem with more than three
                heads also which `heads` vary, and the weights of the `others`. See `MapConfig`.

        Returns:
            The id of the run. `core.analysis.weight_map` gives its values.

        Raises:
            ConfigError: If a value is not allowed, or no map can be drawn of the problem's heads.
        """
        config = RunConfig() if config is None else config
        over = MapConfig(**covers).complete(heads_of(config))
        every = min(1000, max(config.record_every, config.steps // 20))
        config = config.model_copy(update={"steps_per_second": 0, "record_every": every})
        at_once = min(lanes_that_fit(config), LANES_A_TASK if self.ray_address else LANES_A_PART)
        return self._start(config, [], person=person, map_config=over, lanes_at_once=at_once)

    def fork_run(self, run: str, person: str = "") -> str:
        """Copy a run, as it stands at its newest checkpoint, to one that waits there; its new id.

        Raises:
            RunNotFound, CommandError: If there is no such run, or it is a weight map.
        """
        copy = copy_run(self.store, run, self.owner, person)
        self._outbox.begin(StartRun(run=copy))
        return copy

    def probe(self, config: RunConfig, n_lanes: int = 1, timeout: float = 60) -> float:
        """How fast such a run would go: model-steps per second, measured for about a second.

        What else trains goes on beside it. What was never compiled takes some seconds more.

        Args:
            config: Settings of the run.
            n_lanes: Number of lanes; more than `PROBED_LANES` are as fast as those.
            timeout: Seconds to wait at most.

        Raises:
            TimeoutError: If that takes longer.
            WorkerError: If such a run cannot be trained.
        """
        probe = uuid.uuid4().hex[:12]
        n_lanes = min(n_lanes, PROBED_LANES)
        self._outbox.write(Probe(run=probe, config=config, n_lanes=n_lanes))
        answer = self._worker.answer_to(probe, timeout)
        if problem := answer.get("problem"):
            raise WorkerError(f"The speed cannot be measured: {problem}")
        return answer["rate"]

    def wait(self, run: str, timeout: float | None = None) -> Run:
        """Return the run once it has ended.

        Raises:
            TimeoutError: If it has not ended after `timeout` seconds.
            RunNotFound: If there is no such run.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not (stored := self.store.run(run)).is_finished:
            if deadline is not None and time.monotonic() > deadline:
                advice = stored.elsewhere or self.fault or "Wait longer, or stop it."
                raise TimeoutError(
                    f"Run {run} is {stored.state} at step {stored.step} of {stored.config.steps} "
                    f"after {timeout:g} s. {advice}"
                )
            time.sleep(POLL)
        return stored

    def close(self, timeout: float = 8) -> None:
        """Stop what trains and end the worker."""
        if standing_of(self.owner) is Standing.GONE:
            return
        self._worker.close(timeout)
        owners.retire(self.store, self.owner)
        self.store.close()
