"""Trained models, taken away: the one part of it that needs TensorFlow."""
