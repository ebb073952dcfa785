"""A model compiled as settings say."""

from collections.abc import Mapping

import keras

from core.run.config import RunConfig
from core.run.heads import Heads


def compiled(
    config: RunConfig, model: keras.Model, heads: Heads, losses: Mapping, metrics: Mapping
) -> keras.Model:
    """Compile a model as for `fit`: with SGD or Adam, and the weights that its heads begin with.

    Args:
        config: `optimizer`, `learning_rate` and `momentum` count.
        model: Given back.
        heads: Of the model.
        losses: By head.
        metrics: By head.
    """
    if config.optimizer == "adam":
        optimizer = keras.optimizers.Adam(config.learning_rate)
    else:
        optimizer = keras.optimizers.SGD(config.learning_rate, momentum=config.momentum)
    weights = {head.name: head.default_weight for head in heads}
    model.compile(optimizer, losses, loss_weights=weights, metrics=metrics)
    return model
