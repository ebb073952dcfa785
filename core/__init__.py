"""Loss weights of a multi-head network, steered while it trains.

The light half, which this module exports, never loads TensorFlow; `core.worker` does, in a
process of its own.
"""

from core.engine import Engine
from core.errors import (
    CommandError,
    ConfigError,
    DataError,
    ExplorerError,
    RunNotFound,
    StoreError,
    WorkerError,
)
from core.problems.siamese.heads import OUTPUTS as HEADS
from core.run.config import RunConfig
from core.run.records import Record
from core.run.run import Run
from core.run.states import RunState
from core.run.weights import LossWeights
from core.store import Store

__all__ = [
    "HEADS",
    "CommandError",
    "ConfigError",
    "DataError",
    "Engine",
    "ExplorerError",
    "LossWeights",
    "Record",
    "Run",
    "RunConfig",
    "RunNotFound",
    "RunState",
    "Store",
    "StoreError",
    "WorkerError",
]
