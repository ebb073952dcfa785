"""What the browser makes of measurements of any model: rows, numbers, masks, in words."""

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error, r2_score

LAYERS = [
    {"name": "trunk.one", "trunk": True, "heads": ["a", "b", "c", "d"]},
    {"name": "half", "trunk": True, "heads": ["b", "d"]},
    {"name": "own", "trunk": False, "heads": ["a"]},
]


@pytest.fixture
def rows(script):
    call = script(tug="inside/tug.js")
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


@pytest.fixture
def numbers(script):
    return script(numbers="inside/numbers.js")


def test_numbers_are_told_with_what_is_left_of_their_differences(numbers):
    rng = np.random.default_rng(0)
    true = rng.normal(5, 3, 60)
    given = true + rng.normal(0, 1, 60)
    both = {"true": true.tolist(), "given": given.tolist()}
    off = numbers("numbers.off(given.true, given.given)", **both)
    assert off == pytest.approx(mean_absolute_error(true, given))
    words = numbers("numbers.explained(given.true, given.given)", **both)
    assert f"R² {r2_score(true, given):.3f}" in words
    same = {"true": [2, 2], "given": [1, 3]}
    assert numbers("numbers.explained(given.true, given.given)", **same) == ""


def test_masks_and_sightings_are_read_as_they_were_written(script):
    scenes = script(scenes="inside/scenes.js")
    mask = np.random.default_rng(1).random(24 * 24) > 0.5
    packed = np.packbits(mask).tolist()
    found = scenes("scenes.bits(Uint8Array.from(given.packed), 576)", packed=packed)
    assert found == mask.astype(int).tolist()
    sightings = [
        {"digit": 3, "score": 0.98, "right": True},
        {"digit": 7, "score": 0.6, "right": False},
    ]
    call = "scenes.told(given.sightings, given.scored)"
    told = scenes(call, sightings=sightings, scored=True)
    assert told == "3 (98 %), 7 (60 %, ✗ wrong)"
    assert scenes(call, sightings=sightings, scored=False) == "3, 7"
    assert scenes(call, sightings=[], scored=True) == "nothing"
