"""What a weight map has found: values, ties, Pareto fronts."""

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from core.errors import CommandError
from core.run.config import EVALUATION_PAIRS
from core.run.heads import HEAD_NAMES
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.weights import LossWeights
from core.store import Store
from core.store.tables import VALIDATED

OF_ALL = ("worst", "mean")
MAP_COLUMNS = (*HEAD_NAMES, *OF_ALL)
FRONTS = {" and ".join(pair): pair for pair in combinations(HEAD_NAMES, 2)}
QUANTITIES = {"val_accuracy": 1, "val_loss": -1}  # and whether more or less of it is better


@dataclass(frozen=True)
class WeightMap:
    """The values of a weight map, N settings by the columns `MAP_COLUMNS`: each head, worst, mean.

    Attributes:
        run: The run as it was read.
        over: What it covers.
        points: The settings, N loss weights.
        n_seeds: How many seeds of each setting count, shape (N,): those that have come furthest.
        step: The step at which they were measured, 0 where nothing is, (N,). In a map that has
            finished, less than all steps where a setting has diverged.
        mean: By quantity, "val_accuracy" (0 to 1) or "val_loss" (nats): mean over the seeds,
            shape (N, 5), NaN where nothing is measured. "worst" is that of the head that does
            worst, for each seed.
        spread: By quantity, the standard deviation over the seeds (with n - 1), same shape; NaN
            where fewer than two seeds are measured.
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
    def all_model_steps(self) -> int:
        """How many steps all lanes of all seeds have together."""
        return self.over.n_lanes * self.run.config.steps

    def best(self, quantity: str, column: str) -> int | None:
        """Index of the setting with the best mean, None while nothing is measured."""
        values = QUANTITIES[quantity] * self.mean[quantity][:, MAP_COLUMNS.index(column)]
        return int(np.nanargmax(values)) if np.isfinite(values).any() else None

    def ties(self, quantity: str, column: str) -> np.ndarray:
        """Which settings are as good as the best one but for noise, bool, shape (N,).

        Those whose mean differs from the best one's by less than the larger of both spreads, or,
        where there is but one seed, than the `sampling_error` of an accuracy.
        """
        best = self.best(quantity, column)
        if best is None:
            return np.zeros(len(self.points), bool)
        c = MAP_COLUMNS.index(column)
        mean, spread = self.mean[quantity][:, c], self.spread[quantity][:, c]
        noise = np.fmax(spread, spread[best])
        if quantity == "val_accuracy":
            noise = np.where(np.isnan(noise), sampling_error(mean[best]), noise)
        tied = np.abs(mean - mean[best]) < np.nan_to_num(noise)
        tied[best] = True
        return tied

    def front(self, heads: tuple[str, ...]) -> list[int]:
        """Indices of the settings on the Pareto front of these heads' validation accuracies."""
        columns = [MAP_COLUMNS.index(head) for head in heads]
        values = self.mean["val_accuracy"][:, columns]
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
    n_points, n_seeds, n_heads = stored.map.n_points, stored.map.seeds, len(HEAD_NAMES)
    looks = np.full((n_seeds * n_points, 2, n_heads), np.nan)
    step = np.zeros(n_seeds * n_points)
    for result in store.results(run):
        step[result.lane] = result.step
        looks[result.lane] = result.val_loss, result.val_accuracy
    # A seed that is still on its way does not count beside one that has come further.
    of_point = step.reshape(n_seeds, n_points)
    reached = of_point.max(axis=0)
    looks[(of_point < reached).ravel()] = np.nan
    mean, spread = {}, {}
    for q, quantity in enumerate(VALIDATED):
        values, sign = looks[:, q], QUANTITIES[quantity]
        worst = sign * (sign * values).min(axis=1)
        of_seed = np.column_stack([values, worst, values.mean(axis=1)]).reshape(
            n_seeds, n_points, len(MAP_COLUMNS)
        )
        mean[quantity], spread[quantity] = mean_and_spread(of_seed)
    trained = round(stored.progress * stored.map.n_lanes * stored.config.steps)
    return WeightMap(
        run=stored,
        over=stored.map,
        points=stored.map.points(),
        n_seeds=((of_point == reached) & (reached > 0)).sum(axis=0),
        step=reached.astype(int),
        mean=mean,
        spread=spread,
        # On a cluster parts train side by side, and what is known of them are their looks.
        model_steps=max(trained, int(of_point.sum())),
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
