"""The training process: takes commands, gives runs their turns, records what they find."""

from core.quiet import load_tensorflow

load_tensorflow()
