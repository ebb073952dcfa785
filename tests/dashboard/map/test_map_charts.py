"""The triangle and the front as figures: places by their definition, roles, words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some
from plotly.colors import sequential

from core import LossWeights
from core.analysis.measures import measures_of
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.heads import heads as siamese_heads
from core.run.heads import Head
from core.run.simplex import MapConfig, grid
from dashboard.map import words
from dashboard.map.pictures import charts as map_charts
from tests.siamese import MAP_COLUMNS, MAP_QUANTITIES, weighted


@pytest.mark.parametrize("spacing", ["even", "log"])
@given(resolution=some.integers(1, 15), total=some.floats(0.01, 1000))
def test_every_setting_of_a_map_stands_where_the_grid_has_it(spacing, resolution, total):
    over = MapConfig(resolution=resolution, total=total, spacing=spacing)
    for weights, place in zip(over.points(HEAD_NAMES), grid(resolution), strict=True):
        expected = [i / resolution for i in place]
        # The weights are rounded to six digits behind the point, of a total from 0.01.
        assert words.place_of(weights, spacing) == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("spacing", ["even", "log"])
@given(weights=some.tuples(*[some.floats(0, 1000)] * 3).filter(lambda w: sum(w) > 1e-3))
def test_any_weights_have_a_place_inside_the_triangle(spacing, weights):
    place = words.place_of(weighted(**dict(zip(names(), weights, strict=True))), spacing)
    assert sum(place) == pytest.approx(1)
    assert min(place) >= 0
    by_weight = sorted(range(3), key=lambda h: weights[h])
    assert [place[h] for h in by_weight] == sorted(place), "more weight is nearer to the corner"


def names():
    return list(HEAD_NAMES)


def test_a_common_factor_moves_nothing():
    article, larger = weighted(), weighted(ctg_out_1=3, ctg_out_2=3, bin_out=1.5)
    for spacing in ("even", "log"):
        places = [words.place_of(weights, spacing) for weights in (article, larger)]
        assert places[0] == pytest.approx(places[1])
    assert words.place_of(article, "even") == pytest.approx([0.4, 0.4, 0.2])


def test_no_weights_have_no_place():
    nothing = weighted(ctg_out_1=0, ctg_out_2=0, bin_out=0)
    assert words.place_of(nothing, "even") is None
    assert words.place_of(nothing, "log") is None


def roles(figure):
    return [trace.meta["role"] for trace in figure.data]


MARKS = ["ties", "diverged", "picked", "article", "present", "best"]


def test_figures_have_one_empty_trace_a_role():
    assert roles(map_charts.front_figure()) == ["dominated", "front", "picked", "best"]
    line = map_charts.line_figure(("kind", "dose"))
    assert roles(line) == ["grid", "values", *MARKS]
    assert all(len(trace.x) == 0 for trace in line.data)


def test_a_triangle_has_its_corners_in_words_and_the_marks_of_a_line():
    triangle = map_charts.triangle(HEAD_NAMES)
    assert triangle["corners"] == ["only ctg_out_1", "only ctg_out_2", "only bin_out"]
    assert [mark["role"] for mark in triangle["marks"]] == MARKS
    assert [mark["name"] for mark in triangle["marks"]][3:] == ["article", "sliders", "best"]
    assert triangle["colours"] == list(sequential.Viridis)


def test_chance_of_a_head_and_of_all_of_them():
    """Two heads guess one of 4, one of two; by hand."""
    found = {
        quantity: {column: measure.chance for column, measure in of.items()}
        for quantity, of in measures_of(siamese_heads(4)).items()
    }
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
    measures = measures_of(siamese_heads(100))
    told = {words.in_words(q, c, measures[q][c]) for q in MAP_QUANTITIES for c in MAP_COLUMNS}
    assert len(told) == 10
    assert "Validation accuracy of the worst head" in told
    assert "Validation loss, nats of bin_out" not in told, "the unit comes last"
    assert "Validation loss of bin_out, nats" in told


# Maps of other heads

MIXED = (
    Head(name="kind", chance=0.25),
    Head(name="dose", loss="mean_squared_error", metric="mean_absolute_error", better="lower"),
    Head(name="box", loss="huber", metric=None),
    Head(name="more", loss="huber", metric=None),
)


def test_a_line_is_told_in_words_and_has_no_tooltip_of_plotly():
    line = map_charts.line_figure(("kind", "dose"), "compiled")
    assert line.layout.xaxis.title.text == "share of kind, the rest is dose"
    assert "compiled" in {trace.name for trace in line.data}
    assert "article" not in {trace.name for trace in line.data}
    assert {trace.hoverinfo for trace in line.data} == {"skip"}


@pytest.mark.parametrize("spacing", ["even", "log"])
@given(resolution=some.integers(1, 15))
def test_every_setting_of_a_line_stands_where_the_grid_has_it(spacing, resolution):
    over = MapConfig(resolution=resolution, spacing=spacing).complete(MIXED[:2])
    for weights, place in zip(over.points(("kind", "dose")), over.places, strict=True):
        expected = [i / resolution for i in place]
        assert words.place_of(weights, spacing) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("spacing", ["even", "log"])
def test_ticks_of_a_line_say_the_share_that_the_setting_there_has(spacing):
    over = MapConfig(resolution=4, total=1, spacing=spacing).complete(MIXED[:2])
    shares = [point["kind"] for point in over.points(("kind", "dose"))]
    places = [place[0] / 4 for place in over.places]
    expected = list(zip(places[::-1], shares[::-1], strict=True))
    assert words.shares_along(spacing) == [pytest.approx(pair, abs=1e-5) for pair in expected]


def test_weights_stand_on_a_map_of_some_heads_where_the_others_are_as_there():
    names = ("kind", "dose", "box", "more")
    over = MapConfig(heads=names[:3], others={"more": 0.5}).complete(MIXED)
    here = LossWeights(kind=1, dose=0.5, box=0.5, more=0.5)
    assert words.place_on(over, here, names) == [0.5, 0.25, 0.25]
    assert words.place_on(over, here.moved({"more": 0.6}), names) is None
    assert words.place_on(over, weighted(), names) is None, "weights of another problem"
    told = words.others_in_words(over)
    assert told == "Here kind, dose and box vary. The others keep their weights: more 0.5."
    assert words.others_in_words(MapConfig()) == ""


def test_nothing_is_called_accuracy_that_is_none():
    measures = measures_of(MIXED)
    told = {
        q: [words.in_words(q, c, of) for c, of in found.items()] for q, found in measures.items()
    }
    assert told["val_metric"] == [
        "Validation accuracy of kind",
        "Validation mean absolute error of dose",
        "Validation loss of box",
        "Validation loss of more",
        "Mean rank of the heads' validation metrics, 1 is best",
    ]
    assert told["val_loss"][1] == "Validation loss of dose"
    assert told["val_loss"][-1] == "Mean rank of the heads' validation losses, 1 is best"
