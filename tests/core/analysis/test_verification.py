"""How well a number tells same from different, against scikit-learn and by trying all of it."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from core.analysis.verification import distance_histogram, implied_threshold, roc

FINITE = st.floats(-1e6, 1e6)
# Few different values, so that many are tied.
TIED = st.integers(0, 5).map(float)


def pairs(values):
    """Lists of a value and an answer a pair, as two arrays."""
    some = st.lists(st.tuples(values, st.booleans()), min_size=1, max_size=40)
    return some.map(lambda rows: (np.array([r[0] for r in rows]), np.array([r[1] for r in rows])))


@given(pairs(FINITE) | pairs(TIED))
def test_the_curve_and_its_area_are_those_of_scikit_learn(given):
    scores, is_same = given
    assume(is_same.any() and not is_same.all())
    found = roc(scores, is_same)
    fpr, tpr, thresholds = roc_curve(is_same, scores, drop_intermediate=False)
    assert found.auc == pytest.approx(roc_auc_score(is_same, scores), abs=1e-12)
    # What is left out lies on a straight line between its neighbours; the rest is the same.
    kept = np.isin(thresholds, found.thresholds)
    np.testing.assert_allclose(found.thresholds, thresholds[kept])
    np.testing.assert_allclose(found.fpr, fpr[kept])
    np.testing.assert_allclose(found.tpr, tpr[kept])
    at = fpr + tpr
    np.testing.assert_allclose(np.interp(at, found.fpr + found.tpr, found.fpr), fpr, atol=1e-12)
    np.testing.assert_allclose(np.interp(at, found.fpr + found.tpr, found.tpr), tpr, atol=1e-12)


@given(pairs(TIED))
def test_the_area_is_how_likely_a_same_pair_scores_more(given):
    scores, is_same = given
    assume(is_same.any() and not is_same.all())
    gaps = scores[is_same][:, None] - scores[~is_same]
    assert roc(scores, is_same).auc == pytest.approx(((gaps > 0) + (gaps == 0) / 2).mean())


def test_straight_pieces_are_left_out():
    n = 400
    scores, is_same = np.arange(n), np.arange(n) >= n // 2
    found = roc(scores, is_same)
    assert found.auc == 1
    np.testing.assert_array_equal(found.fpr, [0, 0, 1])
    np.testing.assert_array_equal(found.tpr, [0, 1, 1])
    np.testing.assert_array_equal(found.thresholds, [np.inf, n // 2, 0])
    assert roc(-scores, is_same).auc == 0


def test_scores_that_are_all_alike_are_chance():
    found = roc(np.ones(10), np.arange(10) % 2)
    assert found.auc == 0.5
    np.testing.assert_array_equal(found.fpr, [0, 1])
    np.testing.assert_array_equal(found.tpr, [0, 1])


@pytest.mark.parametrize("is_same", [np.ones(4), np.zeros(4, bool)])
def test_pairs_of_one_kind_have_no_curve(is_same):
    with pytest.raises(ValueError, match="pairs of one class and of two"):
        roc(np.arange(4), is_same)


@given(pairs(st.floats(0, 1e6)), st.integers(1, 40))
def test_a_histogram_counts_every_pair_once_where_it_lies(given, bins):
    distance, is_same = given
    edges, same, different = distance_histogram(distance, is_same, bins)
    assert len(edges) == bins + 1
    assert edges[0] == 0
    assert edges[-1] == (distance.max() if distance.max() > 1e-300 else 1)
    assert same.sum() == is_same.sum()
    assert different.sum() == (~is_same).sum()
    for counts, of in ((same, distance[is_same]), (different, distance[~is_same])):
        upper = np.append(edges[1:-1], np.inf)
        expected = [(of >= low) & (of < up) for low, up in zip(edges, upper, strict=False)]
        np.testing.assert_array_equal(counts, np.sum(expected, axis=1))


def test_a_histogram_has_thirty_bins_from_zero():
    edges, same, different = distance_histogram([0, 0.5, 3.0, 2.96], [1, 1, 0, 0])
    np.testing.assert_allclose(edges, np.arange(31) / 10)
    np.testing.assert_array_equal(np.flatnonzero(same), [0, 5])
    np.testing.assert_array_equal(np.flatnonzero(different), [29])
    assert different[29] == 2


def test_a_histogram_of_nothing_but_zeros_has_a_width():
    edges, same, different = distance_histogram(np.zeros(3), [1, 0, 0], bins=4)
    np.testing.assert_array_equal(edges, [0, 0.25, 0.5, 0.75, 1])
    assert (same[0], different[0]) == (1, 2)


def test_a_distance_is_not_negative():
    with pytest.raises(ValueError, match="value of -1: expected 0 or more"):
        distance_histogram([1, -1], [1, 0])


@given(pairs(FINITE) | pairs(TIED) | pairs(st.floats(-1, 1, width=16)))
def test_no_other_threshold_agrees_with_more_answers(given):
    distance, says_same = given
    threshold, agreement = implied_threshold(distance, says_same)
    assert ((distance < threshold) == says_same).mean() == agreement
    several = [*distance, np.inf]  # one of each way in which a threshold can part them
    met = [((distance < other) == says_same).mean() for other in several]
    assert agreement == max(met)
    assert threshold <= min(t for t, m in zip(several, met, strict=True) if m == agreement)


def test_a_threshold_lies_midway():
    assert implied_threshold([1, 2, 4, 9], [1, 1, 0, 0]) == (3, 1)
    assert implied_threshold([9, 2, 4, 1], [1, 1, 0, 1]) == (3, 0.75)
    # As good a cut from 2 on as from 4 on: the least.
    assert implied_threshold([1, 2, 3, 4], [1, 0, 1, 0]) == (1.5, 0.75)


def test_answers_that_are_all_alike_have_a_threshold_beyond_all_distances():
    distance = np.array([1.0, 2.0, 5.0])
    assert implied_threshold(distance, [0, 0, 0]) == (1, 1)
    threshold, agreement = implied_threshold(distance, [1, 1, 1])
    assert agreement == 1
    assert 5 < threshold < 5.0001
    assert implied_threshold([0, 0], [0, 0]) == (0, 1)


def test_neighbouring_numbers_are_told_apart():
    below, above = 1.0, np.nextafter(1.0, 2)
    assert implied_threshold([below, above], [1, 0]) == (above, 1)


@pytest.mark.parametrize("function", [roc, distance_histogram, implied_threshold])
def test_what_makes_no_sense_is_refused(function):
    with pytest.raises(ValueError, match="not finite"):
        function([0.5, np.nan], [0, 1])
    with pytest.raises(ValueError, match=r"shape \(2,\), the answers \(3,\)"):
        function([0.5, 0.6], [0, 1, 1])
    with pytest.raises(ValueError, match="Expected one value and one answer a pair"):
        function([], [])
