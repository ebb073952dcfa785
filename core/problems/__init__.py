"""What a run can train: a model with several losses, and data for it."""

from core.quiet import load_tensorflow

load_tensorflow()
