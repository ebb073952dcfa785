"""Compiled models of several kinds, and data for them, as users write them."""

import keras
import numpy as np

from core.problems.making.problem import Problem

N = 320


def examples(n=N, seed=0):
    """Numbers and words of tickets, with labels that depend on them."""
    rng = np.random.default_rng(seed)
    title = rng.normal(size=(n, 12)).astype(np.float32)
    body = rng.integers(0, 30, size=(n, 15))
    tags = rng.integers(0, 2, size=(n, 6))
    department = (title[:, 0] > 0).astype(int) + 2 * (body[:, 0] > 14)
    priority = ((title[:, 1] + tags[:, 0]) > 0.5).astype(np.float32)[:, None]
    return {"title": title, "body": body, "tags": tags}, priority, department


def tickets(optimizer="rmsprop", **more):
    """The model of Keras' own guide to the functional API, smaller: three inputs, two heads."""
    title = keras.Input((12,), name="title")
    body = keras.Input((15,), name="body", dtype="int32")
    tags = keras.Input((6,), name="tags")
    words = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(30, 8)(body))
    x = keras.layers.Concatenate()([title, words, tags])
    x = keras.layers.Dense(16, activation="relu")(x)
    priority = keras.layers.Dense(1, activation="sigmoid", name="priority")(x)
    department = keras.layers.Dense(4, activation="softmax", name="department")(x)
    model = keras.Model([title, body, tags], {"priority": priority, "department": department})
    model.compile(
        optimizer=optimizer,
        loss={"priority": "binary_crossentropy", "department": "categorical_crossentropy"},
        loss_weights={"priority": 1.0, "department": 0.2},
        metrics={"priority": ["accuracy"], "department": ["accuracy", "AUC"]},
        **more,
    )
    x, priority, department = examples()
    y = {"priority": priority, "department": np.eye(4, dtype=np.float32)[department]}
    return model, (x, y)


def normalised(optimizer="sgd"):
    """Batch normalisation, L2 and a frozen layer; a list of outputs."""
    x = inputs = keras.Input((12,), name="numbers")
    frozen = keras.layers.Dense(12, name="frozen")
    frozen.trainable = False
    x = frozen(x)
    x = keras.layers.Dense(16, kernel_regularizer=keras.regularizers.L2(0.01))(x)
    x = keras.layers.BatchNormalization()(x)
    x = keras.layers.ReLU()(x)
    outputs = [
        keras.layers.Dense(1, name="score")(x),
        keras.layers.Dense(4, name="kind")(x),
    ]
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=optimizer,
        loss=[keras.losses.Huber(), keras.losses.SparseCategoricalCrossentropy(from_logits=True)],
        loss_weights=[0.5, 2.0],
        metrics=[["mae"], ["accuracy"]],
    )
    x, priority, department = examples()
    return model, (x["title"], [priority[:, 0] * 3 + 1, department])


@keras.saving.register_keras_serializable("tests")
class Subclassed(keras.Model):
    """A subclassed model, with a loss of its own beside those of its outputs."""

    def __init__(self):
        super().__init__()
        self.trunk = keras.Sequential([keras.layers.Dense(16, "tanh"), keras.layers.Dense(8)])
        self.first, self.second = keras.layers.Dense(4), keras.layers.Dense(1)

    def call(self, inputs, training=False):
        numbers, tags = inputs
        x = self.trunk(keras.ops.concatenate([numbers, tags], axis=-1))
        self.add_loss(1e-3 * keras.ops.mean(keras.ops.square(x)))
        return {"kind": self.first(x), "dose": self.second(x)}


def subclassed(optimizer="adam"):
    """Two inputs in a tuple, outputs by name, functions as losses."""
    model = Subclassed()
    model.compile(
        optimizer=optimizer,
        loss={
            "kind": keras.losses.CategoricalCrossentropy(from_logits=True),
            "dose": keras.losses.mean_squared_error,
        },
        metrics={"dose": [keras.metrics.RootMeanSquaredError(name="rmse")]},
    )
    x, priority, department = examples()
    y = {"kind": np.eye(4, dtype=np.float32)[department], "dose": 2 * priority - x["title"][:, 2:3]}
    return model, ((x["title"], x["tags"].astype(np.float32)), y)


def weighted(optimizer="adam"):
    """A number and a class, of which some are missing."""
    inputs = keras.Input((12,))
    x = keras.layers.Dense(16, "relu")(inputs)
    outputs = {
        "dose": keras.layers.Dense(1, name="dose")(x),
        "kind": keras.layers.Dense(4, "softmax", name="kind")(x),
    }
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=optimizer,
        loss={
            "dose": "mean_squared_error",
            "kind": keras.losses.SparseCategoricalCrossentropy(reduction="mean_with_sample_weight"),
        },
        loss_weights={"dose": 0.3, "kind": 1.0},
        weighted_metrics={"dose": ["mae"], "kind": ["accuracy"]},
    )
    x, priority, department = examples()
    rng = np.random.default_rng(7)
    weights = {
        "dose": rng.uniform(0, 2, N).astype(np.float32),
        "kind": (rng.random(N) < 0.4).astype(np.float32),
    }
    y = {"dose": priority * 2 - x["title"][:, :1], "kind": department}
    return model, (x["title"], y, weights)


MODELS = {one.__name__: one for one in (tickets, normalised, subclassed, weighted)}


def optimizers():
    """Optimizers as users configure them, made anew, by name."""
    decay = keras.optimizers.schedules.ExponentialDecay(0.01, 10, 0.7)
    no_bias = keras.optimizers.AdamW(0.01, weight_decay=0.05)
    no_bias.exclude_from_weight_decay(var_names=["bias"])
    return {
        "SGD": keras.optimizers.SGD(0.05),
        "momentum": keras.optimizers.SGD(0.05, momentum=0.9, nesterov=True, clipnorm=1.0),
        "Adam": keras.optimizers.Adam(0.01),
        "AdamW": no_bias,
        "RMSprop": keras.optimizers.RMSprop(decay),
        "Lion": keras.optimizers.Lion(0.001, use_ema=True, ema_overwrite_frequency=7),
    }


def problem(name: str, optimizer: str = "Adam", **more) -> Problem:
    """One of the models as a problem."""
    keras.utils.set_random_seed(1)
    model, data = MODELS[name](optimizers()[optimizer])
    return Problem.of(model, data, data, **more)


# A small one, to be made wrong.

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 3)).astype(np.float32)
CLASSES = RNG.integers(0, 4, 40)
NUMBERS = RNG.normal(size=(40, 1)).astype(np.float32)


def model(loss=None, outputs=None, layers=(), **more):
    """A small model with a class head and a number head."""
    x = inputs = keras.Input((3,))
    for layer in layers:
        x = layer(x)
    given = outputs or {
        "kind": keras.layers.Dense(4, "softmax", name="kind")(x),
        "dose": keras.layers.Dense(1, name="dose")(x),
    }
    made = keras.Model(inputs, given(x) if callable(given) else given)
    made.compile(loss=loss or {"kind": "sparse_categorical_crossentropy", "dose": "mse"}, **more)
    return made


def targets(**others):
    return {"kind": CLASSES, "dose": NUMBERS} | others
