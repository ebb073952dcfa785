"""Addresses of pages with settings in them."""

from urllib.parse import urlencode

from core.run.config import RunConfig
from core.run.weights import LossWeights
from dashboard import address, state
from dashboard.steering.settings import LIVE, NEW_RUN


def explore_address(config: RunConfig, lanes: list[LossWeights], **shown: str) -> str:
    """The page Explore with its widgets at these settings and lanes.

    Args:
        config: The settings; those without a widget are left out.
        lanes: One a lane; no more than a race has count.
        shown: What else the address is to say, such as the `run` to show.
    """
    values, begin = lanes[0].model_dump(), LossWeights().model_dump()
    for name in (*LIVE, *NEW_RUN):
        values[name], begin[name] = getattr(config, name), state.default(name)
    moved = {name: value for name, value in values.items() if value != begin[name]}
    race = address.of_lanes(lanes, 0)
    return f"./?{urlencode({**shown, **moved, **race})}"
