"""The charts of the page Inside: what they show, and that their colours can be told apart."""

from html import unescape
from itertools import combinations

import numpy as np
import pytest

from core import RunConfig
from core.analysis import gradients
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.layers import layers_of
from core.run.heads import Head, names_of
from dashboard.inside.answers.charts import confusion_figure, numbers_figure
from dashboard.inside.figures import figures
from dashboard.inside.layout import called
from dashboard.inside.pull import charts as pull_charts
from dashboard.inside.pull.charts import cosine_figure, norm_figure, share_figure
from dashboard.inside.seen import charts as seen_charts
from dashboard.inside.seen.charts import plane_figure
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
from tests.siamese import HEADS

COLUMNS = {"loss_weights", *gradients.columns(HEADS, layers_of(RunConfig()))}
HEAD_PAIRS = list(combinations(HEAD_NAMES, 2))


def columns_of(figure, role):
    return [trace.meta["column"] for trace in figure.data if trace.meta["role"] == role]


@pytest.mark.parametrize("role", ["raw", "smooth"])
def test_each_curve_shows_a_column_that_is_measured(role):
    for figure in (
        norm_figure("weighted", HEADS),
        norm_figure("norm", HEADS),
        cosine_figure(HEADS),
        share_figure(HEADS),
    ):
        found = columns_of(figure, role)
        assert len(found) == 3
        assert set(found) <= COLUMNS


def test_norms_and_shares_are_of_each_head_in_its_colour():
    for figure, quantity in ((norm_figure("norm", HEADS), "norm"), (share_figure(HEADS), "share")):
        shown = {t.name: t for t in figure.data if t.meta["role"] == "smooth"}
        assert list(shown) == list(HEAD_NAMES)
        for name, trace in shown.items():
            assert trace.meta["column"] == f"{quantity}.{name}"
            assert tuple(trace.meta["colours"]) == colours_of(HEAD_NAMES)[name]


def test_cosines_are_of_each_two_heads_and_conflict_is_below_0():
    figure = cosine_figure(HEADS)
    assert columns_of(figure, "smooth") == [f"cosine.{a}.{b}" for a, b in HEAD_PAIRS]
    assert figure.layout.meta["conflict"]["to"] == 0
    low, high = figure.layout.yaxis.range
    assert low <= -1
    assert high >= 1


def test_only_norms_may_have_a_logarithmic_axis():
    can = {
        name: f["layout"].get("meta", {}).get("canBeLog")
        for name, f in figures(HEADS, "pairs").items()
    }
    assert [name for name, it in can.items() if it] == ["weighted", "norm"]


def test_the_browser_gets_every_figure_with_a_title_of_its_own():
    titles = [figure["layout"]["title"]["text"] for figure in figures(HEADS, "pairs").values()]
    assert all(titles)
    assert len(set(titles)) == len(titles)
    assert {*pull_charts.TITLES, *seen_charts.TITLES} <= set(figures(HEADS, "pairs"))


def test_digits_have_a_colour_and_a_symbol_each():
    groups = [t for t in plane_figure().data if t.meta["role"] == "group"]
    assert len({(tuple(t.meta["colours"]), t.marker.symbol) for t in groups}) == len(groups) >= 10


FIVE = tuple(Head(name=f"head {k}") for k in range(5))
LONG = Head(name="an <i>odd</i> name " + "that goes on " * 6)


def test_of_many_heads_cosines_are_those_with_one_and_of_few_all():
    for figure, of in ((cosine_figure(HEADS), {None}), (cosine_figure(FIVE), set(names_of(FIVE)))):
        assert {t.meta.get("of") for t in figure.data if t.meta["role"] == "smooth"} == of
    for head in names_of(FIVE):
        curves = [t for t in cosine_figure(FIVE).data if t.meta.get("of") == head]
        shown = {t.name: t for t in curves if t.meta["role"] == "smooth"}
        assert set(shown) == set(names_of(FIVE)) - {head}
        for name, trace in shown.items():  # a column is of two heads in their order
            first, second = sorted([head, name])
            assert trace.meta["column"] == f"cosine.{first}.{second}"
            assert tuple(trace.meta["colours"]) == colours_of(names_of(FIVE))[name]


def test_each_head_has_a_chart_of_each_kind_unless_the_problem_shows_its_own():
    assert {f"{kind}.{head.name}" for kind in ("classes", "numbers") for head in FIVE} == {
        name for name in figures(FIVE, "") if "." in name
    }
    assert not any(name.startswith("numbers") for name in figures(HEADS, "pairs"))


def test_a_long_and_odd_name_is_shown_as_it_is_and_cut_in_its_middle():
    told = called(LONG.name)
    assert told.startswith("an &lt;i&gt;odd&lt;")
    assert told.endswith(LONG.name[-8:])
    assert len(unescape(told)) < 32
    assert called("<b>") == "&lt;b&gt;"
    for figure in (numbers_figure(LONG.name, 0), confusion_figure(LONG.name)):
        assert figure.layout.title.text.startswith(f"{told}: ")


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
