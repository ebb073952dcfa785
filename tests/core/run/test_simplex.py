"""The loss weights of a map: the grid, its spacing, and its parts."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ConfigError, RunConfig
from core.problems.siamese.heads import HEAD_NAMES
from core.run.simplex import MapConfig, grid, parts_of_map
from tests.siamese import weighted


def test_ten_intervals_give_sixty_six_settings_of_one_total():
    over = MapConfig()
    points = over.points(HEAD_NAMES)
    assert len(points) == over.n_points == over.n_lanes == 66
    assert len(set(points)) == 66
    np.testing.assert_allclose([sum(point.as_tuple()) for point in points], 2.5, rtol=1e-5)
    assert weighted(ctg_out_1=1, ctg_out_2=1, bin_out=0.5) in points  # the article's


@given(st.integers(1, 40))
def test_a_grid_has_each_place_of_the_triangle_once(r):
    # Every (i, j, k) of whole numbers from 0 with i + j + k = r: counted by brute force.
    wanted = {(i, j, r - i - j) for i in range(r + 1) for j in range(r + 1) if i + j <= r}
    assert len(grid(r)) == len(wanted) == MapConfig(resolution=r).n_points
    assert set(grid(r)) == wanted


@pytest.mark.parametrize("spacing", ["even", "log"])
def test_corners_and_middle_are_the_same_for_both_spacings(spacing):
    over = MapConfig(resolution=6, total=3, spacing=spacing)
    of_place = dict(zip(grid(6), over.points(HEAD_NAMES), strict=True))
    assert of_place[6, 0, 0].as_tuple() == (3, 0, 0)
    assert of_place[0, 6, 0].as_tuple() == (0, 3, 0)
    assert of_place[0, 0, 6].as_tuple() == (0, 0, 3)
    assert of_place[2, 2, 2].as_tuple() == (1, 1, 1)


def test_a_log_spaced_grid_is_finer_towards_zero():
    edge = {}
    for spacing in ("even", "log"):
        over = MapConfig(resolution=10, total=1, spacing=spacing)
        of_place = dict(zip(grid(10), over.points(HEAD_NAMES), strict=True))
        edge[spacing] = [of_place[10 - i, i, 0].ctg_out_2 for i in range(11)]
    np.testing.assert_allclose(edge["even"], np.arange(11) / 10, atol=1e-6)
    assert edge["log"] == sorted(edge["log"])
    assert edge["log"][1] < 0.02  # (100 ** 0.1 - 1) / (100 ** 0.1 - 1 + 100 ** 0.9 - 1) = 0.0094
    assert edge["log"][1] == pytest.approx(0.0094, abs=1e-4)


@given(
    st.builds(MapConfig, resolution=st.integers(1, 20), seeds=st.integers(1, 5)),
    st.integers(1, 400),
)
def test_parts_hold_every_lane_once_in_order_from_its_seed(over, at_once):
    config = RunConfig(seed=7)
    parts = parts_of_map(over, over.points(HEAD_NAMES), config, at_once)
    lanes = [lane for part in parts for lane in part.lanes]
    assert lanes == list(range(over.n_lanes))
    for part in parts:
        assert 1 <= len(part.weights) <= at_once
        for lane, weights in zip(part.lanes, part.weights, strict=True):
            assert weights == over.points(HEAD_NAMES)[lane % over.n_points]
            assert part.seed == 7 + lane // over.n_points
    sizes = [len(part.weights) for part in parts]
    assert max(sizes) - min(sizes) <= 1
    assert all(one.lanes.stop == other.lanes.start for one, other in pairwise(parts))


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("resolution", 0, "from 1 to 100"),
        ("resolution", 500, "from 1 to 100"),
        ("total", 0, "from 0.01 to 1,000"),
        ("total", float("inf"), "from 0.01 to 1,000"),
        ("total", float("nan"), "from 0.01 to 1,000"),
        ("seeds", 6, "from 1 to 5"),
        ("spacing", "odd", "'even' or 'log'"),
    ],
)
def test_a_bad_value_is_refused_with_field_value_range_and_default(field, value, told):
    with pytest.raises(ConfigError) as error:
        MapConfig(**{field: value})
    message = str(error.value)
    assert message.startswith(f"{field} = {value!r} is refused")
    assert told in message
    assert message.endswith(f"The default is {MapConfig.model_fields[field].default!r}.")
