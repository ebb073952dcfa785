"""Which class is taken for which, against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from core.analysis.confusion import confusion, digit_confusion


def classes(n_classes):
    """Right and given classes, as many of each, as two arrays."""
    one = st.integers(0, n_classes - 1)
    rows = st.lists(st.tuples(one, one), max_size=60)
    return rows.map(lambda rows: np.array(rows, np.int32).reshape(-1, 2).T)


@given(st.integers(2, 120).flatmap(lambda n: st.tuples(st.just(n), classes(n))))
def test_counts_are_those_of_scikit_learn(given):
    n_classes, (true, predicted) = given
    found = confusion(true, predicted, n_classes)
    assert found.shape == (n_classes, n_classes)
    assert found.sum() == len(true)
    if len(true):  # scikit-learn counts no fewer than one
        expected = confusion_matrix(true, predicted, labels=range(n_classes))
        np.testing.assert_array_equal(found, expected)


@given(classes(100))
def test_digits_are_those_of_scikit_learn_tens_and_ones_in_one(given):
    true, predicted = given
    found = digit_confusion(true, predicted)
    assert found.shape == (10, 10)
    assert found.sum() == 2 * len(true)
    if len(true):
        digits = [[int(d) for number in row for d in f"{number:02d}"] for row in given]
        np.testing.assert_array_equal(found, confusion_matrix(*digits, labels=range(10)))


def test_rows_are_right_and_columns_given():
    np.testing.assert_array_equal(
        confusion([0, 0, 2], [0, 1, 2], 3), [[1, 1, 0], [0] * 3, [0, 0, 1]]
    )
    found = digit_confusion([47], [41])
    assert found[4, 4] == found[7, 1] == 1


def test_many_classes_of_a_small_type_do_not_overflow():
    classes = np.full(3, 199, np.uint8)
    assert confusion(classes, classes, 200)[199, 199] == 3


@pytest.mark.parametrize(
    ("true", "predicted", "told"),
    [
        ([0, 1], [0], r"true has shape \(2,\), predicted \(1,\)"),
        ([0, 100], [0, 0], "true has classes from 0 to 100: expected 0 to 99"),
        ([0, 1], [-1, 0], "predicted has classes from -1 to 0: expected 0 to 99"),
        ([0.5], [0], r"true has shape \(1,\) and type float64"),
        ([[0]], [[0]], r"true has shape \(1, 1\)"),
    ],
)
def test_what_is_no_class_is_refused(true, predicted, told):
    with pytest.raises(ValueError, match=told):
        digit_confusion(true, predicted)
