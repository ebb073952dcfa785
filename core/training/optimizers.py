"""Updates of variables by gradients, as pure functions."""

import tensorflow as tf


def sgd(variables, slots, gradients, settings, step):
    """SGD with momentum as Keras defines it: v <- momentum v - rate g; variable <- variable + v."""
    slots = [
        settings.momentum * v - settings.learning_rate * g
        for v, g in zip(slots, gradients, strict=True)
    ]
    return [w + v for w, v in zip(variables, slots, strict=True)], slots


def adam(variables, slots, gradients, settings, step):
    """Adam (Kingma and Ba 2015, arXiv 1412.6980) with Keras' defaults 0.9, 0.999, 1e-7."""
    beta_1, beta_2, epsilon = 0.9, 0.999, 1e-7
    n = len(variables)
    t = tf.cast(step + 1, tf.float32)
    rate = settings.learning_rate * tf.sqrt(1 - beta_2**t) / (1 - beta_1**t)
    first = [m + (g - m) * (1 - beta_1) for m, g in zip(slots[:n], gradients, strict=True)]
    second = [
        v + (tf.square(g) - v) * (1 - beta_2) for v, g in zip(slots[n:], gradients, strict=True)
    ]
    moves = [rate * m / (tf.sqrt(v) + epsilon) for m, v in zip(first, second, strict=True)]
    return [w - move for w, move in zip(variables, moves, strict=True)], first + second


OPTIMIZERS = {"sgd": (sgd, 1), "adam": (adam, 2)}
