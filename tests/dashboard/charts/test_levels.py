"""Words on the levels of chance: never one over another, nor beyond the plot."""

from itertools import product

import pytest

TALL = 16  # px of a line of words
HEIGHT = 200
TWO = ("chance, ln 100", "chance, ln 2")


@pytest.fixture
def words(script):
    """What is written at levels, by name and px from above."""
    call = script(levels="charts/levels.js")

    def words(*at, names=TWO, height=HEIGHT):
        levels = [{"name": name, "at": y} for name, y in zip(names, at, strict=False)]
        return call("levels.levelWords(given.levels, given.height)", levels=levels, height=height)

    return words


def test_far_apart_each_stands_above_its_own_line(words):
    assert words(50, 120) == [{"text": name, "position": "top left"} for name in TWO]
    assert words(120, 50, names=TWO[::-1]) == [
        {"text": name, "position": "top left"} for name in TWO[::-1]
    ]


def test_close_together_both_stand_at_the_upper_line(words):
    assert words(190, 199) == [
        {"text": "chance, ln 100 and ln 2", "position": "top left"},
        {"text": "", "position": "top left"},
    ]
    upper = words(199, 190)
    assert [one["text"] for one in upper] == ["", "chance, ln 2 and ln 100"]


def test_where_there_is_no_room_above_they_stand_below(words):
    assert words(5, 120)[0] == {"text": TWO[0], "position": "bottom left"}
    # Those of the next may not stand above its line then.
    assert [one["text"] for one in words(5, 25)] == ["", "chance, ln 100 and ln 2"]


def test_nothing_is_written_at_what_is_out_of_sight(words):
    assert [one["text"] for one in words(-3, 50)] == ["", TWO[1]]
    assert [one["text"] for one in words(50, 201)] == [TWO[0], ""]
    assert words(150) == [{"text": TWO[0], "position": "top left"}]


def test_wherever_the_lines_are_no_two_words_overlap(words):
    for one, other in product(range(0, 201, 4), repeat=2):
        boxes = []
        for at, told in zip((one, other), words(one, other), strict=True):
            if told["text"]:
                top = at if told["position"] == "bottom left" else at - TALL
                assert top >= 0, (one, other)
                assert top + TALL <= HEIGHT, (one, other)
                boxes.append(top)
        assert boxes
        assert len(boxes) == 1 or abs(boxes[0] - boxes[1]) >= TALL, (one, other)
