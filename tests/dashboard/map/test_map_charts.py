"""The triangle and the front as figures: places by their definition, roles, words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core import LossWeights
from core.analysis.maps import MAP_COLUMNS, QUANTITIES
from core.run.simplex import MapConfig, grid
from dashboard.map import charts as map_charts


@pytest.mark.parametrize("spacing", ["even", "log"])
@given(resolution=some.integers(1, 15), total=some.floats(0.01, 1000))
def test_every_setting_of_a_map_stands_where_the_grid_has_it(spacing, resolution, total):
    over = MapConfig(resolution=resolution, total=total, spacing=spacing)
    for weights, place in zip(over.points(), grid(resolution), strict=True):
        expected = [i / resolution for i in place]
        # The weights are rounded to six digits behind the point, of a total from 0.01.
        assert map_charts.place_of(weights, spacing) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("spacing", ["even", "log"])
@given(weights=some.tuples(*[some.floats(0, 1000)] * 3).filter(lambda w: sum(w) > 1e-3))
def test_any_weights_have_a_place_inside_the_triangle(spacing, weights):
    place = map_charts.place_of(LossWeights(**dict(zip(names(), weights, strict=True))), spacing)
    assert sum(place) == pytest.approx(1)
    assert min(place) >= 0
    by_weight = sorted(range(3), key=lambda h: weights[h])
    assert [place[h] for h in by_weight] == sorted(place), "more weight is nearer to the corner"


def names():
    return list(LossWeights.model_fields)


def test_a_common_factor_moves_nothing():
    article, larger = LossWeights(), LossWeights(ctg_out_1=3, ctg_out_2=3, bin_out=1.5)
    for spacing in ("even", "log"):
        places = [map_charts.place_of(weights, spacing) for weights in (article, larger)]
        assert places[0] == pytest.approx(places[1])
    assert map_charts.place_of(article, "even") == pytest.approx([0.4, 0.4, 0.2])


def test_no_weights_have_no_place():
    nothing = LossWeights(ctg_out_1=0, ctg_out_2=0, bin_out=0)
    assert map_charts.place_of(nothing, "even") is None
    assert map_charts.place_of(nothing, "log") is None


def roles(figure):
    return [trace.meta["role"] for trace in figure.data]


def test_figures_have_one_empty_trace_a_role():
    triangle, front = map_charts.triangle_figure(), map_charts.front_figure()
    marks = ["ties", "diverged", "picked", "article", "present", "best"]
    assert roles(triangle) == ["corners", "grid", "values", *marks]
    assert roles(front) == ["dominated", "front", "picked", "best"]


def test_corners_are_told_in_words_in_the_order_of_the_heads():
    corners = map_charts.triangle_figure().data[0]
    assert corners.text == ("only ctg_out_1", "only ctg_out_2", "only bin_out")
    assert (corners.a, corners.b, corners.c) == ((1, 0, 0), (0, 1, 0), (0, 0, 1))


def test_no_tooltip_of_plotly_covers_the_triangle():
    triangle = map_charts.triangle_figure()
    assert triangle.layout.hovermode is False
    assert {trace.hoverinfo for trace in triangle.data} == {"skip"}


def test_chance_of_a_head_and_of_all_of_them():
    """Two heads guess one of 4, one of two; by hand."""
    found = map_charts.chance(4)
    heads = dict.fromkeys(("ctg_out_1", "ctg_out_2"), 1 / 4)
    assert found["val_accuracy"] == pytest.approx(
        {**heads, "bin_out": 1 / 2, "worst": 1 / 4, "mean": 1 / 3}
    )
    ln2, ln4 = math.log(2), math.log(4)
    heads = dict.fromkeys(("ctg_out_1", "ctg_out_2"), ln4)
    assert found["val_loss"] == pytest.approx(
        {**heads, "bin_out": ln2, "worst": ln4, "mean": 5 / 3 * ln2}
    )


def test_quantities_are_told_in_words():
    told = {map_charts.in_words(q, column) for q in QUANTITIES for column in MAP_COLUMNS}
    assert len(told) == 10
    assert "Validation accuracy of the worst head" in told
    assert "Validation loss, nats of bin_out" not in told, "the unit comes last"
    assert "Validation loss of bin_out, nats" in told
