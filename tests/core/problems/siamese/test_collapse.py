"""That all images get the same embedding: when it is said, and what is said to lead out."""

import numpy as np
import pytest

from core import RunConfig
from core.problems.siamese import collapse, seen
from tests.siamese import weighted

N = 40
ONLY_PAIRS = weighted(ctg_out_1=0, ctg_out_2=0, bin_out=1)


def kept(embeddings, same=None, dead=()):
    """Arrays as they are kept, of pairs with these embeddings, (N, 2, size)."""
    rng = np.random.default_rng(1)
    labels = np.stack([np.arange(N) % 3, np.arange(N) % 2, np.arange(N) % 2], axis=1)
    classes = rng.dirichlet(np.ones(3), N)
    same = np.linspace(0, 1, N) if same is None else np.full(N, same)
    outputs = [classes, classes, np.stack([1 - same, same], axis=1)]
    features = {
        layer: np.zeros((2, 4)) if layer in dead else np.ones((2, 4))
        for layer in ("hidden", "embedding")
    }
    return seen.arrays_of(labels, embeddings, outputs, features, 0, None)


def told(arrays):
    return seen.as_json(arrays, 0, RunConfig(dataset="mnist"))


def near(point, noise):
    """Embeddings about a point, in units of its length."""
    point = np.array(point, float)
    rng = np.random.default_rng(2)
    return point + noise * np.linalg.norm(point) * rng.normal(size=(N, 2, len(point)))


def test_spread_is_the_deviation_in_units_of_the_length():
    assert collapse.spread([[3.0, 4.0], [3.0, 4.0]]) == 0
    assert collapse.spread(np.zeros((5, 3))) == 0
    assert collapse.spread([[1.0, 0.0], [-1.0, 0.0]]) == 1
    # Mean (2, 0), each 1 away; the squares of the lengths are 1 and 9.
    assert collapse.spread([[1.0, 0.0], [3.0, 0.0]]) == pytest.approx((1 / 5) ** 0.5)
    points = np.random.default_rng(0).normal(size=(50, 4)) + 1
    for size in (1e-30, 1e30):
        assert collapse.spread(size * points) == pytest.approx(collapse.spread(points))


@pytest.mark.parametrize(
    ("embeddings", "is_one"),
    [
        (np.zeros((N, 2, 2)), True),  # all ReLUs off
        (near([59.0, 0.0, 7.0], 0.0), True),
        (near([59.0, 0.0, 7.0], 0.001), True),
        (near([59.0, 0.0, 7.0], 0.1), False),
        (near([1e-6, 0.0], 0.3), False),  # small, yet apart
    ],
    ids=["0", "one point", "nearly", "apart", "small"],
)
def test_a_collapse_is_found_whatever_the_size_and_no_threshold_is_told_then(embeddings, is_one):
    arrays = kept(embeddings)
    assert (collapse.found(arrays) is not None) == is_one
    seen = told(arrays)
    assert seen["is_collapsed"] == is_one
    assert (seen["threshold"] is None) == is_one


@pytest.mark.parametrize("same", [0.0, 1.0])
def test_one_answer_for_all_pairs_has_no_threshold(same):
    arrays = kept(near([1.0, 2.0], 0.5), same)
    assert told(arrays)["threshold"] is None
    assert not told(arrays)["is_collapsed"]


def test_what_was_kept_before_spreads_were_shows_none():
    arrays = kept(np.zeros((N, 2, 2)))
    del arrays["spread"]
    assert collapse.found(arrays) is None


def test_a_dead_layer_is_named_and_no_weight_is_said_to_lead_out():
    found = collapse.found(kept(np.zeros((N, 2, 2)), dead=("hidden", "embedding")))
    said = collapse.in_words(found, RunConfig(learning_rate=0.5), weighted())
    assert said.startswith("All images get the same embedding. hidden gives 0")
    assert "no weight leads out of it" in said
    assert "rewind to before it and lower the learning rate (now 0.5)" in said
    assert "another seed" in said
    assert "class heads" not in said  # they have weight


def test_where_gradients_pass_weights_and_the_rate_are_the_first_ways_out():
    found = collapse.found(kept(near([5.0, 1.0], 0)))
    said = collapse.in_words(found, RunConfig(learning_rate=0.2), ONLY_PAIRS)
    assert "leads out" not in said
    ways = ["Weight for the class heads, which have none", "Lower the learning rate (now 0.2)"]
    assert all(way in said for way in [*ways, "rewind", "another seed"])
    said = collapse.in_words(found, RunConfig(), weighted(ctg_out_2=0))
    assert "class heads" not in said
