"""What a weight map is of: quantities, each of every head and of all heads, and what is better."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from core.run.heads import Head, Heads, names_of

LOSS, METRIC = "val_loss", "val_metric"  # quantities; metrics of one name give theirs instead
RANK = "rank"  # a kind of values, as `ACCURACY` is
Of = Literal["head", "worst", "mean", "rank"]


@dataclass(frozen=True)
class Measure:
    """What a column of a weight map is, in one quantity.

    Attributes:
        of: Whether it is of a head, of the head that does worst, the mean of the heads, or the
            mean rank of a setting among all settings.
        kind: What can be compared with it: the name of a metric, the unit or else the name of a
            loss, or `RANK`.
        sign: What to multiply values with, so that more is better.
        chance: The value of whoever guesses, if there is such a level.
        is_loss: Whether it is a loss, as of a head without a metric in the metric.
    """

    of: Of
    kind: str
    sign: int
    chance: float | None
    is_loss: bool = False


def map_columns(heads: Heads) -> tuple[str, ...]:
    """What a map of these heads is of: each head, and what tells of all of them.

    That are the worst of them and their mean, where they have the same metric, or none and losses
    of one kind; else it is the mean rank.
    """
    of_all = ("worst", "mean") if are_alike(heads) else ("mean rank",)
    names = names_of(heads)
    return (*names, *(f"{name} of all" if name in names else name for name in of_all))


def are_alike(heads: Heads) -> bool:
    """Whether the head that does worst can be told."""
    if any(head.metric for head in heads):
        return len({(head.metric, head.sign) for head in heads}) == 1
    return len({head.loss_kind for head in heads}) == 1


def measures_of(heads: Heads) -> dict[str, dict[str, Measure]]:
    """What each column of a map is, by quantity: the metric, if there is one, and the loss.

    In the metric, a head without one counts by its loss.
    """
    found = {}
    if any(head.metric for head in heads):
        shared = heads[0].metric if are_alike(heads) and heads[0].metric != "loss" else None
        found[f"val_{shared}" if shared else METRIC] = [_metric(head) for head in heads]
    found[LOSS] = [_loss(head) for head in heads]
    return {
        quantity: dict(zip(map_columns(heads), _with_all(of, are_alike(heads)), strict=True))
        for quantity, of in found.items()
    }


def fronts_of(heads: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Each two of the heads, by what their Pareto front is called."""
    return {" and ".join(pair): pair for pair in combinations(heads, 2)}


def mean_ranks(values: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """The mean over the heads of each setting's rank among all settings; 1 is the best.

    Args:
        values: N settings by H heads; settings with a NaN are not measured, and have no rank.
        signs: What to multiply each head's values with, so that more is better; (H,).

    Returns:
        Shape (N,), NaN where nothing is measured. Settings that are equal share their ranks.
    """
    found = np.full(len(values), np.nan)
    measured = np.isfinite(values).all(axis=1)
    if not measured.any():
        return found
    signed = (signs * values)[measured]
    better = (signed[None] > signed[:, None]).sum(axis=1)
    equal = (signed[None] == signed[:, None]).sum(axis=1)
    found[measured] = (1 + better + (equal - 1) / 2).mean(axis=1)
    return found


def _metric(head: Head) -> Measure:
    return Measure("head", head.metric, head.sign, head.chance) if head.metric else _loss(head)


def _loss(head: Head) -> Measure:
    return Measure("head", head.loss_kind, -1, head.chance_loss, is_loss=True)


def _with_all(heads: list[Measure], alike: bool) -> list[Measure]:
    """The measures of the heads, and those of all of them together."""
    if not alike:
        return [*heads, Measure("rank", RANK, -1, None)]
    first = heads[0]
    known = [head.chance for head in heads if head.chance is not None]
    # Of the worst head it is what some head always has.
    worst = mean = None
    if len(known) == len(heads):
        worst = min(known) if first.sign > 0 else max(known)
        mean = sum(known) / len(known)
    # Losses of several kinds, of heads with one metric, have no unit.
    kind = first.kind if len({head.kind for head in heads}) == 1 else "loss"
    return [
        *heads,
        replace(first, of="worst", kind=kind, chance=worst),
        replace(first, of="mean", kind=kind, chance=mean),
    ]
