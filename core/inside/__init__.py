"""What goes on inside a model in training, measured while somebody looks."""

from core.quiet import load_tensorflow

load_tensorflow()
