"""What a map says in numbers and colours, in JavaScript, by hand."""

import pytest


@pytest.fixture
def values(script):
    return script(values="map/values.js")


def test_colours_tell_the_good_ones_apart(values):
    """They reach three times as far below the median as the best is above it, and no further."""
    found = values(
        """[
            values.colourRange([0.01, 0.01, 0.9, 0.92, 0.94], 1),
            values.colourRange([4.6, 0.3, 0.2], -1),
            values.colourRange([0.5, 0.5], 1), values.colourRange([], 1),
        ]"""
    )
    assert found[0] == pytest.approx([0.82, 0.94])
    assert found[1] == pytest.approx([0.2, 0.5])
    assert found[2][0] < 0.5 < found[2][1]
    assert found[3] == [0, 1]


def test_colours_are_from_chance_to_the_best_there_can_be_while_a_map_trains(values):
    found = values(
        """[[0.01, 0.9], [0.2, 0.3], []].flatMap((seen) => [
            values.colourScale(seen, 1, 0.01, true),
            values.colourScale(seen, -1, 4.6, true),
        ])"""
    )
    assert [scale["range"] for scale in found] == [[0.01, 1], [0, 4.6]] * 3
    assert {scale["told"] for scale in found} == {"scale fixed"}
    fitted = values("values.colourScale([0.5, 0.9, 0.94], 1, 0.01, false)")
    assert fitted["told"] == "scale fitted"
    assert fitted["range"] == pytest.approx([0.82, 0.94])


def test_the_colour_bar_says_where_chance_is_and_what_is_beyond_its_ends(values):
    found = values(
        """[
            values.ticks(0.01, 1, [0.004, 0.8], true, 0.01), values.ticks(0, 4.6, [5], false, 4.6),
            values.ticks(0.6, 1, [0.5], true, 0.01),
        ].map(({ ticktext }) => ticktext)"""
    )
    assert found[0][0] == "≤ chance, 1 %"
    assert found[0][4] == "100 %"
    assert found[1][4] == "≥ chance, 4.6"
    assert found[2][0] == "≤ 60 %"


def test_axes_of_the_front_are_from_chance_to_1_while_a_map_trains(values):
    moving, ended = values(
        "[true, false].map((is) => values.frontRange([0.88, 0.9, 0.92], [0.92], 0.5, is))"
    )
    assert moving == pytest.approx([0.47, 1.03])
    assert ended[0] > 0.8


def test_time_left_is_told_once_it_is_known(values):
    """By hand: a tenth each second after a first chunk that took ten."""
    told = values(
        """[
            [0, 0], [1, 0.01], [11, 0.1], [11.5, 0.15], [12, 0.2], [13, 0.3], [13.5, 0.3],
            [25, 0.3],
        ].reduce(({ past, told }, [time, progress]) => {
            const now = values.seen(past, time, progress)
            return { past: now, told: [...told, values.timeLeft(now, time)] }
        }, { past: [], told: [] }).told"""
    )
    assert told[:4] == [None] * 4, "a first step, a first chunk, and half a second tell nothing"
    assert told[4:7] == pytest.approx([8, 7, 6.5]), "it goes on between two records"
    assert told[7] is None, "it has turned out to be wrong"


def test_time_left_is_told_from_what_was_of_late(values):
    """Ten times as fast at first."""
    left = values(
        """(() => {
            let past = []
            const progress = (s) => s <= 5 ? s / 10 : 0.5 + (s - 5) / 100
            for (let s = 1; s <= 40; s++) past = values.seen(past, s, progress(s))
            return values.timeLeft(past, 40)
        })()"""
    )
    assert left == pytest.approx(15)
