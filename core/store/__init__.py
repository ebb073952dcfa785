"""Runs on disk, in one SQLite file."""

from core.store.store import Store

__all__ = ["Store"]
