"""The compiled measurements of programs: made beside the training, which does not wait for them."""

import time
from concurrent.futures import Future, ThreadPoolExecutor

from core.inside.measurements import Measurements
from core.inside.onlooker import Allowance
from core.run.config import RunConfig
from core.training.program import Program
from core.training.programs import Programs


class CompiledMeasurements:
    """Of each program that is kept, once they were asked for.

    Args:
        programs: The compiled trainings.
    """

    def __init__(self, programs: Programs):
        self._programs = programs
        self._allowance = Allowance()
        self._of: dict[Program, Future] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="measurements")

    def of(self, program: Program, config: RunConfig, wait: bool) -> Measurements | None:
        """The measurements of a program; None while a thread compiles them.

        Args:
            program: The training.
            config: Its fixed settings.
            wait: Whether to return once they are there, whatever else there is to do.
        """
        if program not in self._of:
            if not wait and not self._allowance.is_there():
                return None
            for old in self._of.keys() - {program, *self._programs.kept.values()}:
                self._of.pop(old, None)
            self._of[program] = self._thread.submit(self._compile, program, config)
        future = self._of[program]
        if future.done() and future.exception():
            self._of.pop(program, None)
        return future.result() if wait or future.done() else None

    def _compile(self, program: Program, config: RunConfig) -> Measurements:
        began = time.perf_counter()
        try:
            return Measurements(program, config).prepare()
        finally:
            self._allowance.spend(time.perf_counter() - began)
