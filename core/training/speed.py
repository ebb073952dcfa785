"""How fast a run would go, by training for a moment."""

import time

from core.run.config import RunConfig
from core.run.run import Run
from core.run.states import RunState
from core.run.weights import LossWeights
from core.training.program import Program
from core.training.session import Session

PROBE = 1.0  # s


def speed(program: Program, config: RunConfig, n_lanes: int) -> float:
    """Model-steps per second of such a run, looks included, measured for about `PROBE` seconds."""
    config = config.model_copy(update={"steps_per_second": 0})
    lanes = (LossWeights().complete(program.heads),) * n_lanes
    run = Run("", RunState.RUNNING, config, config, lanes, 0.0, 0, "", heads=program.heads)
    session = Session(run, run.parts[0], program, None, [], (0, 0.0))
    for _ in range(3):  # the first turns are short
        session.turn()
    began, before = time.perf_counter(), session.step
    while (seconds := time.perf_counter() - began) < PROBE and not session.is_done:
        session.turn()
    return (session.step - before) * n_lanes / seconds
