"""Loss weights as an address writes them: `NAME=0.7`, or `lanes=1,1,0.5;1,1,0&lane=2`.

Heads of the default problem are named as they are; those of others, which may be called as anything
else in an address, as `weight.NAME`.
"""

from collections.abc import Mapping

from core.errors import ConfigError
from core.problems import heads_of
from core.run.config import RunConfig
from core.run.heads import names_of
from core.run.weights import RACE_LANES, LossWeights

PREFIX = "weight."
OF_LANES = ("lanes", "lane")


def keys_of(config: RunConfig) -> dict[str, str]:
    """What an address calls the heads of a run with these settings, by their names."""
    prefix = "" if config.own_address() else PREFIX
    return {name: prefix + name for name in names_of(heads_of(config))}


def is_of_lanes(name: str) -> bool:
    """Whether a name in an address is of loss weights or lanes, of whichever problem."""
    return name in OF_LANES or is_weight_of(name)


def is_weight_of(name: str) -> bool:
    """Whether a name in an address is of the loss weight of a head, of whichever problem."""
    return name.startswith(PREFIX) or name in keys_of(RunConfig()).values()


def lanes_of(text: str, config: RunConfig) -> list[LossWeights] | None:
    """The lanes that an address names, such as "1,1,0.5;1,1,0"; None if it names no race."""
    names = keys_of(config)
    try:
        rows = [[float(weight) for weight in one.split(",")] for one in text[:400].split(";")]
        lanes = [LossWeights(dict(zip(names, row, strict=True))) for row in rows]
    except ValueError:
        return None
    return lanes if 2 <= len(lanes) <= RACE_LANES else None


def weights_of(query: Mapping[str, str], config: RunConfig) -> LossWeights:
    """The weights that an address names for a single lane; a head that it does not, or not as a
    weight may be, has the default."""
    named = {
        name: float(query[key])
        for name, key in keys_of(config).items()
        if key in query and is_weight(query[key])
    }
    return LossWeights(named).complete(heads_of(config))


def is_weight(text: str) -> bool:
    """Whether a text can be a loss weight."""
    try:
        LossWeights({"head": float(text)})
    except (ValueError, ConfigError):
        return False
    return True


def lane_of(query: Mapping[str, str], n_lanes: int) -> int:
    """Index of the lane that an address selects; the first where it names none that there is."""
    number = query.get("lane", "")
    return int(number) - 1 if number in map(str, range(1, n_lanes + 1)) else 0


def of_lanes(
    lanes: list[LossWeights], selected: int, config: RunConfig, begin: LossWeights | None = None
) -> dict[str, str]:
    """What an address says of lanes.

    Args:
        lanes: One or more; no more than a race has count.
        selected: Index of one of them.
        config: The settings of the run.
        begin: Of a single lane, the weights that need not be named; all are if left out.
    """
    if len(lanes) == 1:
        weights = lanes[0].model_dump()
        usual = begin.model_dump() if begin else {}
        return {
            key: f"{weights[name]:.6g}"
            for name, key in keys_of(config).items()
            if weights[name] != usual.get(name)
        }
    rows = [",".join(f"{weight:.6g}" for weight in lane.as_tuple()) for lane in lanes[:RACE_LANES]]
    return {"lanes": ";".join(rows), "lane": str(selected + 1)}
