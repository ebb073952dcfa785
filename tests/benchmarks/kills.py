"""`python3 -m tests.benchmarks kills`: SIGKILL for workers and servers; what is lost, and how long.

Each kind of run is trained untouched, and once more with the same seed while its worker is killed
again and again. Both must have the same records, bit for bit but for their times.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field

from core import Engine, LossWeights, RunConfig, RunState, Store
from core.places import PROJECT
from tests.benchmarks.bench import Bench, tell
from tests.browser.server import Server
from tests.siamese import weighted

WORKER_KILLS, SERVER_KILLS = 20, 5
BACK_WITHIN = 5.0  # s
PATIENCE = 120.0  # s
PACE = 400  # steps/s
STEPS = 8000
HOST = """
import sys, time
from core import Engine, LossWeights, RunConfig
engine = Engine(sys.argv[1])
lanes = [LossWeights(), LossWeights(bin_out=2)]
config = RunConfig(steps=int(sys.argv[2]), steps_per_second=400, seed=9)
print(engine.start(config, lanes), flush=True)
time.sleep(600)
"""


@dataclass
class Outcome:
    """What became of the rows of one kind of run, and how long it stood still.

    Attributes:
        rows: How many there are to be.
        lost, changed, doubled: Rows that are not as they were to be.
        seconds: From each kill until it went on.
    """

    kind: str
    rows: int
    lost: int
    changed: int
    doubled: int
    seconds: list[float] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing is lost, and it was back in time."""
        sound = not (self.lost or self.changed or self.doubled)
        return sound and max(self.seconds, default=0.0) <= BACK_WITHIN


def one_lane(engine: Engine) -> str:
    """A lane whose weights change on the way."""
    run = started(engine, RunConfig(steps=STEPS, steps_per_second=PACE, seed=1))
    engine.set_loss_weights(run, weighted(bin_out=2))
    engine.resume(run)
    return run


def race(engine: Engine) -> str:
    """Two lanes, and two forks of them."""
    config = RunConfig(steps=STEPS, steps_per_second=PACE, seed=2)
    run = started(engine, config, weighted(bin_out=0), weighted(bin_out=2))
    engine.fork(run, weighted(bin_out=1), lane=0)
    engine.fork(run, weighted(ctg_out_1=0.2), lane=2)
    engine.resume(run)
    return run


def weight_map(engine: Engine) -> str:
    """A map of 66 points."""
    return engine.start_map(RunConfig(steps=800, seed=3), resolution=10)


def paused(engine: Engine) -> str:
    """A run that waits, beside one that trains."""
    return started(engine, RunConfig(steps=600, seed=4))


def watched(engine: Engine) -> str:
    """A lane that is looked at."""
    run = started(engine, RunConfig(steps=STEPS, steps_per_second=PACE, seed=5))
    engine.resume(run)
    return run


KINDS: dict[str, Callable[[Engine], str]] = {
    "one lane": one_lane,
    "race with forks": race,
    "map": weight_map,
    "paused": paused,
    "watched": watched,
}


def started(engine: Engine, config: RunConfig, *lanes: LossWeights, step: int = 100) -> str:
    """A run that waits at a step, in whichever engine the same one."""
    run = engine.start(config.model_copy(update={"steps_per_second": 1}), list(lanes) or None)
    engine.pause(run)
    wait(lambda: engine.store.run(run).state is RunState.PAUSED, "a pause")
    engine.set_live(run, steps_per_second=config.steps_per_second)
    engine.step(run, step - engine.store.run(run).step)

    def is_there() -> bool:
        found = engine.store.run(run)
        return found.step == step and found.state is RunState.PAUSED

    wait(is_there, f"step {step}")
    return run


def wait(condition, what: str) -> None:
    """Return once it holds."""
    Server.wait(condition, PATIENCE, what)


def rows(store: Store, run: str) -> dict[tuple, tuple]:
    """What the seed settles of each record, by branch, lane and step; and how many there are."""
    found: dict[tuple, list] = {}
    for r in store.records(run):
        values = (r.loss, r.accuracy, r.val_loss, r.val_accuracy, r.total_loss, r.loss_weights)
        found.setdefault((r.branch, r.lane, r.step), []).append((*values, r.learning_rate))
    return {place: tuple(values) for place, values in found.items()}


def compared(kind: str, wanted: dict, found: dict) -> Outcome:
    """What is lost, changed or doubled of the rows that there are to be."""
    both = wanted.keys() & found.keys()
    return Outcome(
        kind,
        rows=len(wanted),
        lost=len(wanted.keys() - found.keys()),
        changed=sum(wanted[at][0] != found[at][0] for at in both) + len(found.keys() - both),
        doubled=sum(len(values) - 1 for values in found.values()),
    )


def finished(engine: Engine, run: str) -> dict[tuple, tuple]:
    """The rows of a run that goes on to its end."""
    engine.resume(run)
    ended = engine.wait(run, timeout=10 * PATIENCE)
    assert ended.state is RunState.FINISHED, ended.message
    return rows(engine.store, run)


def undisturbed(bench: Bench) -> dict[str, dict]:
    """The rows of each kind, trained in peace."""
    with Engine(bench.folder() / "runs.sqlite") as engine:
        engine.wait_until_ready()
        return {kind: finished(engine, begin(engine)) for kind, begin in KINDS.items()}


def killed(bench: Bench, kind: str, n_kills: int, moments: random.Random) -> tuple[dict, list]:
    """The rows of a kind whose worker is killed so often, and how long it took to be back."""
    seconds = []
    with Engine(bench.folder() / "runs.sqlite") as engine:
        engine.wait_until_ready()
        run = KINDS[kind](engine)
        moving = run
        if kind == "paused":
            moving = engine.start(RunConfig(steps=1_000_000, steps_per_second=PACE))
        for _ in range(n_kills):
            engine.wait_until_ready()
            until = time.monotonic() + moments.uniform(0.5, 2.5)
            while time.monotonic() < until:
                if kind == "watched":
                    engine.inside.watch(run)
                time.sleep(0.05)
            before, pid = newest(engine.store, moving), engine.worker_pid
            assert pid, "it is ready"
            os.kill(pid, signal.SIGKILL)
            began = time.monotonic()
            wait(lambda before=before: newest(engine.store, moving) > before, "a new record")
            seconds.append(time.monotonic() - began)
            tell(f"{kind}: back after {seconds[-1]:.2f} s")
        if moving != run:
            assert engine.store.run(run).state is RunState.PAUSED
            engine.stop(moving)
        return finished(engine, run), seconds


def newest(store: Store, run: str) -> int:
    """The place of its newest record."""
    return store.signs_of_life(store.run(run).owner)[run][0] or 0


def kill_servers(bench: Bench, n_kills: int, moments: random.Random) -> Outcome:
    """The rows of runs whose engine is killed, and how long until a page is there again."""
    folder = bench.folder()
    outcome = Outcome("server", 0, 0, 0, 0)
    with Engine(bench.folder() / "runs.sqlite") as engine:
        lanes = [weighted(), weighted(bin_out=2)]
        run = engine.start(RunConfig(steps=STEPS, seed=9), lanes)
        engine.wait(run, timeout=PATIENCE)
        wanted = rows(engine.store, run)
    for _ in range(n_kills):
        with subprocess.Popen(
            [sys.executable, "-c", HOST, str(folder / "runs.sqlite"), str(STEPS)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
        ) as host:
            assert host.stdout
            run = host.stdout.readline().strip()
            with closing(Store(folder / "runs.sqlite")) as store:
                wait(lambda store=store, run=run: store.run(run).step > 100, "steps")
                time.sleep(moments.uniform(0, 2))
                host.kill()
                seen = store.run(run).step
        began = time.monotonic()
        server = Server(folder)  # answers once it has come back
        outcome.seconds.append(time.monotonic() - began)
        tell(f"server: back after {outcome.seconds[-1]:.2f} s")
        with closing(server), closing(Store(folder / "runs.sqlite")) as store:
            wait(lambda store=store, run=run: store.run(run).is_finished, "an end")
            end = store.run(run).step  # where a row ends that would have gone on
            found = {at: row for at, row in rows(store, run).items() if at[2] < end}
            assert end >= seen, "rows that had been seen are gone"
            upto = {at: row for at, row in wanted.items() if at[2] < end}
            one = compared("server", upto, found)
        outcome.rows += one.rows
        outcome.lost += one.lost
        outcome.changed += one.changed
        outcome.doubled += one.doubled
    return outcome


def report(seed: int = 0, n_workers: int = WORKER_KILLS, n_servers: int = SERVER_KILLS) -> bool:
    """Kill, print a table, and tell whether all of it is as it should be."""
    moments = random.Random(seed)
    outcomes = []
    with Bench() as bench:
        wanted = undisturbed(bench)
        for index, kind in enumerate(KINDS):
            n_kills = len(range(index, n_workers, len(KINDS)))
            found, seconds = killed(bench, kind, n_kills, moments)
            outcomes.append(compared(kind, wanted[kind], found))
            outcomes[-1].seconds = seconds
        outcomes.append(kill_servers(bench, n_servers, moments))
    print(f"\nseed {seed}; back within {BACK_WITHIN:g} s\n")
    print(f"{'killed':<16}{'kills':>6}{'rows':>8}{'lost':>6}{'changed':>9}{'doubled':>9}  back, s")
    for o in outcomes:
        back = " ".join(f"{seconds:.1f}" for seconds in o.seconds)
        print(
            f"{o.kind:<16}{len(o.seconds):>6}{o.rows:>8,}{o.lost:>6}{o.changed:>9}{o.doubled:>9}"
            f"  {back}{'' if o.is_good else '  NO'}"
        )
    return all(o.is_good for o in outcomes)
