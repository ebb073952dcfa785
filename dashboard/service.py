"""The one engine of this server process: started with the server, ended with it."""

import os
import threading

from core.engine import Engine
from core.places import DEFAULT_STORE
from core.store import Store

EXAMPLE = "example"  # under which the routes tell of a run that comes with the program
PATIENCE = 4.0  # s for the first page to be drawn, before TensorFlow takes the cores

_engine: Engine | None = None
_lock = threading.Lock()


def engine() -> Engine:
    """The engine; the first call starts it.

    Raises:
        StoreError: If it cannot be started.
    """
    global _engine
    with _lock:
        if _engine is None:
            path = os.environ.get("EXPLORER_STORE") or DEFAULT_STORE
            _engine = Engine(path, patience=PATIENCE)
        return _engine


def store() -> Store:
    """The engine's store."""
    return engine().store


def close() -> None:
    """End the engine, and with it the training process."""
    global _engine
    with _lock:
        if _engine is not None:
            _engine.close()
        _engine = None
