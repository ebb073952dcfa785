"""A problem of one's own whose two heads share nothing: two networks in one model."""

import keras
import numpy as np

from core.problems import Problem


def problem():
    """Each head has layers of its own, down to the input."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 6)).astype("float32")
    inputs = keras.Input((6,))
    outputs = {}
    for name in ("left", "right"):
        hidden = keras.layers.Dense(8, activation="relu", name=f"{name}_hidden")(inputs)
        outputs[name] = keras.layers.Dense(1, name=f"{name}_out")(hidden)
    model = keras.Model(inputs, outputs)
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss={"left": "mse", "right": "mae"})
    return Problem.of(model, training=(x, {"left": x[:, :1], "right": x[:, 1:2] - x[:, 2:3]}))
