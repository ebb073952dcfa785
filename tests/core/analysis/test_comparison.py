"""What runs are compared by, by hand and against the data itself."""

import pytest

from core import RunConfig
from core.analysis.comparison import (
    comparable,
    curves_of,
    differences,
    epochs,
    in_words,
    pairs_in_epoch,
)
from core.problems import own
from core.run.commands import Fork, SetLive, SetLossWeights
from tests.own_runs import DOSES, own_run
from tests.siamese import weighted

EQUAL = weighted(ctg_out_1=1, ctg_out_2=1, bin_out=1)
ARTICLE = weighted(ctg_out_1=1, ctg_out_2=1, bin_out=0.5)


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
        return SetLossWeights(run=run, lane=1, loss_weights=weighted(bin_out=7))

    one, forked = curves(ARTICLE, changes=[(10, fork), (20, later)])
    assert (one.began_with, one.weights) == (ARTICLE, ARTICLE)
    assert (forked.began_with, forked.weights) == (EQUAL, weighted(bin_out=7))


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


def test_an_epoch_of_a_problem_of_ones_own_is_as_long_as_its_file_says(monkeypatch):
    facts = own.Facts(
        name="doses",
        file="/doses.py",
        source="abc",
        heads=DOSES,
        notes=(),
        optimizer="adam",
        learning_rate=0.01,
        schedule="",
        n_training=800,
        n_validation=9,
        n_parameters=9,
        n_moving=0,
        has_regularisation=False,
    )
    monkeypatch.setattr(own, "_KNOWN", {"doses": facts})
    config = RunConfig(problem="doses", source="abc", batch_size=20)
    assert pairs_in_epoch(config) == 800
    assert epochs(config, 60) == 1.5
    changed = RunConfig(problem="doses", source="def")
    assert pairs_in_epoch(changed) is None
    assert epochs(changed, 60) is None


def test_what_one_has_no_setting_of_is_none_there(store, curves):
    doses = curves_of(store.run(own_run(store, momentum=0.5)))
    told = differences(curves(ARTICLE, momentum=0.5, seed=3) + doses)
    assert told["trunk"] == ["dense", "none"]
    assert told["source"] == ["none", "abc"]
    assert told["seed"] == ["3", "0"]
    assert "momentum" not in told


def test_curves_are_compared_with_those_of_the_first_ones_problem_alone(store, curves):
    plain = curves(ARTICLE, EQUAL)
    doses = curves_of(store.run(own_run(store)))
    found, why = comparable([plain[0], *doses, plain[1]])
    assert [one.key for one in found] == [one.key for one in plain]
    assert len(why) == 1
    assert why[0].startswith(f"Run {doses[0].run.label} is left out: it trains doses, and run #1,")
    assert comparable([*doses, *plain])[0] == doses
    namesake = curves_of(store.run(own_run(store, problem="other")))
    assert comparable([*doses, *namesake])[0] == doses, "of losses that are called alike"
    assert comparable([]) == ([], [])
