"""The handle of training: runs are started, steered, forked, rewound; the worker is a process."""

from core.engine.engine import Engine

__all__ = ["Engine"]
