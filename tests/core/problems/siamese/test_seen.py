"""What the page is told of a snapshot."""

import numpy as np

from core import RunConfig
from core.problems.siamese import seen


def test_a_near_miss_is_no_tie():
    """A head that gives nearly the same to all classes is right where it is, not nearly so."""
    n_classes, n = 10, 4
    guess = np.full((n, n_classes), 0.1, np.float32)
    guess[:, 7] += 0.00003  # of its class it is right, of class 2 wrong
    labels = np.array([[7, 2, 0], [2, 7, 0], [7, 7, 1], [2, 2, 1]])
    same = np.array([[0.6, 0.4]] * n)
    embeddings = np.random.default_rng(0).random((n, 2, 3))
    features = {"embedding": np.ones((2, 3))}
    arrays = seen.arrays_of(labels, embeddings, [guess, guess, same], features, 0, None)
    told = seen.as_json(arrays, 0, RunConfig(dataset="mnist"))
    for head, name in enumerate(("ctg_out_1", "ctg_out_2")):
        greatest = np.array(told["top"][name]["p"])[:, 0]
        assert list(told["right"][name] >= greatest) == list(labels[:, head] == 7)
