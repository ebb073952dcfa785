"""What records say, in words and numbers."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import binom, entropy

from core import CommandError, Record, RunConfig, RunNotFound, RunState
from core.analysis.hints import chance_accuracy, chance_loss, hints, is_at_chance
from core.analysis.maps import pareto_front, sampling_error, weight_map
from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from core.run.config import EVALUATION_PAIRS
from core.run.run import Run
from core.run.simplex import MapConfig
from tests.siamese import COLUMNS, HEADS, MAP_COLUMNS, record_of, weighted

GOOD = {"ctg_out_1": 0.9, "ctg_out_2": 0.9, "bin_out": 0.9}
CHANCE = {"ctg_out_1": 0.01, "ctg_out_2": 0.01, "bin_out": 0.5}
GUESS = {"ctg_out_1": math.log(100), "ctg_out_2": math.log(100), "bin_out": math.log(2)}
ARTICLE = dict(zip(HEAD_NAMES, weighted().as_tuple(), strict=True))


def hints_of(accuracy=None, weights=None, step=1500, loss=None, **settings):
    """The hints of a record with these validation accuracies, the others being good.

    A head that guesses has the loss of a guess, if no other is given.
    """
    config = RunConfig(**settings)
    run = Run("run", RunState.RUNNING, config, config, (weighted(),), 0.0, step, "")
    by_head = dict.fromkeys(HEAD_NAMES, 1.0)
    record = Record(
        seq=1,
        step=step,
        lane=0,
        time=1.0,
        loss=by_head,
        metric=by_head,
        val_loss={
            head: (loss or {}).get(head, GUESS[head] if head in (accuracy or {}) else 0.1)
            for head in HEAD_NAMES
        },
        val_metric=None if accuracy is False else GOOD | (accuracy or {}),
        total_loss=1.0,
        loss_weights=ARTICLE | (weights or {}),
        learning_rate=config.learning_rate,
    )
    return hints(run, record, EVALUATION_PAIRS)


def test_chance_is_one_over_the_classes_and_its_loss_the_logarithm():
    assert chance_accuracy(100) == 0.01
    assert chance_loss(100) == pytest.approx(4.60517, abs=1e-5)
    assert chance_loss(2) == pytest.approx(math.log(2))


@pytest.mark.parametrize("n_classes", [2, 3, 10, 100, 1000])
@pytest.mark.parametrize("n_pairs", [100, EVALUATION_PAIRS])
def test_guessing_is_at_chance_nearly_always_and_knowing_is_not(n_classes, n_pairs):
    """By SciPy's binomial distribution: what one in a hundred guessing heads has is no guess."""
    guess = math.log(n_classes)
    at_chance = [
        k for k in range(n_pairs + 1) if is_at_chance(k / n_pairs, guess, n_classes, n_pairs)
    ]
    tails = [
        (binom.cdf(k, n_pairs, 1 / n_classes), binom.sf(k - 1, n_pairs, 1 / n_classes))
        for k in range(n_pairs + 1)
    ]
    assert at_chance == [k for k, tail in enumerate(tails) if min(tail) > 0.005]
    # A head that is right in a third more of all pairs is never told it knows nothing.
    assert binom.cdf(at_chance[-1], n_pairs, 1 / n_classes + 0.33) < 0.001


def test_what_is_low_and_yet_no_guess_is_not_called_chance():
    """Of 512 pairs a guess finds 5 of 100 classes, and 256 times whether they are the same."""
    for accuracy, loss, n_classes in (
        (0.03, math.log(100), 100),  # low, and thrice what a guess has
        (0.2, 1.5, 2),  # worse than any guess: it knows, and says the contrary
        (0.01, 4.2, 100),  # few are right, but the right class is seldom far off
        (0.5, 0.6, 2),
    ):
        assert not is_at_chance(accuracy, loss, n_classes, EVALUATION_PAIRS), accuracy
    for accuracy, loss, n_classes in (
        (0.01, 4.6, 100),
        (0.0, 9.0, 100),  # sure of itself, and knows nothing
        (0.5, 0.69, 2),
        (0.53, 0.7, 2),
    ):
        assert is_at_chance(accuracy, loss, n_classes, EVALUATION_PAIRS), accuracy


@pytest.mark.parametrize("n_classes", [2, 100])
def test_answers_that_fit_the_frequencies_of_the_classes_alone_are_a_guess(n_classes):
    """The least loss without a look at the images: the entropy of how often each class comes up."""
    rng = np.random.default_rng(n_classes)
    n_guesses = 0
    for _ in range(200):
        shares = rng.multinomial(EVALUATION_PAIRS, np.full(n_classes, 1 / n_classes))
        loss = entropy(shares)
        n_guesses += is_at_chance(1 / n_classes, loss, n_classes, EVALUATION_PAIRS)
    assert n_guesses >= 190


@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize(
    ("learning_rate", "wanted"), [(0.05, "smaller"), (0.005, "smaller"), (0.0001, "larger")]
)
def test_a_head_at_chance_is_advised_what_reaches_it_alone(head, learning_rate, wanted):
    rest = "or a larger embedding"
    if head != "bin_out":  # no dropout stands before it, see tests/core/problems/siamese
        rest = ", a larger embedding or less dropout"
    advice = f"Try a {wanted} learning rate{' ' if head == 'bin_out' else ''}{rest}."
    assert hints_of({head: CHANCE[head]}, learning_rate=learning_rate) == [
        f"`{head}` has weight, yet is still at chance. {advice}"
    ]


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_no_less_is_advised_than_nothing_and_no_more_than_all(head):
    (without,) = hints_of({head: CHANCE[head]}, dropout=0.0)
    assert "dropout" not in without
    (largest,) = hints_of({head: CHANCE[head]}, dropout=0.0, embedding_size=512)
    assert largest.endswith("Try a smaller learning rate.")


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_a_head_that_is_merely_bad_gets_no_hint(head):
    assert hints_of({head: CHANCE[head]}, loss={head: GUESS[head] - 0.3}) == []
    assert hints_of({head: CHANCE[head] + 0.08}) == []


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_not_before_a_third_of_the_run(head):
    assert hints_of({head: CHANCE[head]}, step=499) == []
    assert len(hints_of({head: CHANCE[head]}, step=500)) == 1
    assert hints_of({head: CHANCE[head]}, step=500, steps=1501) == []


@pytest.mark.parametrize("step", [1, 1500])
@pytest.mark.parametrize("head", HEAD_NAMES)
def test_a_head_of_weight_zero_is_told_why_it_stays(head, step):
    assert hints_of({head: CHANCE[head]}, {head: 0.0}, step=step) == [
        f"`{head}` has weight 0: nothing trains it, so it stays at chance."
    ]


@pytest.mark.parametrize("head", HEAD_NAMES)
def test_a_head_whose_weight_became_zero_is_told_another_thing(head):
    assert hints_of(weights={head: 0.0}) == [
        f"`{head}` has weight 0 now: its own layer stands still while the trunk under it goes on."
    ]


def test_a_run_that_learns_gets_no_hint():
    assert hints_of() == []
    assert hints_of(step=1) == []
    assert hints_of(weights={"bin_out": 0.001}) == []


def test_what_was_not_looked_at_gets_no_hint():
    assert hints_of(False, {"bin_out": 0.0}) == []
    config = RunConfig()
    run = Run("run", RunState.QUEUED, config, config, (weighted(),), 0.0, 0, "", heads=HEADS)
    assert hints(run, None, EVALUATION_PAIRS) == []


def test_each_head_gets_its_own_in_the_order_of_the_heads():
    found = hints_of(CHANCE, {"ctg_out_2": 0.0})
    assert len(found) == 3
    for hint, head in zip(found, OUTPUTS, strict=True):
        assert hint.startswith(f"`{head.name}` has weight")
    assert "nothing trains it" in found[1]


# Pareto fronts


@given(
    arrays(float, st.tuples(st.integers(0, 30), st.integers(1, 3)), elements=st.integers(0, 6)),
)
def test_a_front_is_what_nobody_dominates_by_brute_force(points):
    def dominates(one, other):
        return all(a >= b for a, b in zip(one, other, strict=True)) and any(
            a > b for a, b in zip(one, other, strict=True)
        )

    rows = points.tolist()
    expected = [i for i, row in enumerate(rows) if not any(dominates(other, row) for other in rows)]
    assert pareto_front(points) == expected


def test_equal_points_are_on_the_front_together():
    assert pareto_front([[1, 0], [0, 1], [1, 0], [0, 0]]) == [0, 1, 2]


# Weight maps


@pytest.fixture
def map_of(store):
    """A function that records looks, {lane: (step, accuracies)}, of a map and reads the map."""

    def map_of(looks, **settings):
        over = MapConfig(**settings)
        run = store.add_run(RunConfig(steps=30), [], "1-test", map_config=over, lanes_at_once=99)
        for lane, (step, accuracies) in looks.items():
            values = dict.fromkeys(COLUMNS, 0.0) | {"step": step, "lane": lane, "branch": 0}
            for head, accuracy in zip(HEAD_NAMES, accuracies, strict=True):
                values |= {f"val_accuracy.{head}": accuracy, f"val_loss.{head}": 2 - accuracy}
            store.append(run, [record_of((0, *(values[column] for column in COLUMNS)))])
        return weight_map(store, run)

    return map_of


def test_a_map_of_one_seed_has_values_but_no_spread(map_of):
    found = map_of({0: (30, (0.9, 0.1, 0.5)), 2: (20, (0.6, 0.7, 0.8))}, resolution=1)
    assert (*HEAD_NAMES, "worst", "mean") == MAP_COLUMNS
    accuracy, loss = found.mean["val_accuracy"], found.mean["val_loss"]
    np.testing.assert_allclose(accuracy[0], [0.9, 0.1, 0.5, 0.1, 0.5])
    np.testing.assert_allclose(loss[0], [1.1, 1.9, 1.5, 1.9, 1.5])
    assert np.isnan(accuracy[1]).all()
    np.testing.assert_allclose(accuracy[2], [0.6, 0.7, 0.8, 0.6, 0.7])
    assert np.isnan(found.spread["val_accuracy"]).all()
    assert found.n_seeds.tolist() == [1, 0, 1]
    assert found.step.tolist() == [30, 0, 20]
    assert found.best("val_accuracy", "ctg_out_1") == found.best("val_loss", "ctg_out_1") == 0
    assert found.best("val_accuracy", "worst") == found.best("val_loss", "worst") == 2
    assert found.front(("ctg_out_1", "bin_out")) == [0, 2]


def test_over_seeds_a_map_has_mean_and_standard_deviation(map_of):
    rng = np.random.default_rng(0)
    values = rng.uniform(size=(3, 3, 3))  # seed, setting, head
    looks = {s * 3 + p: (30, values[s, p]) for s in range(3) for p in range(3)}
    found = map_of(looks, resolution=1, seeds=3)
    worst = values.min(axis=2)  # by seed, then over the seeds
    of_seed = np.concatenate([values, worst[..., None], values.mean(axis=2)[..., None]], axis=2)
    np.testing.assert_allclose(found.mean["val_accuracy"], of_seed.mean(axis=0))
    np.testing.assert_allclose(found.spread["val_accuracy"], of_seed.std(axis=0, ddof=1))
    assert found.n_seeds.tolist() == [3, 3, 3]


def test_a_seed_on_its_way_does_not_count_beside_one_that_has_come_further(map_of):
    looks = {0: (30, (0.9, 0.9, 0.9)), 3: (10, (0.1, 0.1, 0.1)), 1: (10, (0.2, 0.2, 0.2))}
    found = map_of(looks, resolution=1, seeds=2)
    assert found.n_seeds.tolist() == [1, 1, 0]
    np.testing.assert_allclose(found.mean["val_accuracy"][:2, 0], [0.9, 0.2])


def test_what_differs_by_less_than_the_spread_is_a_tie(map_of):
    # Means .90 .88 .80; standard deviations .0283 (= .02 sqrt 2), .0141, .0141.
    heads = {0: 0.92, 3: 0.88, 1: 0.89, 4: 0.87, 2: 0.81, 5: 0.79}
    found = map_of({lane: (30, (a, a, a)) for lane, a in heads.items()}, resolution=1, seeds=2)
    assert found.best("val_accuracy", "mean") == 0
    assert found.ties("val_accuracy", "mean").tolist() == [True, True, False]


def test_with_one_seed_the_sampling_error_tells_ties(map_of):
    # sqrt(.9 * .1 / 512) = .0133
    assert sampling_error(0.9) == pytest.approx(0.01326, abs=1e-5)
    found = map_of(
        {0: (30, (0.9, 0.9, 0.9)), 1: (30, (0.89, 0.89, 0.89)), 2: (30, (0.88, 0.88, 0.88))},
        resolution=1,
    )
    assert found.ties("val_accuracy", "ctg_out_1").tolist() == [True, True, False]
    assert found.ties("val_loss", "ctg_out_1").tolist() == [True, False, False]


def test_a_map_of_nothing_yet_is_empty(map_of):
    found = map_of({}, resolution=2)
    assert found.best("val_accuracy", "mean") is None
    assert not found.ties("val_accuracy", "mean").any()
    assert found.front(HEAD_NAMES) == []


def test_progress_counts_the_model_steps_of_parts_that_differ_in_size(store):
    """Three settings, at most two of them at a time: parts of one and of two."""
    run = store.add_run(
        RunConfig(steps=10), [], "1-test", map_config=MapConfig(resolution=1), lanes_at_once=2
    )
    assert [len(part.lanes) for part in store.run(run).parts] == [1, 2]
    assert weight_map(store, run).all_model_steps == 30
    store.finish_parts(run)
    assert weight_map(store, run).model_steps == 10
    assert store.run(run).progress == pytest.approx(1 / 3)


def test_parts_that_train_side_by_side_count_by_what_was_looked_at(map_of):
    """Of two seeds on a cluster, the second is ahead, and neither has ended."""
    looks = {lane: (10 if lane < 3 else 20, (0.5, 0.5, 0.5)) for lane in range(6)}
    found = map_of(looks, resolution=1, seeds=2)
    assert (found.model_steps, found.all_model_steps) == (90, 180)


def test_what_is_no_map_is_refused(store):
    run = store.add_run(RunConfig(), [weighted()], "1-test")
    with pytest.raises(CommandError, match=f"Run {run} is not a weight map"):
        weight_map(store, run)
    with pytest.raises(RunNotFound):
        weight_map(store, "nosuch")
