"""Runs of a problem of one's own as a store has them, made up: no file is read, nothing trained."""

import os
from collections.abc import Iterable

from core import LossWeights, RunConfig, Store
from core.run.heads import Head, Heads
from core.run.records import Record
from core.run.states import RunState

# A number whose error is told, a class, and one that has its loss alone.
DOSE = Head(
    name="dose",
    default_weight=0.3,
    loss="mean_squared_error",
    metric="mean_absolute_error",
    better="lower",
    chance=2.0,
    chance_loss=5.5,
)
KIND = Head(name="kind", loss="sparse_categorical_crossentropy", chance=0.25, chance_loss=1.25)
REST = Head(name="rest", default_weight=0.1, loss="mean_absolute_error", metric=None)
DOSES: Heads = (DOSE, KIND, REST)


def own_run(
    store: Store,
    heads: Heads = DOSES,
    looks: Iterable[tuple[int, dict[str, float]]] = (),
    problem: str = "doses",
    state: RunState = RunState.FINISHED,
    **settings,
) -> str:
    """Write a run of one lane.

    Args:
        store: Where to.
        heads: Those that it has.
        looks: By step what validation found of each head: its metric, or its loss if it has none.
            All losses are 1 else.
        problem: Its name.
        state: How it stands.
        **settings: Such as `seed`.
    """
    given = {"optimizer": "rmsprop", "source": "abc", **settings}
    config = RunConfig(problem=problem, **given)
    run = store.add_run(config, [LossWeights()], f"{os.getpid()}-tests", heads=heads)
    store.append(run, [record_of(heads, step, found) for step, found in looks])
    store.set_state(run, state)
    return run


def record_of(heads: Heads, step: int, found: dict[str, float]) -> Record:
    """A record with validation."""
    loss = {head.name: 1.0 if head.metric else found[head.name] for head in heads}
    metric = {head.name: found[head.name] for head in heads if head.metric}
    return Record(
        seq=0,
        step=step,
        lane=0,
        branch=0,
        time=step / 100,
        total_loss=1.0,
        learning_rate=0.001,
        loss=loss,
        metric=metric,
        val_loss=loss,
        val_metric=metric,
        loss_weights={head.name: head.default_weight for head in heads},
    )
