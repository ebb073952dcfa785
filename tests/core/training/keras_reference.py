"""The article's model trained by Keras itself."""

import keras
import numpy as np

from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from core.problems.siamese.model import build_model, initial_values
from core.problems.siamese.pairs import load_dataset
from tests.article import ARTICLE

TRAINING = load_dataset("digits").training


class KerasReference:
    """The same model trained by Keras: compiled with loss weights, one batch at a time."""

    def __init__(self, config, optimizer, weights=ARTICLE):
        self.weights = {
            name: keras.Variable(weight)
            for name, weight in zip(HEAD_NAMES, weights.as_tuple(), strict=True)
        }
        self.model = build_model(config, TRAINING.img_1.shape[1:])
        for variable, value in zip(
            self.model.trainable_variables, initial_values(self.model, config.seed), strict=True
        ):
            variable.assign(value)
        self.model.compile(
            optimizer=optimizer,
            loss=dict.fromkeys(HEAD_NAMES, "categorical_crossentropy"),
            loss_weights=self.weights,
        )

    def head_losses(self, batches):
        """Train on the batches; the head losses of each, shape (n_steps, 3)."""
        losses = []
        for batch in batches:
            self.model.reset_metrics()
            one_hot = [
                np.eye(head.n_classes(100), dtype=np.float32)[TRAINING.labels[batch, h]]
                for h, head in enumerate(OUTPUTS)
            ]
            told = self.model.train_on_batch(
                [TRAINING.img_1[batch], TRAINING.img_2[batch]], one_hot, return_dict=True
            )
            losses.append([told[f"{name}_loss"] for name in HEAD_NAMES])
        return np.array(losses)
