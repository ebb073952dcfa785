"""Loss weights as an address writes them: `bin_out=0.7`, or `lanes=1,1,0.5;1,1,0&lane=2`."""

from collections.abc import Mapping

from core.run.heads import HEAD_NAMES
from core.run.weights import RACE_LANES, LossWeights

NAMES = (*HEAD_NAMES, "lanes", "lane")


def lanes_of(text: str) -> list[LossWeights] | None:
    """The lanes that an address names, such as "1,1,0.5;1,1,0"; None if it names no race."""
    try:
        rows = [[float(weight) for weight in one.split(",")] for one in text[:400].split(";")]
        lanes = [LossWeights(**dict(zip(HEAD_NAMES, row, strict=True))) for row in rows]
    except ValueError:
        return None
    return lanes if 2 <= len(lanes) <= RACE_LANES else None


def weights_of(query: Mapping[str, str]) -> LossWeights:
    """The weights that an address names for a single lane; a head that it does not, or not as a
    weight may be, has the default."""
    usable = {name: query[name] for name in HEAD_NAMES if name in query and is_weight(query[name])}
    return LossWeights(**{name: float(text) for name, text in usable.items()})


def is_weight(text: str) -> bool:
    """Whether a text can be a loss weight."""
    try:
        LossWeights(**{HEAD_NAMES[0]: float(text)})
    except ValueError:
        return False
    return True


def lane_of(query: Mapping[str, str], n_lanes: int) -> int:
    """Index of the lane that an address selects; the first where it names none that there is."""
    number = query.get("lane", "")
    return int(number) - 1 if number in map(str, range(1, n_lanes + 1)) else 0


def of_lanes(
    lanes: list[LossWeights], selected: int, begin: LossWeights | None = None
) -> dict[str, str]:
    """What an address says of lanes.

    Args:
        lanes: One or more; no more than a race has count.
        selected: Index of one of them.
        begin: Of a single lane, the weights that need not be named; all are if left out.
    """
    if len(lanes) == 1:
        weights = lanes[0].model_dump()
        usual = begin.model_dump() if begin else {}
        return {
            name: f"{weight:.6g}" for name, weight in weights.items() if weight != usual.get(name)
        }
    rows = [",".join(f"{weight:.6g}" for weight in lane.as_tuple()) for lane in lanes[:RACE_LANES]]
    return {"lanes": ";".join(rows), "lane": str(selected + 1)}
