"""The loss weights of a weight map: a triangular grid over all ways to share out a total."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from core.run.config import RunConfig
from core.run.heads import HEADS
from core.run.settings import Settings, setting
from core.run.weights import LossWeights

FINENESS = 100  # how much finer a log-spaced grid is at 0 than at 1


class MapConfig(Settings):
    """Which loss weights a weight map trains, and with how many seeds.

    The weights are `total * (a, b, c)` with `a + b + c = 1`, on a triangular grid.

    Raises:
        ConfigError: If a value is not allowed.
    """

    resolution: int = setting(
        10,
        "Intervals on each side of the triangle. r gives (r + 1)(r + 2) / 2 settings: 10 gives 66.",
        ge=1,
        le=100,
    )
    total: float = setting(
        2.5,
        "Sum of the three loss weights, the same everywhere on the map. Under sgd a larger total "
        "acts like a larger learning rate. The article's weights sum to 2.5.",
        ge=0.01,
        le=1000,
    )
    spacing: Literal["even", "log"] = setting(
        "even",
        "even: shares in equal steps. log: finer towards 0, where a head is about to lose its say.",
    )
    seeds: int = setting(
        1, "Times the whole map is trained, each with another seed, to see noise.", ge=1, le=5
    )

    @property
    def n_points(self) -> int:
        """Number of settings on the map."""
        return (self.resolution + 1) * (self.resolution + 2) // 2

    @property
    def n_lanes(self) -> int:
        """Number of lanes that the map trains: every setting once a seed."""
        return self.n_points * self.seeds

    def points(self) -> tuple[LossWeights, ...]:
        """The settings, in the order of `grid`. Lane l trains setting `l % n_points`."""
        return _points(self.resolution, self.total, self.spacing)


@dataclass(frozen=True)
class Part:
    """Lanes of a run that are trained at the same time, from one seed.

    Attributes:
        first: Index of the first lane.
        weights: The loss weights of each lane.
        seed: Settles initial values, batches and dropout masks.
    """

    first: int
    weights: tuple[LossWeights, ...]
    seed: int

    @property
    def lanes(self) -> range:
        """Indices of the lanes."""
        return range(self.first, self.first + len(self.weights))


def parts_of_map(over: MapConfig, config: RunConfig, lanes_at_once: int) -> list[Part]:
    """A map's lanes in parts of at most `lanes_at_once`, as even as can be, seed after seed."""
    points = over.points()
    n_parts = -(-len(points) // lanes_at_once)
    cuts = [len(points) * i // n_parts for i in range(n_parts + 1)]
    return [
        Part(pass_ * len(points) + start, points[start:end], config.seed + pass_)
        for pass_ in range(over.seeds)
        for start, end in pairwise(cuts)
    ]


@cache
def grid(resolution: int) -> tuple[tuple[int, int, int], ...]:
    """Places (i, j, k) with i + j + k = resolution, one index a head: the triangle, row by row."""
    r = resolution
    return tuple((i, j, r - i - j) for i in range(r, -1, -1) for j in range(r - i, -1, -1))


@cache
def _points(resolution: int, total: float, spacing: str) -> tuple[LossWeights, ...]:
    names = [head.name for head in HEADS]
    points = []
    for place in grid(resolution):
        shares = [i / resolution for i in place]
        if spacing == "log":
            shares = [FINENESS**share - 1 for share in shares]
        whole = sum(shares)
        weights = (round(total * share / whole, 6) for share in shares)
        points.append(LossWeights(**dict(zip(names, weights, strict=True))))
    return tuple(points)
