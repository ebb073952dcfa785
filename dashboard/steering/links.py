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
    return f"./?{urlencode({**shown, **next_run(config, lanes, 0)})}"


def next_run(config: RunConfig, lanes: list[LossWeights], lane: int) -> dict[str, str]:
    """What an address says of the next run where it is not the default."""
    named = [*LIVE, *NEW_RUN]
    moved = {name: getattr(config, name) for name in named}
    moved = {name: value for name, value in moved.items() if value != state.default(name)}
    return {**moved, **address.of_lanes(lanes, lane, LossWeights())}
