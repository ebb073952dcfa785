"""A problem of one's own with heads of every kind on one trunk: classes, yes or no, numbers, masks.

Their names are as long, and as odd, as names may be.
"""

import keras
import numpy as np

from core.problems import Problem
from tests.core.problems.names import KIND, SPOTS, TAME, WEIGHT

N = 900


def data():
    """Animals whose kind, tameness, weight and spots can be learnt from some numbers."""
    x = np.random.default_rng(5).normal(size=(N, 8)).astype("float32")
    return x, {
        KIND: (x[:, 0] > 0).astype(int) + 2 * (x[:, 1] > 0),
        TAME: (x[:, 2:3] > 0.2).astype("float32"),
        WEIGHT: 20 + 5 * x[:, 3:4] + 2 * x[:, 0:1],
        SPOTS: (x[:, :4].reshape(N, 2, 2) > 0).astype("float32"),
    }


def problem():
    x = keras.Input((8,))
    trunk = keras.layers.Dense(24, activation="relu", name="seen.from.afar")(x)
    trunk = keras.layers.Dense(16, activation="relu", name="a_layer_with_a_rather_long_name")(trunk)
    spots = keras.layers.Dense(4, activation="sigmoid", name="drawing")(trunk)
    outputs = {
        KIND: keras.layers.Dense(4, activation="softmax", name="kind")(trunk),
        TAME: keras.layers.Dense(1, activation="sigmoid", name="tame")(trunk),
        WEIGHT: keras.layers.Dense(1, name="weight")(trunk),
        SPOTS: keras.layers.Reshape((2, 2), name="spots")(spots),
    }
    model = keras.Model(x, outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(5e-3),
        loss={
            KIND: "sparse_categorical_crossentropy",
            TAME: "binary_crossentropy",
            WEIGHT: "mse",
            SPOTS: "binary_crossentropy",
        },
        loss_weights={KIND: 1.0, TAME: 1.0, WEIGHT: 0.02, SPOTS: 1.0},
        metrics={KIND: ["accuracy"], TAME: ["accuracy"], WEIGHT: ["mae"]},
    )
    return Problem.of(model, training=data())
