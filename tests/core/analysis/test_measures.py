"""What a map of any heads is of: quantities, directions, ranks, fronts; by hand and by SciPy."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata

from core import LossWeights, RunConfig
from core.analysis.maps import weight_map
from core.analysis.measures import map_columns, mean_ranks, measures_of
from core.run.heads import Head, names_of
from core.run.records import Record
from core.run.simplex import MapConfig

KIND = Head(name="kind", loss="sparse_categorical_crossentropy", chance=0.25, chance_loss=1.4)
SAME = Head(name="same", loss="binary_crossentropy", chance=0.5, chance_loss=0.7)
DOSE = Head(name="dose", loss="huber", metric="mae", better="lower", chance=3.0)
BARE = Head(name="mean", loss="huber", metric=None)


def kinds(heads):
    return {
        quantity: [(column, m.of, m.kind, m.sign, m.chance) for column, m in of.items()]
        for quantity, of in measures_of(heads).items()
    }


def test_heads_of_one_metric_have_a_worst_and_a_mean():
    assert map_columns((KIND, SAME)) == ("kind", "same", "worst", "mean")
    assert kinds((KIND, SAME)) == {
        "val_accuracy": [
            ("kind", "head", "accuracy", 1, 0.25),
            ("same", "head", "accuracy", 1, 0.5),
            ("worst", "worst", "accuracy", 1, 0.25),
            ("mean", "mean", "accuracy", 1, 0.375),
        ],
        "val_loss": [
            ("kind", "head", "nats", -1, 1.4),
            ("same", "head", "nats", -1, 0.7),
            ("worst", "worst", "nats", -1, 1.4),
            ("mean", "mean", "nats", -1, pytest.approx(1.05)),
        ],
    }


def test_heads_of_several_metrics_are_ranked_and_one_without_counts_by_its_loss():
    assert kinds((KIND, DOSE, BARE)) == {
        "val_metric": [
            ("kind", "head", "accuracy", 1, 0.25),
            ("dose", "head", "mae", -1, 3.0),
            ("mean", "head", "huber", -1, None),
            ("mean rank", "rank", "rank", -1, None),
        ],
        "val_loss": [
            ("kind", "head", "nats", -1, 1.4),
            ("dose", "head", "huber", -1, None),
            ("mean", "head", "huber", -1, None),
            ("mean rank", "rank", "rank", -1, None),
        ],
    }


def test_heads_of_which_less_is_better_have_their_greatest_as_the_worst():
    other = DOSE.model_copy(update={"name": "time", "chance": 1.0})
    found = measures_of((DOSE, other))
    assert list(found) == ["val_mae", "val_loss"]
    assert (found["val_mae"]["worst"].sign, found["val_mae"]["worst"].chance) == (-1, 3.0)


def test_without_any_metric_the_losses_are_all_there_is():
    assert list(measures_of((BARE, BARE.model_copy(update={"name": "b"})))) == ["val_loss"]


def test_a_head_called_as_a_column_leaves_it_its_name():
    twice = (BARE, BARE.model_copy(update={"name": "worst"}))
    assert map_columns(twice) == ("mean", "worst", "worst of all", "mean of all")


@given(arrays(float, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=st.integers(0, 5)))
def test_ranks_are_those_of_scipy(values):
    signs = np.array([1, -1, -1, 1])[: values.shape[1]]
    expected = np.mean([rankdata(-s * v) for s, v in zip(signs, values.T, strict=True)], axis=0)
    np.testing.assert_allclose(mean_ranks(values, signs), expected)


def test_what_is_not_measured_has_no_rank():
    values = np.array([[0.9, 1.0], [math.nan, 2.0], [0.1, 3.0]])
    np.testing.assert_allclose(mean_ranks(values, np.array([1, -1])), [1, math.nan, 2])
    assert np.isnan(mean_ranks(values[1:2], np.array([1, -1]))).all()


@pytest.fixture
def map_of(store):
    """A function that records looks, {lane: (losses, metrics)}, of a map of heads."""

    def map_of(of, looks, **settings):
        over = MapConfig(**settings).complete(of)
        run = store.add_run(
            RunConfig(steps=30), [], "1-test", map_config=over, lanes_at_once=99, heads=of
        )
        points, names = over.points(names_of(of)), names_of(of)
        for lane, (losses, metrics) in looks.items():
            weights = points[lane % over.n_points]
            nothing = [0.0] * len(names)
            validation = (losses, [math.nan if m is None else m for m in metrics])
            record = Record.of(
                30, lane, 0, 1.0, nothing, nothing, validation, LossWeights(weights.root), 0.1
            )
            store.append(run, [record])
        return weight_map(store, run)

    return map_of


MIXED = {
    0: ([0.5, 4.0], [0.9, 8.0]),
    1: ([0.6, 2.0], [0.8, 2.0]),
    2: ([0.9, 1.0], [0.3, 2.0]),
    3: ([1.5, 9.0], [0.2, 9.0]),
}


def test_a_line_of_a_class_and_a_number(map_of):
    found = map_of((KIND, DOSE), MIXED, resolution=3)
    assert (found.over.shape, len(found.points)) == ("line", 4)
    metric, loss = found.mean["val_metric"], found.mean["val_loss"]
    np.testing.assert_allclose(metric[:, :2], [m for _, m in MIXED.values()])
    # By hand: kind 1 2 3 4; dose 3 1.5 1.5 4. Of the losses: 1 2 3 4 and 3 2 1 4.
    np.testing.assert_allclose(metric[:, 2], [2, 1.75, 2.25, 4])
    np.testing.assert_allclose(loss[:, 2], [2, 2, 2, 4])
    best = {column: found.best("val_metric", column) for column in found.columns}
    assert best == {"kind": 0, "dose": 1, "mean rank": 1}
    assert found.front(("kind", "dose")) == [0, 1], "much accuracy, little error"
    assert not found.ties("val_metric", "mean rank")[[0, 2, 3]].any(), "no noise is known"


def test_ranks_of_several_seeds_have_a_spread(map_of):
    second = {4 + lane: looks for lane, looks in enumerate(reversed(MIXED.values()))}
    found = map_of((KIND, DOSE), MIXED | second, resolution=3, seeds=2)
    ranks = np.array([[2, 1.75, 2.25, 4], [4, 2.25, 1.75, 2]])
    np.testing.assert_allclose(found.spread["val_metric"][:, 2], ranks.std(axis=0, ddof=1))
    # By hand: the means of kind are all 0.55, those of dose 8.5, 2, 2, 8.5.
    np.testing.assert_allclose(found.mean["val_metric"][:, 2], [3, 2, 2, 3])


def test_five_heads_of_which_three_vary_are_all_measured(map_of):
    heads = (KIND, SAME, DOSE, BARE, DOSE.model_copy(update={"name": "time"}))
    looks = {lane: ([1.0, 1, 1, 5 - lane, 1], [0.5, 0.5, 1, None, 1]) for lane in range(3)}
    found = map_of(heads, looks, resolution=1, heads=("kind", "dose", "time"))
    assert len(found.points) == 3
    assert {point["same"] for point in found.points} == {1}
    np.testing.assert_allclose(found.mean["val_metric"][:, 3], [5, 4, 3])
    np.testing.assert_allclose(found.mean["val_metric"][:, 5], [2.2, 2, 1.8])
    assert found.best("val_metric", "mean") == 2
    assert found.front(("kind", "mean")) == [2]
