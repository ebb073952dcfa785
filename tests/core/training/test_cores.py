"""Who does something on which device: one at a time, on those where it is compiled."""

import subprocess
import sys
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest

from core.places import PROJECT
from core.training import cores
from core.training.cores import CORES, Cores, side_by_side

FIRST, SECOND = "/device:CPU:0", "/device:CPU:1"


@pytest.fixture(autouse=True)
def two_devices(monkeypatch):
    monkeypatch.setattr(cores, "devices", lambda: [FIRST, SECOND])


@pytest.fixture
def pool():
    with ThreadPoolExecutor() as pool:
        yield pool


def keep_one(of: Cores) -> str:
    with of.one() as name:
        return name


def is_waiting(future: Future) -> bool:
    return not wait([future], timeout=0.2).done


def test_whoever_is_alone_has_the_first_device_again_and_again():
    of = Cores()
    of.add(SECOND)
    assert [keep_one(of) for _ in range(2)] == [FIRST] * 2


def test_a_device_is_kept_by_one_whatever_it_does_there(pool):
    with Cores().one() as kept:
        assert kept == FIRST
        waits = pool.submit(keep_one, Cores())
        assert is_waiting(waits)
    assert waits.result(10) == FIRST


def test_who_asked_first_has_it_before_who_gives_it_back_and_asks_again(pool):
    of, order = Cores(), []

    def keep(name):
        with of.one():
            order.append(name)

    for _ in range(20):
        order.clear()
        with of.one():
            waits = pool.submit(keep, "other")
            while not cores._waiting:
                pass
        keep("again")
        waits.result(10)
        assert order == ["other", "again"]
    assert (cores._waiting, cores._kept) == ([], set())


def test_another_device_is_taken_as_soon_as_it_is_compiled_for_it(pool):
    of = Cores()
    with of.one():
        waits = pool.submit(keep_one, of)
        assert is_waiting(waits)
        of.add(SECOND)
        assert waits.result(10) == SECOND
        assert is_waiting(pool.submit(keep_one, Cores())), "it is not compiled for another"


def test_what_fails_leaves_its_device():
    with pytest.raises(ZeroDivisionError), Cores().one():
        _ = 1 / 0
    assert keep_one(Cores()) == FIRST


TRAIN = """
import sys
from pathlib import Path
import numpy as np
from core.run.config import RunConfig
from core.training import cores
from core.training.programs import Programs
from core.training.state import StepSettings
from core.run.weights import LossWeights

cores.divide()
config = RunConfig(embedding_size=4)
program = Programs(Path(sys.argv[1])).prepared(config)
settings = StepSettings.of(LossWeights().complete(program.heads), config)
batches = np.arange(5 * config.batch_size, dtype=np.int32).reshape(5, -1)
state = program.initial_state(0)

def measured():
    return program.train_chunk(state, settings, batches)[1]

first = measured()
with program.way._cores.one() as kept:
    assert kept == cores.devices()[0]
    assert np.array_equal(measured(), first), "on the other one, once it is compiled for it"
"""


@pytest.mark.skipif(CORES < 2, reason="there is one core alone")
def test_a_program_is_compiled_for_the_other_cores_too_and_gives_the_same_there(tmp_path):
    command = [sys.executable, "-c", TRAIN, str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True, timeout=60)


def test_the_lanes_of_a_race_do_not_wait_for_those_of_a_map(pool):
    """Or else each turn of a race would wait for a turn of a map beside it."""
    begun, goes_on = threading.Event(), threading.Event()

    def of_map(lane):
        begun.set()
        return goes_on.wait(10)

    whole = pool.submit(side_by_side, of_map, range(66))
    try:
        assert begun.wait(10)
        assert pool.submit(side_by_side, abs, [-1, -2]).result(5) == [1, 2]
    finally:
        goes_on.set()
    assert all(whole.result(10))


def test_lanes_are_called_on_as_many_threads_as_there_are_cores():
    threads = side_by_side(lambda _: threading.current_thread().name, range(50))
    assert 1 <= len(set(threads)) <= CORES
    assert side_by_side(lambda _: threading.current_thread(), [0]) == [threading.current_thread()]
