"""Makes a problem of a compiled Keras model and data for it, as `fit` would train it."""

from core.quiet import load_tensorflow

load_tensorflow()
