"""The cores of the machine: who trains on which."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import tensorflow as tf

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_changed = threading.Condition()
_own = threading.local()  # of a thread: who calls its lanes
_kept: set[str] = set()  # devices that something is being done on
_waiting: list[tuple[object, list[str]]] = []  # who waits for which of them, the first one first


def divide() -> None:
    """Have TensorFlow take each core for a device of its own; before it does anything else.

    A compiled program of XLA keeps a device to itself while it runs, and operations this small gain
    nothing from several threads (measured: 1.4x slower): lanes are what is spread over the cores.
    """
    os.environ["TF_OVERRIDE_GLOBAL_THREADPOOL"] = "1"  # or else the devices wait for one another
    tf.config.threading.set_intra_op_parallelism_threads(1)
    (cpu,) = tf.config.list_physical_devices("CPU")
    devices = [tf.config.LogicalDeviceConfiguration()] * CORES
    tf.config.set_logical_device_configuration(cpu, devices)


def devices() -> list[str]:
    """The names of the devices that there are: of a process that has not divided them, one."""
    return [device.name for device in tf.config.list_logical_devices("CPU")]


class Cores:
    """The devices that something is done on: the first one, and more as it is compiled there.

    Whoever does something on a device keeps it to itself, of whatever `Cores` both took it.
    """

    def __init__(self) -> None:
        self._names = devices()[:1]

    def add(self, name: str) -> None:
        """From now on it can be done there, too."""
        with _changed:
            self._names.append(name)
            _changed.notify_all()

    @contextmanager
    def one(self) -> Iterator[str]:
        """Wait for one that nobody keeps, and keep it: if need not be, always the same one.

        Who asked first has it first: or else who gives one back would have it again.
        """
        mine = (object(), self._names)
        with _changed:
            _waiting.append(mine)
            try:
                name = _changed.wait_for(lambda: self._free(mine))
                _kept.add(name)
            finally:
                _waiting.remove(mine)
                _changed.notify_all()
        try:
            with tf.device(name):
                yield name
        finally:
            with _changed:
                _kept.discard(name)
                _changed.notify_all()

    def _free(self, mine: tuple) -> str | None:
        """A device that nobody keeps, and nobody wants who asked before."""
        ahead = _waiting[: _waiting.index(mine)]
        wanted = _kept.union(*(names for _, names in ahead))
        return next((name for name in self._names if name not in wanted), None)


def side_by_side(function, *arguments) -> list:
    """As `map`, on a core for each call.

    What another thread has done so meanwhile goes on beside it: it has calls of its own in between,
    and need not wait for all of a weight map's.
    """
    if len(arguments[0]) == 1:
        return list(map(function, *arguments))
    if not hasattr(_own, "lanes"):
        _own.lanes = ThreadPoolExecutor(CORES, thread_name_prefix="lanes")
    return list(_own.lanes.map(function, *arguments))
