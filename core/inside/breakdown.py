"""Which head broke a lane that has diverged, found by training its last sound state once more."""

import numpy as np

from core.analysis.gradients import norms, of_shared
from core.inside.measurements import Measurements
from core.run.heads import names_of
from core.training.session import Session
from core.training.state import StepSettings


def of(measurements: Measurements, session: Session, lane: int) -> dict:
    """What broke first, as {step, heads, why}.

    Args:
        measurements: Of the run's program.
        session: The run, whose lane stands in its last sound state.
        lane: Index of a lane that has diverged.
    """
    diverged_at = int(session.diverged_at[lane])
    state, weights = session.states[lane], session.weights[lane]
    step = int(state.step)
    settings = StepSettings.of(weights, session.config)
    n_steps = max(2, diverged_at - step + 1)
    batches = session.order.batches(step, n_steps)
    heads = names_of(session.program.heads)
    metrics = session.program.train_chunk(state, settings, batches)[1]
    losses = metrics[:, 0, : len(heads)]  # without the regularisation, which is no head's
    is_lost = ~np.isfinite(losses)
    if is_lost.any():
        first = is_lost[is_lost.any(axis=1).argmax()]
        if not first.all():
            lost = chosen(heads, first)
            why = f"{listed(lost)} was the first whose loss was no finite number any more."
            return {"step": diverged_at, "heads": lost, "why": why}
    grams, _ = measurements.measure(state, batches[0])
    is_shared = measurements.is_shared
    gram = of_shared(grams, measurements.layers) if is_shared else grams.sum(axis=0)
    of_head = np.array(weights.as_tuple())
    with np.errstate(over="ignore", invalid="ignore"):
        weighted = np.where(of_head > 0, of_head * norms(gram), 0.0)
    if not np.isfinite(weighted).all():
        lost = chosen(heads, ~np.isfinite(weighted))
        why = f"The gradient of {listed(lost)} was no finite number any more."
        return {"step": diverged_at, "heads": lost, "why": why}
    greatest = int(weighted.argmax())
    share = weighted[greatest] / weighted.sum() if weighted.sum() > 0 else 0.0
    why = (
        "All losses were lost in the same step. "
        f"{heads[greatest]} pulled hardest at {'what is shared' if is_shared else 'the model'} in "
        "the update before: "
        f"{100 * share:.0f} % of the lengths of the weighted gradients."
    )
    return {"step": diverged_at, "heads": [heads[greatest]], "why": why}


def chosen(heads: tuple[str, ...], are_chosen) -> list[str]:
    """The heads that are chosen."""
    return [name for name, is_chosen in zip(heads, are_chosen, strict=True) if is_chosen]


def listed(heads: list[str]) -> str:
    """Heads in a sentence."""
    return " and ".join(heads)
