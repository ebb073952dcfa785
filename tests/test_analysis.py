"""What records say in words."""

import math

import pytest
from scipy.stats import binom

from core import HEADS, LossWeights, Record, RunConfig, RunState
from core.analysis import chance_accuracy, chance_loss, hints, is_at_chance
from core.config import EVALUATION_PAIRS, HEAD_NAMES
from core.messages import Run

GOOD = {"ctg_out_1": 0.9, "ctg_out_2": 0.9, "bin_out": 0.9}
CHANCE = {"ctg_out_1": 0.01, "ctg_out_2": 0.01, "bin_out": 0.5}
ARTICLE = dict(zip(HEAD_NAMES, LossWeights().as_tuple(), strict=True))


def hints_of(accuracy=None, weights=None, step=1500, **settings):
    """The hints of a record with these validation accuracies, the others being good."""
    config = RunConfig(**settings)
    run = Run("run", RunState.RUNNING, config, config, (LossWeights(),), 0.0, step, "")
    by_head = dict.fromkeys(HEAD_NAMES, 1.0)
    record = Record(
        seq=1,
        step=step,
        lane=0,
        time=1.0,
        loss=by_head,
        accuracy=by_head,
        val_loss=by_head,
        val_accuracy=None if accuracy is False else GOOD | (accuracy or {}),
        total_loss=1.0,
        loss_weights=ARTICLE | (weights or {}),
        learning_rate=config.learning_rate,
    )
    return hints(run, record, EVALUATION_PAIRS)


def test_chance_is_one_over_the_classes_and_its_loss_the_logarithm():
    assert chance_accuracy(100) == 0.01
    assert chance_loss(100) == pytest.approx(4.60517, abs=1e-5)
    assert chance_loss(2) == pytest.approx(math.log(2))


@pytest.mark.parametrize("n_classes", [2, 100])
@pytest.mark.parametrize("n_pairs", [100, EVALUATION_PAIRS])
def test_guessing_is_at_chance_nearly_always_and_knowing_is_not(n_classes, n_pairs):
    # By SciPy's binomial distribution: of 1,000 guessing heads at most 20 seem to know something.
    at_chance = [k for k in range(n_pairs + 1) if is_at_chance(k / n_pairs, n_classes, n_pairs)]
    assert at_chance == list(range(len(at_chance)))
    assert binom.cdf(at_chance[-1], n_pairs, 1 / n_classes) > 0.98
    # A head that is right in a third more of all pairs is never told it knows nothing.
    knowing = 1 / n_classes + 0.33
    assert binom.cdf(at_chance[-1], n_pairs, knowing) < 0.001


@pytest.mark.parametrize("head", HEAD_NAMES)
@pytest.mark.parametrize(
    ("learning_rate", "wanted"), [(0.05, "smaller"), (0.005, "smaller"), (0.0001, "larger")]
)
def test_a_head_with_weight_that_stays_at_chance_gets_advice(head, learning_rate, wanted):
    assert hints_of({head: CHANCE[head]}, learning_rate=learning_rate) == [
        f"`{head}` has weight, yet is still at chance. Try a {wanted} learning rate, a larger "
        "embedding or less dropout."
    ]


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
    run = Run("run", RunState.QUEUED, config, config, (LossWeights(),), 0.0, 0, "")
    assert hints(run, None, EVALUATION_PAIRS) == []


def test_each_head_gets_its_own_in_the_order_of_the_heads():
    found = hints_of(CHANCE, {"ctg_out_2": 0.0})
    assert len(found) == 3
    for hint, head in zip(found, HEADS, strict=True):
        assert hint.startswith(f"`{head.name}` has weight")
    assert "nothing trains it" in found[1]
