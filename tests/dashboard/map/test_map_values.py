"""What a map says in numbers and colours, in JavaScript, by hand."""

import pytest


@pytest.fixture
def values(script):
    return script(values="map/values.js")


def test_colours_tell_the_good_ones_apart(script):
    """They reach three times as far below the median as the best is above it, and no further."""
    found = script(values="map/values.js")(
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
