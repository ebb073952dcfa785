"""A problem of one's own, as a user writes it: tests give this file to the program."""

import keras
import numpy as np

from core.problems import Problem

N = 1200


def data():
    """Tickets whose labels can be learnt from a few numbers; tags are words of a small language."""
    rng = np.random.default_rng(0)
    title = rng.normal(size=(N, 10))
    body = rng.integers(0, 20, (N, 12))
    priority = (title[:, :1] > 0.3).astype("float32")
    department = (title[:, 1] > 0).astype(int) + 2 * (body[:, 0] > 9)
    return {"title": title, "body": body}, {
        "priority": priority,
        "department": np.eye(4)[department],
    }


def problem():
    title, body = keras.Input((10,), name="title"), keras.Input((12,), name="body")
    words = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(20, 8)(body))
    x = keras.layers.Concatenate()([title, words])
    x = keras.layers.Dropout(0.1)(keras.layers.Dense(32, activation="relu")(x))
    x = keras.layers.BatchNormalization()(x)
    priority = keras.layers.Dense(1, activation="sigmoid")(x)
    department = keras.layers.Dense(4, activation="softmax")(x)
    model = keras.Model([title, body], {"priority": priority, "department": department})
    model.compile(
        optimizer=keras.optimizers.RMSprop(2e-3),
        loss={"priority": "binary_crossentropy", "department": "categorical_crossentropy"},
        loss_weights={"priority": 1.0, "department": 0.2},
        metrics={"priority": ["accuracy"], "department": ["accuracy"]},
    )
    return Problem.of(model, training=data(), asks={"priority": "Is it urgent?"})
