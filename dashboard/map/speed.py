"""How fast a map would train: measured in the worker, and kept for as long as the server lives."""

from concurrent.futures import Future, ThreadPoolExecutor

from core.data import datasets
from core.engine.engine import PROBED_LANES
from core.errors import DataError
from core.run.config import RunConfig
from dashboard import service

_measured: dict[tuple, Future] = {}
_pool = ThreadPoolExecutor(1, thread_name_prefix="probe")


def measured(config: RunConfig, n_lanes: int) -> Future | None:
    """The model-steps per second of such a run, maybe not there yet; None if never measured."""
    return _measured.get(_key(config, n_lanes))


def measure(config: RunConfig, n_lanes: int) -> Future:
    """Have it measured, for about a second, unless it was; a measurement that failed is repeated.

    Training that is under way goes on beside it, and leaves it what it would leave a run.
    """
    key = _key(config, n_lanes)
    before = _measured.get(key)
    if before is None or (before.done() and before.exception()):
        _measured[key] = _pool.submit(_probe, config, n_lanes)
    return _measured[key]


def _probe(config: RunConfig, n_lanes: int) -> float:
    for dataset in filter(None, (config.fetched, config.own_data)):
        if not datasets.is_here(dataset, datasets.folder_of(service.store().path)):
            raise DataError(f"The images of {dataset} are not here yet.")
    return service.engine().probe(config, n_lanes)


def _key(config: RunConfig, n_lanes: int) -> tuple:
    """What the speed depends on: the fixed settings but for the seed, and the lanes."""
    fixed = [
        getattr(config, name)
        for name in config.names()
        if not config.is_live(name) and name != "seed"
    ]
    return (config.problem, *fixed, min(n_lanes, PROBED_LANES))
