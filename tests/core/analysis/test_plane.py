"""Planes of points, against scikit-learn's PCA and SciPy's Procrustes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.linalg import orthogonal_procrustes
from sklearn.decomposition import PCA

from core.analysis.plane import aligned, principal_plane

SEEDS = st.integers(0, 2**32 - 1)


def cloud(n, width, seed=0):
    """Points that differ along some axes more than along others, away from the origin."""
    rng = np.random.default_rng(seed)
    turned = np.linalg.qr(rng.normal(size=(width, width)))[0]
    return (rng.normal(size=(n, width)) * 0.7 ** np.arange(width)) @ turned + rng.normal(size=width)


def by_scikit_learn(points):
    pca = PCA(n_components=2, svd_solver="full").fit(points)
    return pca.transform(points), pca.explained_variance_ratio_


@given(n=st.integers(3, 60), width=st.integers(2, 60), seed=SEEDS)
def test_scores_and_shares_are_those_of_scikit_learn_but_for_signs(n, width, seed):
    points = cloud(n, width, seed)
    scores, explained = principal_plane(points)
    expected, shares = by_scikit_learn(points)
    np.testing.assert_allclose(explained, shares, atol=1e-9)
    # Two axes of nearly one variance are ill-determined for anybody, and so is what is left of
    # nothing: the plane is not.
    if shares[0] - shares[1] > 1e-6 and shares[1] > 1e-6:
        np.testing.assert_allclose(np.abs(scores), np.abs(expected), atol=1e-7)
        signs = np.sign((scores * expected).sum(axis=0))
        np.testing.assert_allclose(scores, expected * signs, atol=1e-7)


@pytest.mark.parametrize("shape", [(1024, 64), (1024, 512), (100, 512), (512, 2)])
def test_the_sizes_of_embeddings(shape):
    points = cloud(*shape).astype(np.float32)
    scores, explained = principal_plane(points)
    assert scores.shape == (shape[0], 2)
    assert scores.dtype == explained.dtype == np.float64
    expected, shares = by_scikit_learn(points.astype(float))
    np.testing.assert_allclose(np.abs(scores), np.abs(expected), atol=1e-8)
    np.testing.assert_allclose(explained, shares, atol=1e-10)


@given(n=st.integers(2, 30), width=st.integers(2, 30), seed=SEEDS)
def test_mirrored_points_give_the_same_picture(n, width, seed):
    # Whichever sign an eigenvector comes with: points and axes mirrored together.
    points = cloud(n, width, seed)
    scores, explained = principal_plane(points)
    flipped, same = principal_plane(points * [-1, *[1] * (width - 1)])
    np.testing.assert_allclose(explained, same, atol=1e-9)
    if explained[0] - explained[1] > 1e-6 and (explained[1] > 1e-6 or n == 2):
        np.testing.assert_allclose(scores, flipped, atol=1e-7)
    for column in scores.T:
        assert column.max() >= -column.min() - 1e-9


@given(
    n=st.integers(1, 20),
    point=arrays(float, st.integers(1, 20), elements=st.floats(-1e300, 1e300)),
)
def test_points_that_do_not_differ_lie_in_the_middle(n, point):
    scores, explained = principal_plane(np.tile(point, (n, 1)))
    assert (scores == np.zeros((n, 2))).all()
    assert (explained == 0).all()


@pytest.mark.parametrize("turned", [False, True])
def test_points_on_a_line_have_no_second_axis(turned):
    line = np.outer(np.arange(-3.0, 4), [1, 2, 2])
    scores, explained = principal_plane(line[:2] if turned else line)
    np.testing.assert_allclose(explained, [1, 0], atol=1e-12)
    assert (scores[:, 1] == 0).all()
    np.testing.assert_allclose(np.ptp(scores[:, 0]), 3 if turned else 18)


def test_a_single_dimension_is_the_first_axis():
    scores, explained = principal_plane([[1.0], [2.0], [6.0]])
    np.testing.assert_allclose(scores, [[-2, 0], [-1, 0], [3, 0]])
    np.testing.assert_allclose(explained, [1, 0])


@pytest.mark.parametrize("size", [1e-200, 1e-30, 1e30, 1e200])
def test_size_changes_nothing_but_the_size(size):
    points = cloud(40, 5)
    scores, explained = principal_plane(points * size)
    expected, shares = principal_plane(points)
    np.testing.assert_allclose(scores / size, expected, atol=1e-9)
    np.testing.assert_allclose(explained, shares, atol=1e-12)


def test_the_points_given_stay_as_they_are():
    points, last = cloud(10, 3), cloud(10, 3, 1)
    before = points.copy(), last.copy()
    principal_plane(points)
    aligned(points, last)
    assert (points == before[0]).all()
    assert (last == before[1]).all()


@given(
    last=arrays(float, (12, 2), elements=st.floats(-100, 100)),
    angle=st.floats(0, 7),
    mirror=st.booleans(),
    moved=arrays(float, 2, elements=st.floats(-50, 50)),
)
def test_a_turned_picture_is_turned_back(last, angle, mirror, moved):
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turn[:, 0] *= -1 if mirror else 1
    found = aligned(last @ turn + moved, last)
    mean = (last @ turn + moved).mean(axis=0)
    np.testing.assert_allclose(found, last - last.mean(axis=0) + mean, atol=1e-7)


@given(n=st.integers(2, 30), width=st.integers(1, 4), seed=SEEDS)
def test_no_other_turn_lies_nearer(n, width, seed):
    points, last = cloud(n, width, seed), cloud(n, width, seed + 1)
    found = aligned(points, last)
    centred, goal = points - points.mean(axis=0), last - last.mean(axis=0)
    turn, _ = orthogonal_procrustes(centred, goal)
    np.testing.assert_allclose(found.mean(axis=0), points.mean(axis=0), atol=1e-9)
    np.testing.assert_allclose(
        np.linalg.norm(found - found.mean(axis=0) - goal),
        np.linalg.norm(centred @ turn - goal),
        atol=1e-8,
    )
    # Turned and mirrored, not bent: all distances are what they were.
    gaps = np.linalg.norm(points[:, None] - points, axis=2)
    np.testing.assert_allclose(np.linalg.norm(found[:, None] - found, axis=2), gaps, atol=1e-8)


def test_a_picture_without_extent_turns_nothing():
    points = cloud(8, 2)
    np.testing.assert_allclose(
        np.linalg.norm(aligned(points, np.ones((8, 2))) - points.mean(axis=0), axis=1),
        np.linalg.norm(points - points.mean(axis=0), axis=1),
    )
    np.testing.assert_allclose(aligned(np.ones((8, 2)), points), np.ones((8, 2)))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_refused(bad):
    points = cloud(5, 3)
    points[2, 1] = bad
    with pytest.raises(ValueError, match="points has values that are not finite"):
        principal_plane(points)
    with pytest.raises(ValueError, match="last has values that are not finite"):
        aligned(cloud(5, 3), points)


@pytest.mark.parametrize(
    "bad", [np.zeros((0, 3)), np.zeros((3, 0)), np.zeros(3), np.zeros((2,) * 3)]
)
def test_what_is_no_table_of_points_is_refused(bad):
    with pytest.raises(ValueError, match="expected one row a point"):
        principal_plane(bad)


def test_pictures_of_other_points_are_refused():
    with pytest.raises(ValueError, match=r"shape \(5, 2\), last \(4, 2\)"):
        aligned(cloud(5, 2), cloud(4, 2))
