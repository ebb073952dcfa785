"""The charts of the page Inside: what they show, and that their colours can be told apart."""

from itertools import combinations

import numpy as np
import pytest

from core import RunConfig
from core.analysis import gradients
from core.problems.siamese.heads import HEAD_NAMES
from dashboard.inside import gradient_charts as inside_charts
from dashboard.inside import snapshot_charts as seen_charts
from dashboard.inside.gradient_charts import HEAD_PAIRS, cosine_figure, norm_figure, share_figure
from dashboard.inside.snapshot_charts import confusion_figure, figures, plane_figure
from dashboard.theme import (
    CONFUSION,
    CURVE_COLOURS,
    DIVERGING,
    HEAD_COLOURS,
    HEAD_PAIR_COLOURS,
    SAME_COLOURS,
    colours_of,
)
from tests.colours import DISTINCT, GROUNDS, NEARLY, VISION, contrast, lab, linear

COLUMNS = {"loss_weights", *gradients.columns(RunConfig())}


def columns_of(figure, role):
    return [trace.meta["column"] for trace in figure.data if trace.meta["role"] == role]


@pytest.mark.parametrize("role", ["raw", "smooth"])
def test_each_curve_shows_a_column_that_is_measured(role):
    for figure in (norm_figure("weighted"), norm_figure("norm"), cosine_figure(), share_figure()):
        found = columns_of(figure, role)
        assert len(found) == 3
        assert set(found) <= COLUMNS


def test_norms_and_shares_are_of_each_head_in_its_colour():
    for figure, quantity in ((norm_figure("norm"), "norm"), (share_figure(), "share")):
        shown = {t.name: t for t in figure.data if t.meta["role"] == "smooth"}
        assert list(shown) == list(HEAD_NAMES)
        for name, trace in shown.items():
            assert trace.meta["column"] == f"{quantity}.{name}"
            assert tuple(trace.meta["colours"]) == colours_of(HEAD_NAMES)[name]


def test_cosines_are_of_each_two_heads_and_conflict_is_below_0():
    figure = cosine_figure()
    assert columns_of(figure, "smooth") == [f"cosine.{a}.{b}" for a, b in HEAD_PAIRS]
    assert figure.layout.meta["conflict"]["to"] == 0
    low, high = figure.layout.yaxis.range
    assert low <= -1
    assert high >= 1


def test_only_norms_may_have_a_logarithmic_axis():
    can = {name: f["layout"].get("meta", {}).get("canBeLog") for name, f in figures().items()}
    assert [name for name, it in can.items() if it] == ["weighted", "norm"]


def test_the_browser_gets_every_figure_with_a_title_of_its_own():
    titles = [figure["layout"]["title"]["text"] for figure in figures().values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)
    assert {*inside_charts.TITLES, *seen_charts.TITLES} <= set(figures())


def test_digits_have_a_colour_and_a_symbol_each():
    groups = [t for t in plane_figure().data if t.meta["role"] == "group"]
    assert len({(tuple(t.meta["colours"]), t.marker.symbol) for t in groups}) == len(groups) >= 10


def test_numbers_are_written_into_the_small_matrix_alone():
    assert {trace.texttemplate for trace in confusion_figure("ctg_out_1").data} == {None}
    assert {t.texttemplate for t in confusion_figure("ctg_out_1", of_digits=True).data} == {
        "%{text}"
    }


# Colours


@pytest.mark.parametrize(("index", "theme"), [(0, "light"), (1, "dark")])
@pytest.mark.parametrize("vision", VISION)
def test_colours_that_stand_side_by_side_stay_apart(vision, index, theme):
    families = {
        "pairs of heads": ([pair[index] for pair in HEAD_PAIR_COLOURS], NEARLY),
        "same or different": ([pair[index] for pair in SAME_COLOURS.values()], NEARLY),
        "right or wrong": ([c for kind in CONFUSION.values() for c in kind[index][:1]], NEARLY),
        "ends of the cosine": ([DIVERGING[index][k][1] for k in (0, -1)], DISTINCT),
    }
    for whose, (colours, far) in families.items():
        for one, other in combinations(colours, 2):
            seen = [lab(VISION[vision] @ linear(colour)) for colour in (one, other)]
            distance = np.linalg.norm(seen[0] - seen[1])
            assert distance >= far, f"{whose}: {one} and {other}, {theme}: {distance:.1f}"


@pytest.mark.parametrize(("index", "theme"), [(0, "light"), (1, "dark")])
def test_the_scale_of_cosines_leaves_its_middle_on_both_sides(index, theme):
    """Lightness changes one way from the middle to each end, so that it reads in grey, too."""
    lightness = [lab(linear(colour))[0] for _, colour in DIVERGING[index]]
    sign = 1 if theme == "dark" else -1
    assert (np.diff(lightness[2:]) * sign > 0).all()
    assert (np.diff(lightness[2::-1]) * sign > 0).all()
    assert contrast(DIVERGING[index][2][1], GROUNDS[theme][0]) < 1.5, "0 is like the ground"


@pytest.mark.parametrize(("index", "theme"), [(0, "light"), (1, "dark")])
def test_many_pairs_stand_out_from_the_ground(index, theme):
    for kind in CONFUSION.values():
        faint, strong = kind[index]
        assert contrast(strong, GROUNDS[theme][0]) > contrast(faint, GROUNDS[theme][0]) >= 1.9
        assert contrast(strong, GROUNDS[theme][0]) >= 4.5


def test_pairs_of_heads_have_colours_that_no_head_has():
    assert not set(HEAD_PAIR_COLOURS) & set(HEAD_COLOURS)
    assert set(HEAD_PAIR_COLOURS) <= set(CURVE_COLOURS)
