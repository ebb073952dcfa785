"""The statistics of `python3 -m tests.benchmarks results`, on lanes whose truth is known."""

import sys

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import findings
from tests.benchmarks.findings import AT_TOTAL, FIRST, LANES, SECOND, SWEEP, chosen_elsewhere

BEST = SWEEP.index(0.2)


def lanes(of_sweep=None, noise=0.001, seed=0):
    """Accuracies and losses of 5 seeds: .9 and .3, plus what a seed and what a lane adds.

    `of_sweep` is how much better the class heads are at each weight of the sweep, shape (W,).
    """
    rng = np.random.default_rng(seed)
    of_seed = rng.normal(0, 0.05, (5, 1, 1))
    off = of_seed + rng.normal(0, noise, (5, len(LANES), 3))
    if of_sweep is not None:
        off[:, : len(SWEEP), :2] += np.asarray(of_sweep)[:, None]
    return {"accuracy": 0.9 + off, "loss": 0.3 - off}


def test_an_interval_is_the_one_of_the_tables():
    # Student's t at 97.5 %, as printed in any table: 4 degrees of freedom 2.776, 1 12.706.
    found = findings.interval([1, 2, 3, 4, 5])
    assert found.mean == 3
    assert found.high - 3 == pytest.approx(2.776 * np.sqrt(2.5 / 5), abs=1e-3)
    assert 3 - found.low == pytest.approx(found.high - 3)
    assert findings.interval([0, 2]).high == pytest.approx(1 + 12.706, abs=1e-3)


def test_it_covers_the_truth_as_often_as_it_says():
    values = np.random.default_rng(0).normal(7, 3, (4000, 5))
    covered = [found.low <= 7 <= found.high for found in map(findings.interval, values)]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.012)  # 3.5 standard errors


@pytest.mark.parametrize("values", [[1.0], [], [[1.0, 2.0]]])
def test_an_interval_needs_two_seeds(values):
    with pytest.raises(ValueError, match="one value a seed, two or more"):
        findings.interval(values)


def test_an_interval_is_told_in_points_and_nats_with_its_sign():
    found = findings.Interval(0.004, -0.001, 0.009)
    assert found.told("accuracy") == "accuracy +0.40 points [-0.10, +0.90]"
    assert found.told("loss") == "loss +0.0040 nats [-0.0010, +0.0090]"
    assert [findings.Interval(0, low, high).sign for low, high in ((1, 2), (-1, 1), (-2, -1))] == [
        *(1, 0, -1)
    ]
    assert findings.Interval(-1e-9, -1e-9, 1e-9).told("accuracy").startswith("accuracy +0.00")


def test_lanes_are_two_sweeps_and_mirrored_pairs():
    assert LANES[: len(SWEEP)] == tuple((1, 1, weight) for weight in SWEEP)
    for (a, b, c), weight in zip(LANES[AT_TOTAL], SWEEP, strict=True):
        assert a == b
        assert a + b + c == pytest.approx(2.5, abs=1e-5)
        assert c / a == pytest.approx(weight, rel=1e-4)
    assert len(LANES[FIRST]) == len(LANES[SECOND]) > 1
    for (a, b, c), other in zip(LANES[FIRST], LANES[SECOND], strict=True):
        assert a > b
        assert other == (b, a, c)


@pytest.mark.parametrize(
    ("gain", "verdict"), [(0.01, "they help"), (-0.01, "they harm"), (0, "no difference is seen")]
)
def test_small_weights_help_where_they_do(gain, verdict):
    effect = np.array([0, *[gain] * (len(SWEEP) - 1)])
    lines = findings.small_weights(lanes(effect))
    for line, quantity, sign in ((0, "accuracy", 1), (6, "loss", -1)):
        assert lines[line].startswith(f"weights 0.01 to 0.2 together: {quantity} ")
        assert lines[line].endswith(verdict)
        told = float(lines[line].split(f"{quantity} ")[1].split()[0])
        scale = 100 if quantity == "accuracy" else 1
        assert told == pytest.approx(sign * scale * gain, abs=0.0015 * scale)


def test_differences_are_taken_within_a_seed():
    # What seeds add, 0.05, would hide a gain of 0.01 from one who compares means of all seeds.
    found = lanes(np.array([0, *[0.01] * (len(SWEEP) - 1)]))
    assert findings.class_heads(found["accuracy"]).std(axis=0, ddof=1).min() > 0.01
    assert findings.small_weights(found)[0].endswith("they help")


def hill(rise, fall):
    """Better than at weight 0 by `rise` in the middle, and falling by `fall` to the end."""
    return np.interp(np.arange(len(SWEEP)), [0, BEST, len(SWEEP) - 1], [0, rise, rise - fall])


@pytest.mark.parametrize(
    ("rise", "fall", "verdict"),
    [
        (0.02, 0.03, "an inverted U"),
        (0.02, 0, "better than weight 0, but no fall is seen: no inverted U"),
        (0, 0.03, "a fall towards large weights, but no rise before it: no inverted U"),
        (0, 0, "neither rise nor fall is seen: no inverted U"),
    ],
)
def test_an_inverted_u_is_told_where_there_is_one(rise, fall, verdict):
    lines = findings.inverted_u(lanes(hill(rise, fall)))
    assert lines[0] == f"accuracy: {verdict}"
    assert lines[3] == f"loss: {verdict}"
    # The other sweep has no hill.
    assert findings.inverted_u_at_total(lanes(hill(rise, fall)))[0].endswith(
        "neither rise nor fall is seen: no inverted U"
    )


def test_noise_alone_makes_an_inverted_u_no_oftener_than_it_may():
    # The best of nine weights, picked and measured in the same seeds, is above weight 0 nearly
    # always; picked in the others it is not.
    told = [findings.inverted_u(lanes(noise=0.01, seed=seed))[0] for seed in range(300)]
    rises = sum("an inverted U" in line or "better than weight 0" in line for line in told)
    assert rises / 300 < 0.08


def test_the_weight_is_chosen_by_the_other_seeds():
    values = np.zeros((3, 4))
    values[0, 2] = 100  # great in seed 0 alone, which may not choose it for itself
    values[1:, 1] = 1
    np.testing.assert_array_equal(chosen_elsewhere(values, 1), [1, 2, 2])
    np.testing.assert_array_equal(chosen_elsewhere(-values, -1), [1, 2, 2])
    values[:, 3] = values[:, 0] = 1000  # the ends are never chosen
    np.testing.assert_array_equal(chosen_elsewhere(values, 1), [1, 2, 2])


def gaps(found):
    """The four differences of mirrored lanes in accuracy, in points."""
    return [float(line.split("accuracy ")[1].split()[0]) for line in findings.mirrored(found)[:4]]


def test_mirrored_lanes_that_differ_are_told():
    found = lanes()
    found["accuracy"][:, SECOND, 2] -= 0.02
    lines = findings.mirrored(found)
    assert lines[1].startswith("bin_out: accuracy +2.0")
    assert lines[1].endswith(": a difference is seen")
    assert gaps(found) == pytest.approx([0, 2, 0, 0], abs=0.1)


def test_mirrored_lanes_that_are_alike_are_told_apart_no_oftener_than_they_may_be():
    told = [
        line.endswith(": a difference is seen")
        for seed in range(300)
        for line in findings.mirrored(lanes(noise=0.01, seed=seed))[:4]
    ]
    assert np.mean(told) == pytest.approx(0.05, abs=0.025)


def test_harder_images_on_one_place_are_no_difference_of_mirrored_lanes():
    found = lanes()
    found["accuracy"][:, :, 0] -= 0.03
    assert gaps(found) == pytest.approx([0, 0, 0, 0], abs=0.1)
    assert gaps(found) == pytest.approx(gaps(lanes()), abs=0.0101)
    assert "taken off above): accuracy -3.0" in findings.mirrored(found)[4]


def test_a_larger_weight_that_pays_on_one_image_alone_is_told():
    found = lanes()
    found["accuracy"][:, FIRST, 0] += 0.02
    assert findings.mirrored(found)[2].endswith(": a difference is seen")
    assert gaps(found) == pytest.approx([1, 0, 2, 0], abs=0.1)


def test_noise_of_seeds_and_of_mirrored_pairs_is_told_in_one_measure():
    # 1,000 seeds whose lanes have nothing in common: both differ by sqrt(2) of the deviation of
    # the mean of two heads, sqrt(1/2).
    values = 0.9 + np.random.default_rng(0).normal(0, 0.02, (1000, len(LANES), 3))
    line = findings.mirrored({"accuracy": values})[5]
    pair, seeds = (float(words.split()[0]) for words in line.split(" by ")[1:])
    assert pair == pytest.approx(2, abs=0.06)
    assert seeds == pytest.approx(2, abs=0.06)


def test_a_lane_that_has_diverged_makes_no_verdict():
    found = lanes(hill(0.02, 0.03))
    found["accuracy"][2, len(SWEEP) - 1] = np.nan
    assert findings.inverted_u(found)[0].startswith("accuracy: better than weight 0, but no fall")


def test_the_table_has_the_means_of_all_weights():
    found = lanes(hill(0.02, 0.03))
    title, *rows = findings.sweep_table(found, slice(0, len(SWEEP)))
    assert [row[0] for row in rows] == [f"{weight:g}" for weight in SWEEP]
    assert all(len(row) == len(title) for row in rows)
    # A regression on nothing but a constant gives the mean.
    values = found["accuracy"][:, BEST, :2].reshape(-1, 1)
    mean = LinearRegression().fit(np.zeros_like(values), values).intercept_[0]
    assert rows[BEST][1] == f"{100 * mean:.2f}"


def test_the_results_are_asked_for_by_their_name_alone(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["benchmarks", "results"])
    assert benchmarks.parse()[1] == [], "no row of the table is measured beside them"
    monkeypatch.setattr(sys, "argv", ["benchmarks"])
    assert len(benchmarks.parse()[1]) == len(benchmarks.GOALS)
    monkeypatch.setattr(sys, "argv", ["benchmarks", "results", "dense"])
    with pytest.raises(SystemExit):
        benchmarks.parse()
    assert "no row has 'results' in its name" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--help"])
    with pytest.raises(SystemExit):
        benchmarks.parse()
    assert "what loss weights do" in capsys.readouterr().out
