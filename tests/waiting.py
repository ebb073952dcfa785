"""Waiting for what another process does."""

import contextlib
import time

import psutil


def until(condition, timeout: float = 30):
    """Ask `condition` again and again; give back its first answer that is true.

    Raises:
        AssertionError: If there is none within `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"this has not happened within {timeout:g} s"
        time.sleep(0.01)
    return answer


def train_to(engine, run: str, step: int) -> None:
    """Have a paused run train to a step, and pause there again."""
    engine.step(run, step - engine.store.run(run).step)
    until(lambda: (found := engine.store.run(run)).step == step and found.state == "paused")


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or has ended and nobody has asked for it yet."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True
