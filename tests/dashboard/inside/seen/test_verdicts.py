"""What heads say of a pair."""

import pytest


@pytest.fixture
def says(script):
    """Calls an expression of `verdicts` and `given`."""
    return script(verdicts="inside/seen/verdicts.js")


def test_a_verdict_calls_classes_by_their_names(says):
    snapshot = {
        "classes": ["bee", "cat"],
        "labels": [[1, 0, 0]],
        "top": {"one": {"classes": [[0]], "p": [[0.7]]}, "two": {"classes": [[0]], "p": [[0.6]]}},
        "right": {"one": [0.2], "two": [0.6]},
    }
    given = {"snapshot": snapshot}
    told = says("verdicts.verdict(given.snapshot, 'one', 0)", **given)
    assert told == {"says": "bee", "is": "cat", "sure": 0.7, "isRight": False}
    told = says("verdicts.verdict(given.snapshot, 'two', 0)", **given)
    assert (told["says"], told["is"], told["isRight"]) == ("bee", "bee", True)
