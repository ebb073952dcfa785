"""A model of one's own with two losses, as the page is given it: priority and department."""

import keras
import numpy as np

from core.problems import Problem


def problem():
    """Its priority depends on one number, its department on two others."""
    x = np.random.default_rng(0).normal(size=(1000, 12)).astype("float32")
    y = {
        "priority": (x[:, :1] > 0.3).astype("float32"),
        "department": np.eye(4)[(x[:, 1] > 0).astype(int) + 2 * (x[:, 2] > 0)],
    }
    inputs = keras.Input((12,))
    hidden = keras.layers.Dense(16, activation="relu")(inputs)
    outputs = {
        "priority": keras.layers.Dense(1, activation="sigmoid")(hidden),
        "department": keras.layers.Dense(4, activation="softmax")(hidden),
    }
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.RMSprop(1e-3),
        loss={"priority": "binary_crossentropy", "department": "categorical_crossentropy"},
        loss_weights={"priority": 1.0, "department": 0.2},
        metrics={"priority": ["accuracy"], "department": ["accuracy"]},
    )
    return Problem.of(model, training=(x, y))
