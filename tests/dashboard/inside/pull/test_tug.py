"""Which two heads meet in which layer, as rows of a chart."""

import pytest

LAYERS = [
    {"name": "trunk.one", "trunk": True, "heads": ["a", "b", "c", "d"]},
    {"name": "half", "trunk": True, "heads": ["b", "d"]},
    {"name": "own", "trunk": False, "heads": ["a"]},
]


@pytest.fixture
def rows(script):
    call = script(tug="inside/pull/tug.js")
    return lambda **given: call("tug.rowsOf(given)", **given)


def test_a_row_is_where_two_heads_meet_in_a_shared_layer(rows):
    found = [row["column"] for row in rows(layers=LAYERS)]
    pairs = ["a.b", "a.c", "a.d", "b.c", "b.d", "c.d"]
    assert found == [f"layer_cosine.trunk.one.{pair}" for pair in pairs] + ["layer_cosine.half.b.d"]


def test_with_one_head_rows_are_those_where_it_meets_others(rows):
    found = rows(layers=LAYERS, ofHead="d")
    assert [row["column"].removeprefix("layer_cosine.") for row in found] == [
        *(f"trunk.one.{head}.d" for head in "abc"),
        "half.b.d",
    ]
    assert [row["said"] for row in found][-1] == "half: b"
    assert rows(layers=LAYERS, ofHead="a")[-1]["said"] == "trunk.one: d"
