"""Training as pure, compiled functions of a state; and runs that take turns with them."""

from core.quiet import load_tensorflow

load_tensorflow()
