"""What a weight map is of, in words and for its pictures. Pure."""

import math

from core.analysis.measures import LOSS, RANK, Measure, measures_of
from core.run.heads import Heads
from core.run.simplex import FINENESS, MapConfig
from core.run.weights import LossWeights

OF_ALL = {"worst": "the worst head", "mean": "the mean of the heads"}  # by `Measure.of`
UNITS = ("nats",)  # kinds of losses that are one
SAME = 1e-4  # what a weight may differ by


def short_quantity(quantity: str) -> str:
    """A quantity as the choice among them calls it."""
    return quantity.removeprefix("val_").replace("_", " ")


def short_name(column: str, measure: Measure) -> str:
    """A column as the choice among them calls it."""
    named = OF_ALL.get(measure.of, column)
    return named.removeprefix("the ").removesuffix(" of the heads")


def in_words(quantity: str, column: str, measure: Measure) -> str:
    """What a quantity of a column is, such as for an axis."""
    if measure.kind == RANK:
        what = "losses" if quantity == LOSS else f"{short_quantity(quantity)}s"
        return f"Mean rank of the heads' validation {what}, 1 is best"
    called = "loss" if measure.is_loss else measure.kind
    unit = f", {measure.kind}" if measure.kind in UNITS else ""
    of = OF_ALL.get(measure.of, column)
    return f"Validation {called.replace('_', ' ')} of {of}{unit}"


def told(heads: Heads) -> dict[str, dict[str, dict]]:
    """What the browser is told of each column, by quantity; see `Measure` in client/types.js."""
    return {
        quantity: {
            column: {
                "of": measure.of,
                "kind": measure.kind,
                "sign": measure.sign,
                "chance": measure.chance,
                "isLoss": measure.is_loss,
                "title": in_words(quantity, column, measure),
            }
            for column, measure in of.items()
        }
        for quantity, of in measures_of(heads).items()
    }


def others_in_words(over: MapConfig) -> str:
    """That of more heads than are drawn only these vary; empty where all of them do."""
    if not over.others.root:
        return ""
    weights = ", ".join(f"{name} {weight:g}" for name, weight in over.others.root.items())
    varied = ", ".join(over.heads[:-1])
    return f"Here {varied} and {over.heads[-1]} vary. The others keep their weights: {weights}."


def place_on(over: MapConfig, weights: LossWeights, heads: tuple[str, ...]) -> list[float] | None:
    """Where loss weights stand on a map, None if nowhere: those that do not vary are others there.

    Args:
        over: What the map covers.
        weights: The loss weights, of whichever heads.
        heads: The names of the map's heads.
    """
    if set(weights.root) != set(heads):
        return None
    if any(abs(weights[name] - weight) > SAME for name, weight in over.others.root.items()):
        return None
    return place_of(LossWeights({name: weights[name] for name in over.varied(heads)}), over.spacing)


def place_of(weights: LossWeights, spacing: str) -> list[float] | None:
    """Where loss weights stand in the triangle: three coordinates that sum to 1; two on a line.

    The inverse of `MapConfig.points`, for any weights and not only those of a grid.

    Args:
        weights: The loss weights; their total does not matter.
        spacing: "even" or "log".

    Returns:
        One coordinate a head, or None where all weights are 0: they have no place.
    """
    whole = sum(weights.as_tuple())
    if whole == 0:
        return None
    shares = [weight / whole for weight in weights.as_tuple()]
    if spacing == "even":
        return shares
    # share = (FINENESS ** x - 1) / scale, where the scale is such that the x sum to 1.
    low, high = 0.0, float(FINENESS)
    for _ in range(60):
        scale = (low + high) / 2
        places = [math.log(1 + scale * share, FINENESS) for share in shares]
        low, high = (scale, high) if sum(places) < 1 else (low, scale)
    return places


def shares_along(spacing: str, n_ticks: int = 5) -> list[tuple[float, float]]:
    """Places along a line, and the share of the first head there."""
    found = []
    for k in range(n_ticks):
        place = k / (n_ticks - 1)
        shares = [place, 1 - place]
        if spacing == "log":
            shares = [FINENESS**share - 1 for share in shares]
        found.append((place, shares[0] / sum(shares)))
    return found
