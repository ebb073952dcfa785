"""What a weight map has found: values, ties, Pareto fronts."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.analysis.measures import LOSS, Measure, map_columns, mean_ranks, measures_of
from core.errors import CommandError
from core.run.config import EVALUATION_PAIRS
from core.run.heads import ACCURACY
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.weights import LossWeights
from core.store import Store


@dataclass(frozen=True)
class WeightMap:
    """The values of a weight map, N settings by its `columns`.

    Attributes:
        run: The run as it was read.
        over: What it covers.
        points: The settings, N loss weights.
        n_seeds: How many seeds of each setting count, shape (N,): those that have come furthest.
        step: The step at which they were measured, 0 where nothing is, (N,). In a map that has
            finished, less than all steps where a setting has diverged.
        mean: By quantity, such as "val_accuracy" (0 to 1) and "val_loss" (nats), see `measures`:
            mean over the seeds, shape (N, C), NaN where nothing is measured. "worst" is that of the
            head that does worst, for each seed; "mean rank" is of the heads' means over the seeds.
        spread: By quantity, the standard deviation over the seeds (with n - 1), same shape; NaN
            where fewer than two seeds are measured. That of ranks is known of the settings of
            which all seeds are, ranked among themselves.
        model_steps: How many steps have been trained, of all lanes of all seeds together, as far
            as they are recorded.
    """

    run: Run
    over: MapConfig
    points: tuple[LossWeights, ...]
    n_seeds: np.ndarray
    step: np.ndarray
    mean: dict[str, np.ndarray]
    spread: dict[str, np.ndarray]
    model_steps: int

    @property
    def columns(self) -> tuple[str, ...]:
        """See `map_columns`."""
        return map_columns(self.run.heads)

    @cached_property
    def measures(self) -> dict[str, dict[str, Measure]]:
        """What each column is, by quantity; the first one is what the heads are judged by."""
        return measures_of(self.run.heads)

    @property
    def all_model_steps(self) -> int:
        """How many steps all lanes of all seeds have together."""
        return self.over.n_lanes * self.run.config.steps

    def best(self, quantity: str, column: str) -> int | None:
        """Index of the setting with the best mean, None while nothing is measured."""
        sign = self.measures[quantity][column].sign
        values = sign * self.mean[quantity][:, self.columns.index(column)]
        return int(np.nanargmax(values)) if np.isfinite(values).any() else None

    def ties(self, quantity: str, column: str) -> np.ndarray:
        """Which settings are as good as the best one but for noise, bool, shape (N,).

        Those whose mean differs from the best one's by less than the larger of both spreads, or,
        where there is but one seed, than the `sampling_error` of an accuracy.
        """
        best = self.best(quantity, column)
        if best is None:
            return np.zeros(len(self.points), bool)
        c = self.columns.index(column)
        mean, spread = self.mean[quantity][:, c], self.spread[quantity][:, c]
        noise = np.fmax(spread, spread[best])
        if self.measures[quantity][column].kind == ACCURACY:
            error = sampling_error(mean[best], self.run.config.n_validation)
            noise = np.where(np.isnan(noise), error, noise)
        tied = np.abs(mean - mean[best]) < np.nan_to_num(noise)
        tied[best] = True
        return tied

    def front(self, heads: tuple[str, ...]) -> list[int]:
        """Indices of the settings on the Pareto front of these heads' validation metrics.

        Of each it is what is better there that counts; of a head without a metric, the least loss.
        """
        quantity, of = next(iter(self.measures.items()))
        columns = [self.columns.index(head) for head in heads]
        values = self.mean[quantity][:, columns] * [of[head].sign for head in heads]
        measured = np.flatnonzero(np.isfinite(values).all(axis=1))
        return [int(measured[i]) for i in pareto_front(values[measured])]


def weight_map(store: Store, run: str) -> WeightMap:
    """What a weight map has found so far; it may still be training.

    Raises:
        RunNotFound, CommandError: If there is no such run, or it is no weight map.
    """
    stored = store.run(run)
    if stored.map is None:
        raise CommandError(
            f"Run {run} is not a weight map: expected one that Engine.start_map or page Map has "
            "started. /api/runs tells of each run whether it has a `map`."
        )
    n_points, n_seeds, n_heads = stored.map.n_points, stored.map.seeds, len(stored.heads)
    looks = np.full((n_seeds * n_points, 2, n_heads), np.nan)
    step = np.zeros(n_seeds * n_points)
    for result in store.results(run):
        step[result.lane] = result.step
        looks[result.lane] = result.val_metric, result.val_loss
    # A seed that is still on its way does not count beside one that has come further.
    of_point = step.reshape(n_seeds, n_points)
    reached = of_point.max(axis=0)
    looks[(of_point < reached).ravel()] = np.nan
    mean, spread = {}, {}
    measures = measures_of(stored.heads)
    for quantity, of in measures.items():
        values = looks[:, 1].copy()
        if quantity != LOSS:
            has_metric = [head.metric is not None for head in stored.heads]
            values[:, has_metric] = looks[:, 0, has_metric]
        of_seed = values.reshape(n_seeds, n_points, n_heads)
        mean[quantity], spread[quantity] = _of_columns(of_seed, list(of.values()))
    trained = round(stored.progress * stored.map.n_lanes * stored.config.steps)
    return WeightMap(
        run=stored,
        over=stored.map,
        points=stored.lanes,
        n_seeds=((of_point == reached) & (reached > 0)).sum(axis=0),
        step=reached.astype(int),
        mean=mean,
        spread=spread,
        # On a cluster parts train side by side, and what is known of them are their looks.
        model_steps=max(trained, int(of_point.sum())),
    )


def _of_columns(values: np.ndarray, of: list[Measure]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and spread over the seeds of each column, of values by seed, setting and head."""
    signs = np.array([one.sign for one in of[: values.shape[2]]])
    if of[-1].of != "rank":
        worst = signs[0] * (signs[0] * values).min(axis=2, keepdims=True)
        return mean_and_spread(np.concatenate([values, worst, values.mean(2, keepdims=True)], 2))
    mean, spread = mean_and_spread(values)
    whole = np.isfinite(values).all(axis=(0, 2))
    of_seeds = [mean_ranks(np.where(whole[:, None], seed, np.nan), signs) for seed in values]
    _, spread_of_ranks = mean_and_spread(np.stack(of_seeds))
    return (
        np.column_stack([mean, mean_ranks(mean, signs)]),
        np.column_stack([spread, spread_of_ranks]),
    )


def mean_and_spread(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and sample standard deviation over the first axis of what is not NaN there."""
    measured = np.isfinite(values)
    n = measured.sum(axis=0)
    known = np.where(measured, values, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = known.sum(axis=0) / n
        off = np.where(measured, known - mean, 0.0)
        spread = np.sqrt((off**2).sum(axis=0) / np.where(n > 1, n - 1, np.nan))
    return np.where(n > 0, mean, np.nan), spread


def sampling_error(accuracy: float, n_pairs: int = EVALUATION_PAIRS) -> float:
    """Standard error of an accuracy measured on `n_pairs`: sqrt(p (1 - p) / n), binomial."""
    return math.sqrt(max(0.0, accuracy * (1 - accuracy)) / n_pairs)


def pareto_front(points) -> list[int]:
    """Indices of the points that no other one dominates, in rising order.

    A point dominates another if it is at least as good (as large) in each coordinate and better
    in one; equal points do not dominate each other.

    Args:
        points: Shape (N, D), larger is better, no NaN.
    """
    points = np.asarray(points, float)
    if len(points) == 0:
        return []
    order = np.lexsort(points.T[::-1])[::-1]  # whoever dominates a point comes before it
    front: list[int] = []
    for i in order:
        others = points[front]
        dominated = (others >= points[i]).all(axis=1) & (others > points[i]).any(axis=1)
        if not dominated.any():
            front.append(int(i))
    return sorted(front)
