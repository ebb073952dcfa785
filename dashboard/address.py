"""The lanes of a race as an address writes them, such as `lanes=1,1,0.5;1,1,0&lane=2`."""

from core.run.heads import HEAD_NAMES
from core.run.weights import RACE_LANES, LossWeights


def lanes_of(text: str) -> list[LossWeights] | None:
    """The lanes that an address names, such as "1,1,0.5;1,1,0"; None if it names no race."""
    try:
        rows = [[float(weight) for weight in one.split(",")] for one in text[:400].split(";")]
        lanes = [LossWeights(**dict(zip(HEAD_NAMES, row, strict=True))) for row in rows]
    except ValueError:
        return None
    return lanes if 2 <= len(lanes) <= RACE_LANES else None


def of_lanes(lanes: list[LossWeights], selected: int) -> dict[str, str]:
    """What an address says of several lanes; nothing where there is but one."""
    if len(lanes) == 1:
        return {}
    weights = [lane.as_tuple() for lane in lanes[:RACE_LANES]]
    rows = [",".join(f"{weight:.6g}" for weight in lane) for lane in weights]
    return {"lanes": ";".join(rows), "lane": str(selected + 1)}
