"""Which examples are in which batch."""

import numpy as np


class BatchOrder:
    """Which examples are in which batch: every epoch a new permutation, settled by the seed.

    Args:
        n_examples: Number of training examples.
        batch_size: Examples in a batch.
        seed: The run's seed.
    """

    def __init__(self, n_examples: int, batch_size: int, seed: int):
        self._n_examples, self._batch_size, self._seed = n_examples, batch_size, seed
        self._permutations: dict[int, np.ndarray] = {}

    def batches(self, step: int, n_steps: int) -> np.ndarray:
        """Indices of the examples of steps `step` to `step + n_steps - 1`.

        Returns:
            int32, shape (n_steps, batch_size). A batch may end one epoch and begin the next.
        """
        position = np.arange(step * self._batch_size, (step + n_steps) * self._batch_size)
        epochs = position // self._n_examples
        wanted = range(epochs[0], epochs[-1] + 1)
        # Batches to come are made in another thread.
        self._permutations = permutations = {epoch: self._permutation(epoch) for epoch in wanted}
        order = np.concatenate([permutations[epoch] for epoch in wanted])
        indices = order[position - epochs[0] * self._n_examples]
        return indices.astype(np.int32).reshape(n_steps, self._batch_size)

    def _permutation(self, epoch: int) -> np.ndarray:
        known = self._permutations.get(epoch)
        if known is not None:
            return known
        return np.random.default_rng([self._seed, epoch]).permutation(self._n_examples)
