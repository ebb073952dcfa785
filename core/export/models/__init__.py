"""Trained models, taken away: the one part of it that needs TensorFlow."""

from core.quiet import load_tensorflow

load_tensorflow()
