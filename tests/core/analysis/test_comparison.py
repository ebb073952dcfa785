"""What runs are compared by, by hand and against the data itself."""

import pytest

from core import LossWeights, RunConfig
from core.analysis.comparison import curves_of, differences, epochs, in_words, pairs_in_epoch
from core.run.commands import Fork, SetLive, SetLossWeights

EQUAL = LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=1)
ARTICLE = LossWeights(ctg_out_1=1, ctg_out_2=1, bin_out=0.5)


@pytest.fixture
def curves(store):
    """Writes a run into the store and gives back its curves; `live` are later live settings."""

    def curves(*lanes, changes=(), live=None, **settings):
        config = RunConfig(**settings)
        run = store.add_run(config, list(lanes), "an engine")
        for step, change in changes:
            store.add_change(run, step, change(run), config)
        if live:
            now = config.model_copy(update=live)
            store.add_change(run, 5, SetLive(run=run, config=now), now)
        return curves_of(store.run(run))

    return curves


def test_a_lane_of_a_race_is_a_curve_of_its_own(curves):
    one, other = curves(ARTICLE, EQUAL)
    assert (one.key, other.key) == (f"{one.run.id}-1", f"{one.run.id}-2")
    assert (one.name, other.name) == ("#1 lane 1 · 1, 1, 0.5", "#1 lane 2 · 1, 1, 1")
    (alone,) = curves(ARTICLE, trunk="conv")
    assert alone.name == alone.label == alone.run.label == "#2 · 1, 1, 0.5 · conv"


def test_a_fork_began_with_its_own_weights_and_knows_those_in_force(curves):
    def fork(run):
        return Fork(run=run, lane=0, new_lane=1, loss_weights=EQUAL)

    def later(run):
        return SetLossWeights(run=run, lane=1, loss_weights=LossWeights(bin_out=7))

    one, forked = curves(ARTICLE, changes=[(10, fork), (20, later)])
    assert (one.began_with, one.weights) == (ARTICLE, ARTICLE)
    assert (forked.began_with, forked.weights) == (EQUAL, LossWeights(bin_out=7))


def test_only_the_settings_that_differ_are_told(curves):
    several = [
        *curves(ARTICLE, seed=1, learning_rate=0.05),
        *curves(EQUAL, seed=1, learning_rate=0.05, trunk="conv"),
        *curves(EQUAL, seed=1, learning_rate=0.05, live={"learning_rate": 1e-7, "steps": 1500}),
    ]
    assert differences(several) == {
        "weight bin_out": ["0.5", "1", "1"],
        "trunk": ["dense", "conv", "dense"],
        "learning_rate": ["0.05", "0.05", "0.05 → 1e-07"],
    }


def test_nothing_is_told_where_nothing_differs_and_of_a_single_curve(curves):
    assert differences(curves(ARTICLE, ARTICLE) + curves(ARTICLE)) == {}
    assert differences(curves(ARTICLE)) == {}
    assert differences([]) == {}


def test_numbers_are_told_as_one_writes_them():
    assert in_words(1500, 1_000_000) == "1500 → 1000000"
    assert in_words(0.1 + 0.2, 0.3) == "0.3", "what differs in the last bit alone does not differ"


def test_an_epoch_is_over_when_each_training_pair_was_seen_once_on_average():
    from core.problems.siamese.pairs import load_dataset

    config = RunConfig(batch_size=50)
    pairs = len(load_dataset("digits").training)
    assert pairs_in_epoch(config) == pairs
    assert epochs(config, pairs // 50) == 1
    assert epochs(config, 0) == 0
