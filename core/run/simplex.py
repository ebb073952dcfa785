"""The loss weights of a weight map: a grid over all ways to share out a total between heads.

Of two heads it is a line, of three a triangle.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import comb
from typing import Annotated, Any, Literal

from pydantic import Field, model_serializer

from core.errors import ConfigError
from core.run.config import RunConfig
from core.run.heads import Heads, names_of
from core.run.settings import Settings, setting
from core.run.weights import LossWeights

FINENESS = 100  # how much finer a log-spaced grid is at 0 than at 1
SHAPES = {2: "line", 3: "triangle"}  # by the number of heads whose weights vary


class MapConfig(Settings):
    """Which loss weights a weight map trains, and with how many seeds.

    The weights that vary are `total * (a, b, c)` with `a + b + c = 1`, on a triangular grid; those
    of two heads are `total * (a, b)` on a line.

    Raises:
        ConfigError: If a value is not allowed.
    """

    resolution: int = setting(
        10,
        "Intervals on each side of the triangle. r gives (r + 1)(r + 2) / 2 settings: 10 gives 66. "
        "Of two heads it is a line of r + 1 settings.",
        ge=1,
        le=100,
    )
    total: float = setting(
        2.5,
        "Sum of the loss weights that vary, the same everywhere on the map. Under sgd a larger "
        "total acts like a larger learning rate. The article's weights sum to 2.5.",
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
    heads: tuple[Annotated[str, Field(max_length=100)], ...] = setting(
        (),
        "The heads whose weights vary; all of them, where there are two or three, if left out.",
        in_words="the names of two or three heads of the problem, each once",
    )
    others: LossWeights = setting(
        LossWeights({}),
        "The weights of the other heads, the same everywhere on the map.",
        in_words="loss weights of heads that do not vary",
    )

    @model_serializer(mode="wrap")
    def _in_few_words(self, told) -> dict[str, Any]:
        """Without what a map of all heads does not say, as maps of older stores do not."""
        return {
            name: value
            for name, value in told(self).items()
            if value or name not in ("heads", "others")
        }

    @property
    def n_varied(self) -> int:
        """Number of heads whose weights vary, once it is `complete`."""
        return len(self.heads) or 3

    @property
    def shape(self) -> str:
        """What the settings make up, "line" or "triangle"."""
        return SHAPES[self.n_varied]

    @property
    def n_points(self) -> int:
        """Number of settings on the map."""
        return comb(self.resolution + self.n_varied - 1, self.n_varied - 1)

    @property
    def n_lanes(self) -> int:
        """Number of lanes that the map trains: every setting once a seed."""
        return self.n_points * self.seeds

    @property
    def places(self) -> tuple[tuple[int, ...], ...]:
        """Where the settings are, see `grid`."""
        return grid(self.resolution, self.n_varied)

    def complete(self, heads: Heads) -> "MapConfig":
        """The same, told whole: which of these heads vary, and the weights of all others.

        Three heads that all vary need not be named. A weight that is not named is the default.

        Raises:
            ConfigError: If no map can be drawn of these heads; the message says what to do.
        """
        if obstacle := map_obstacle(heads):
            raise ConfigError(obstacle)
        names = names_of(heads)
        varied = self.heads or names
        there_are = f"There are {', '.join(names)}."
        for name in (*varied, *self.others.root):
            if name not in names:
                raise ConfigError(
                    f"{name!r:.80} is refused: a weight map of this problem has no such head. "
                    f"{there_are}"
                )
        if len(varied) not in SHAPES or len(set(varied)) < len(varied):
            example = ", ".join(map(repr, names[:3]))
            raise ConfigError(
                f"heads = {self.heads!r:.80} is refused: on a weight map the weights of two or "
                f"three different heads vary. {there_are} Name those that are to, such as "
                f"heads=({example}); the others keep the weights that `others` gives them."
            )
        for name in self.others.root:
            if name in varied:
                raise ConfigError(
                    f"others = {self.others!r:.80} is refused: {name!r:.80} varies on this map. "
                    "Give the weights of those heads alone that do not vary."
                )
        rest = tuple(head for head in heads if head.name not in varied)
        usual = {head.name: head.default_weight for head in rest}
        all_three = len(names) == len(varied) == 3
        return self.model_copy(
            update={
                "heads": () if all_three else tuple(name for name in names if name in varied),
                "others": LossWeights(usual | self.others.root),
            }
        )

    def varied(self, heads: tuple[str, ...]) -> tuple[str, ...]:
        """The names of those heads, of all these, whose weights vary."""
        return self.heads or heads

    def points(self, heads: tuple[str, ...]) -> tuple[LossWeights, ...]:
        """The settings, in the order of `grid`. Lane l trains setting `l % n_points`.

        Args:
            heads: The names of all heads, for which the map is `complete`.

        Raises:
            ConfigError: If it is a map of other heads.
        """
        varied, others = self.varied(heads), self.others.root
        if len(varied) != self.n_varied or sorted((*varied, *others)) != sorted(heads):
            raise ConfigError(
                f"This map is not one of the heads {', '.join(heads)}: {', '.join(varied)} vary, "
                f"and weights are given of {', '.join(others) or 'none'}. See MapConfig.complete."
            )
        fixed = tuple(others.items())
        return _points(heads, varied, fixed, self.resolution, self.total, self.spacing)


def map_obstacle(heads: Heads) -> str:
    """Why no weight map can be trained of these heads, in a sentence; empty if one can."""
    if len(heads) < 2:
        return (
            f"This problem has one loss, {heads[0].name}: there is nothing to weigh it against, so "
            "there is no weight map. Its weight alone acts like a learning rate, see Explore."
        )
    return ""


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


def parts_of_map(
    over: MapConfig, points: tuple[LossWeights, ...], config: RunConfig, lanes_at_once: int
) -> list[Part]:
    """A map's lanes in parts of at most `lanes_at_once`, as even as can be, seed after seed."""
    n_parts = -(-len(points) // lanes_at_once)
    cuts = [len(points) * i // n_parts for i in range(n_parts + 1)]
    return [
        Part(pass_ * len(points) + start, points[start:end], config.seed + pass_)
        for pass_ in range(over.seeds)
        for start, end in pairwise(cuts)
    ]


@cache
def grid(resolution: int, n_heads: int = 3) -> tuple[tuple[int, ...], ...]:
    """Places, one index a head, that sum to the resolution; of three the triangle, row by row."""
    if n_heads == 1:
        return ((resolution,),)
    return tuple(
        (i, *rest) for i in range(resolution, -1, -1) for rest in grid(resolution - i, n_heads - 1)
    )


@cache
def _points(
    heads: tuple[str, ...],
    varied: tuple[str, ...],
    fixed: tuple[tuple[str, float], ...],
    resolution: int,
    total: float,
    spacing: str,
) -> tuple[LossWeights, ...]:
    points = []
    for place in grid(resolution, len(varied)):
        shares = [i / resolution for i in place]
        if spacing == "log":
            shares = [FINENESS**share - 1 for share in shares]
        whole = sum(shares)
        weights = (round(total * share / whole, 6) for share in shares)
        by_head = dict(zip(varied, weights, strict=True)) | dict(fixed)
        points.append(LossWeights({head: by_head[head] for head in heads}))
    return tuple(points)
