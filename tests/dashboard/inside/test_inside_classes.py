"""Classes as classes: where an axis names them, which are in colour, what they are called."""

import pytest


@pytest.fixture
def classes(script):
    """Calls an expression of `classes` and `given`."""
    return script(classes="inside/classes.js")


@pytest.mark.parametrize(
    ("span", "n", "most", "places"),
    [
        ([-0.5, 3.5], 4, 20, [0, 1, 2, 3]),
        ([99.5, -0.5], 100, 20, list(range(0, 100, 5))),  # as an axis from above
        ([-0.5, 99.5], 100, 12, list(range(0, 100, 10))),
        ([12.5, 99.5], 100, 10, list(range(20, 100, 10))),
        ([40.2, 46.7], 100, 20, [41, 42, 43, 44, 45, 46]),
        ([7.1, 7.4], 100, 20, []),
        ([-0.5, 999.5], 1000, 10, list(range(0, 1000, 100))),
        ([-0.5, 1.5], 2, 0, [0]),
    ],
)
def test_an_axis_names_whole_classes_only_and_no_more_than_fit(classes, span, n, most, places):
    given = {"range": span, "n": n, "most": most}
    found = classes("classes.ticks(given.range, given.n, given.most)", **given)
    assert found == places


def test_those_confused_most_come_first_and_among_equals_the_frequent(classes):
    snapshot = {
        "labels": [[0, 1, 0], [2, 2, 1], [3, 4, 0], [4, 4, 1]],
        "confusion": {
            "ctg_out_1": [[0, 0, 9], [1, 2, 3], [3, 3, 5]],
            "ctg_out_2": [[2, 1, 1], [2, 3, 2]],
        },
    }
    # Taken for others, or others for them: 1 four times, 2 six times, 3 twice; 4 comes up most.
    found = classes("classes.confused(given.snapshot, 4)", snapshot=snapshot)
    assert found == [2, 1, 3, 4]
    assert classes("classes.confused(given.snapshot, 2)", snapshot=snapshot) == [2, 1]


def test_a_class_that_stays_in_colour_keeps_its_colour(classes):
    given = {"before": [5, 7, 9, None], "wanted": [9, 1, 5, 2]}
    assert classes("classes.seated(given.before, given.wanted, 4)", **given) == [5, 1, 9, 2]
    given = {"before": [], "wanted": [3]}
    assert classes("classes.seated(given.before, given.wanted, 3)", **given) == [3, None, None]


def test_names_are_no_html_and_long_ones_keep_both_ends(classes):
    for name, shown in (
        ("cat", "cat"),
        ("a & <b>", "a &amp; &lt;b&gt;"),
        ("extraordinary cat", "extraord…ry cat"),
        ("extraordinary dog", "extraord…ry dog"),
    ):
        assert classes("classes.short(given.name)", name=name) == shown
