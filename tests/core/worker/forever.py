"""A run that does not end by itself."""

from core import RunConfig

FOREVER = RunConfig(steps=1_000_000)
