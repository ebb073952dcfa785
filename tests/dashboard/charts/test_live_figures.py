"""The charts' traces, levels and colours."""

import math
from itertools import combinations

import numpy as np
import pytest

from core.problems.siamese.heads import heads as siamese
from core.run.heads import Head
from core.run.weights import RACE_LANES
from dashboard.charts.live_figures import LOSS, METRIC, alike, figures, live_figure, race_figure
from dashboard.theme import (
    CURVE_COLOURS,
    HEAD_COLOURS,
    LANE_COLOURS,
    QUIET,
    colours_of,
    head_colours,
    head_dashes,
)
from tests.colours import BAR_TEXT, DISTINCT, GROUNDS, NEARLY, VISION, contrast, lab, linear
from tests.siamese import COLUMNS, HEADS

HEAD_NAMES = ["ctg_out_1", "ctg_out_2", "bin_out"]
QUANTITIES = {"loss": LOSS, "accuracy": METRIC}  # by what columns are called
COLOURS = colours_of(HEAD_NAMES)


def live(quantity: str, heads=HEADS):
    return live_figure(QUANTITIES[quantity], list(enumerate(heads)))


def traces(quantity: str, role: str) -> list:
    return [trace for trace in live(quantity).data if trace.meta["role"] == role]


# The yardsticks


def test_contrast_is_that_of_wcag():
    """Values of the WebAIM contrast checker."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_lab_is_that_of_cie():
    """Red, green and blue of sRGB, as Lindbloom's calculator gives them."""
    for colour, expected in (
        ("#ff0000", (53.24, 80.09, 67.20)),
        ("#00ff00", (87.73, -86.18, 83.18)),
        ("#0000ff", (32.30, 79.19, -107.86)),
    ):
        np.testing.assert_allclose(lab(linear(colour)), expected, atol=0.03)


# Traces


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_training_and_a_validation_trace_a_head(quantity):
    in_legend = [trace for trace in live(quantity).data if trace.showlegend is not False]
    assert [trace.name for trace in in_legend] == HEAD_NAMES + [f"{n} (val)" for n in HEAD_NAMES]


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_each_trace_shows_the_column_of_its_name(quantity):
    for role, prefix in (("raw", ""), ("smooth", ""), ("validation", "val_")):
        shown = {trace.name: trace.meta["column"] for trace in traces(quantity, role)}
        suffix = " (val)" if role == "validation" else ""
        assert shown == {f"{n}{suffix}": f"{prefix}{quantity}.{n}" for n in HEAD_NAMES}
        assert set(shown.values()) <= set(COLUMNS)


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_head_has_one_colour_and_the_dash_tells_validation(quantity):
    for trace in live(quantity).data:
        if "column" not in trace.meta:
            continue
        head = trace.meta["column"].split(".")[1]
        assert tuple(trace.meta["colours"]) == COLOURS[head]
        of_validation = trace.meta["column"].startswith("val_")
        assert trace.line.dash == ("dash" if of_validation else "solid")
        assert of_validation or trace.meta["role"] != "validation"


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_the_recorded_curve_is_faint_under_the_smoothed_one(quantity):
    assert all(trace.opacity <= 0.3 for trace in traces(quantity, "raw"))
    assert all(trace.opacity == 1 for trace in traces(quantity, "smooth"))
    order = [trace.meta["role"] for trace in live(quantity).data]
    assert order.index("raw") < order.index("smooth")


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_a_trace_hides_together_with_its_recorded_curve_and_no_other(quantity):
    groups = {trace.name: trace.legendgroup for trace in traces(quantity, "smooth")}
    assert {trace.name: trace.legendgroup for trace in traces(quantity, "raw")} == groups
    validation = {trace.legendgroup for trace in traces(quantity, "validation")}
    assert len(validation) == 3
    assert validation.isdisjoint(groups.values())


def test_hover_gives_the_recorded_value():
    """`live_chart.js` puts the recorded values under the smoothed ones as `customdata`."""
    for trace in traces("loss", "smooth"):
        assert trace.hovertemplate.startswith("%{customdata:")
    for trace in traces("loss", "validation"):
        assert trace.hovertemplate.startswith("%{y:")


def test_chance_is_ln_100_and_ln_2_in_loss_and_their_inverse_in_accuracy():
    levels = {trace.name: trace.meta["level"] for trace in traces("loss", "chance")}
    assert levels == {
        "chance, ln 100": pytest.approx(math.log(100)),
        "chance, ln 2": pytest.approx(math.log(2)),
    }
    levels = {trace.name: trace.meta["level"] for trace in traces("accuracy", "chance")}
    assert levels == {"chance, 1/100": pytest.approx(0.01), "chance, 1/2": pytest.approx(0.5)}


def test_chance_follows_the_number_of_classes():
    levels = [t.meta["level"] for t in live("loss", siamese(7)).data if t.meta["role"] == "chance"]
    assert levels == pytest.approx([math.log(7), math.log(2)])


def test_the_loss_chart_says_that_losses_are_unweighted_and_in_nats():
    title = live("loss").layout.title.text
    assert "unweighted" in title
    assert "nats" in title


# What a rewind left behind


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("race", [False, True])
def test_the_abandoned_future_is_faint_silent_and_below_the_rest(quantity, race):
    figure = race_figure(QUANTITIES[quantity], HEADS[0]) if race else live(quantity)
    order = [trace.meta["role"] for trace in figure.data]
    assert order.count("abandoned") == 2 * (RACE_LANES if race else 3)
    assert max(i for i, role in enumerate(order) if role == "abandoned") < order.index("smooth")
    for trace in figure.data:
        if trace.meta["role"] == "abandoned":
            assert trace.opacity < 0.5
            assert trace.hoverinfo == "skip"
            assert trace.showlegend is False


@pytest.mark.parametrize("quantity", QUANTITIES)
def test_an_abandoned_curve_has_the_look_of_the_one_it_was(quantity):
    drawn = {t.meta["column"]: t for t in live(quantity).data if "column" in t.meta}
    for trace in traces(quantity, "abandoned"):
        own = drawn[trace.meta["column"]]
        assert tuple(trace.meta["colours"]) == tuple(own.meta["colours"])
        assert trace.line.dash == own.line.dash
        assert trace.legendgroup == own.legendgroup, "they are hidden together"


# Races


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_a_small_chart_has_one_head_and_a_curve_a_lane(quantity, head):
    figure = race_figure(QUANTITIES[quantity], head)
    assert head.name in figure.layout.title.text
    assert figure.layout.showlegend is False
    for role, column in (("smooth", quantity), ("validation", f"val_{quantity}")):
        shown = [trace for trace in figure.data if trace.meta["role"] == role]
        assert [trace.meta["lane"] for trace in shown] == list(range(RACE_LANES))
        assert {trace.meta["column"] for trace in shown} == {f"{column}.{head.name}"}
        assert [tuple(trace.meta["colours"]) for trace in shown] == list(LANE_COLOURS)
        assert {trace.line.dash for trace in shown} == {"dash" if "val" in column else "solid"}
    (level,) = [t.meta["level"] for t in figure.data if t.meta["role"] == "chance"]
    n_classes = 2 if head.name == "bin_out" else 100
    assert level == pytest.approx(math.log(n_classes) if quantity == "loss" else 1 / n_classes)


def test_accuracy_charts_of_a_race_have_the_same_axis():
    ranges = {race_figure(METRIC, head).layout.yaxis.range for head in HEADS}
    assert ranges == {(0, 1.02)}


def test_the_browser_gets_two_charts_of_one_lane_and_six_of_a_race():
    layouts = figures(HEADS)
    assert [(c["quantity"], c["head"]) for c in layouts["one"]] == [("loss", ""), ("accuracy", "")]
    assert [(c["quantity"], c["head"]) for c in layouts["race"]] == [
        (quantity, head) for quantity in ("loss", "accuracy") for head in HEAD_NAMES
    ]
    assert layouts["race"][2]["figure"]["layout"]["title"]["text"].startswith("bin_out: loss")


# Colours


def test_eight_heads_have_a_colour_each_and_more_have_other_dashes():
    looks = [(head_colours(place), head_dashes(place)) for place in range(12)]
    assert len(set(looks)) == 12
    for ground in (0, 1):
        assert len({colours[ground] for colours, _ in looks[:8]}) == 8
    assert all(training != validation for _, (training, validation) in looks)


@pytest.mark.parametrize(("index", "theme"), [(0, "light"), (1, "dark")])
def test_colours_stand_out_from_their_ground(index, theme):
    """WCAG 2.2, criteria 1.4.11 (3:1 for lines) and 1.4.3 (4.5:1 for text)."""
    for ground in GROUNDS[theme]:
        for whose, colours in (*enumerate(HEAD_COLOURS), *enumerate(CURVE_COLOURS)):
            assert contrast(colours[index], ground) >= 3, (whose, ground)
        assert contrast(QUIET[index], ground) >= 4.5, ground
    for head, colours in enumerate(HEAD_COLOURS):
        assert contrast(colours[index], BAR_TEXT[theme]) >= 4.5, head


@pytest.mark.parametrize(("index", "theme"), [(0, "light"), (1, "dark")])
@pytest.mark.parametrize("vision", VISION)
def test_colours_stay_apart_for_colour_blind_eyes(vision, index, theme):
    apart = {DISTINCT: (HEAD_COLOURS, LANE_COLOURS), NEARLY: (CURVE_COLOURS,)}
    for far, family in ((far, family) for far, families in apart.items() for family in families):
        seen = {c[index]: lab(VISION[vision] @ linear(c[index])) for c in family}
        assert len(seen) == len(family)
        for one, other in combinations(seen, 2):
            distance = np.linalg.norm(seen[one] - seen[other])
            assert distance >= far, f"{one} and {other}, {theme}: {distance:.1f}"


# Of any heads

MIXED = (
    Head(name="priority", loss="binary_crossentropy", metric="AUC", chance=0.5, chance_loss=0.69),
    Head(name="dose", loss="mean_squared_error", metric="mae", better="lower", chance_loss=2.0),
    Head(name="kind", loss="categorical_crossentropy", metric="accuracy", chance=0.4),
    Head(name="kl", loss="mean_squared_error", metric=None),
)


def test_heads_that_are_alike_share_a_chart_and_others_have_one_each():
    names = [[head.name for _, head in group] for group in alike(MIXED, LOSS)]
    assert names == [["priority", "kind"], ["dose", "kl"]]
    assert [[head.name for _, head in group] for group in alike(MIXED, METRIC)] == [
        ["priority"],
        ["dose"],
        ["kind"],
    ]
    made = figures(MIXED)
    titles = [chart["figure"]["layout"]["title"]["text"] for chart in made["one"]]
    assert titles == [
        "Loss (unweighted, nats)",
        "Loss (unweighted): mean squared error",
        "AUC",
        "MAE",
        "Accuracy",
    ]
    # So many are small, and the page has the names of their curves beside them.
    assert {chart["figure"]["layout"]["height"] for chart in made["one"]} == {250}
    assert not any(chart["figure"]["layout"]["showlegend"] for chart in made["one"])
    assert [chart["quantity"] for chart in made["one"]] == ["loss"] * 2 + ["AUC", "mae", "accuracy"]
    race = [(chart["quantity"], chart["head"]) for chart in made["race"]]
    assert race == [
        *(("loss", name) for name in ("priority", "kind", "dose", "kl")),
        *(("AUC", "priority"), ("mae", "dose"), ("accuracy", "kind")),
    ]


def test_never_accuracy_where_it_is_not():
    for chart in (chart for layout in figures(MIXED).values() for chart in layout):
        is_accuracy = chart["quantity"] == "accuracy"
        layout = chart["figure"]["layout"]
        assert ("ccuracy" in layout["title"]["text"]) == is_accuracy
        assert ("tickformat" in layout["yaxis"]) == is_accuracy


def test_levels_of_chance_are_there_where_they_are_known():
    levels = {
        chart["head"]: [t["meta"]["level"] for t in chart["figure"]["data"] if is_chance(t)]
        for chart in figures(MIXED)["race"]
        if chart["quantity"] == "loss"
    }
    assert levels == {"priority": [0.69], "kind": [], "dose": [2.0], "kl": []}


def is_chance(trace):
    return trace["meta"]["role"] == "chance"
