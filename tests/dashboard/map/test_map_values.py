"""What a map says in numbers and colours, in JavaScript, by hand."""

import pytest


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
