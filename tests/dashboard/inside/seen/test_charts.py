"""What is said below the charts of what a model sees."""

import pytest

OPTIONS = "{ snapshot: given.snapshot, head: 'bin_out' }"
SAID = f"charts.Distances.prototype.inWords.call({{ options: {OPTIONS} }})"
SNAPSHOT = {
    "histogram": {"edges": [0, 1, 2], "same": [4, 0], "different": [0, 4]},
    "threshold": {"distance": 1.0, "agreement": 0.95},
    "is_collapsed": False,
    "same": [0.9, 0.1],
}


@pytest.fixture
def say(script):
    call = script(charts="inside/seen/charts.js")
    return lambda **other: call(SAID, snapshot=SNAPSHOT | other)


def test_a_threshold_stands_for_answers_that_differ(say):
    said = say()
    assert "Closer than 1 is “same”: this one distance reproduces 95.0 %" in said
    assert "0.5 apart on average, the different ones 1.5" in said


def test_where_all_embeddings_are_one_no_distance_is_spoken_of(say):
    for threshold in (None, SNAPSHOT["threshold"]):
        said = say(is_collapsed=True, threshold=threshold)
        assert said.startswith("All images get the same embedding")
        assert "Closer than" not in said


def test_one_answer_for_all_is_told_as_such(say):
    assert "bin_out's answer is “same” for every pair" in say(threshold=None, same=[0.9, 0.8])
    assert "bin_out's answer is “different” for every" in say(threshold=None, same=[0.2, 0.3])
