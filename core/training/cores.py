"""The cores of the machine: who trains on which."""

import os
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache

import tensorflow as tf

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
LANES = ThreadPoolExecutor(CORES, thread_name_prefix="lanes")
_counting = threading.Lock()


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


def _free() -> queue.LifoQueue:
    with _counting:
        return _all_devices()


@cache
def _all_devices() -> queue.LifoQueue:
    free: queue.LifoQueue[str] = queue.LifoQueue()
    for name in reversed(devices()):
        free.put(name)
    return free


@contextmanager
def one_core() -> Iterator[str]:
    """Wait for a device that nobody keeps, and keep it: if need not be, always the same one."""
    name = _free().get()
    try:
        with tf.device(name):
            yield name
    finally:
        _free().put(name)


def side_by_side(function, *arguments) -> list:
    """As `map`, on a core for each call."""
    return list((LANES.map if len(arguments[0]) > 1 else map)(function, *arguments))
