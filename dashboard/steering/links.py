"""Addresses of pages with settings in them."""

from urllib.parse import urlencode

from core.problems import presets_of
from core.run.config import RunConfig
from core.run.weights import LossWeights
from dashboard import address, state


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
    of = type(config)
    names = sorted(state.with_widget(of), key=lambda name: not of.is_live(name))
    moved = {name: getattr(config, name) for name in names}
    moved = {name: value for name, value in moved.items() if value != state.default(name, of)}
    if config.problem != RunConfig().problem:
        moved["problem"] = config.problem
    return {**moved, **address.of_lanes(lanes, lane, config, presets_of(config)[0].weights)}
