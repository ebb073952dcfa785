"""The pairs that are shown before anything was trained are validation pairs of the default data."""

import json

import numpy as np

from core.places import PROJECT
from core.problems.siamese.examples import LEVELS, examples
from core.problems.siamese.pairs import load_dataset


def test_the_file_is_what_its_command_writes():
    file = PROJECT / "dashboard" / "explore" / "examples.json"
    assert json.loads(file.read_text(encoding="utf-8")) == examples()


def test_they_are_validation_pairs_with_their_answers_and_as_many_same_as_different():
    validation = load_dataset("digits").validation
    shown = examples()
    pairs = shown["pairs"]
    assert [pair["same"] for pair in pairs] == [False, True] * 3
    for pair in pairs:
        size = (shown["height"], shown["width"])
        image = np.reshape(pair["images"][0], size) / LEVELS
        (index,) = np.flatnonzero(np.isclose(validation.img_1[..., 0], image).all(axis=(1, 2)))[:1]
        assert pair["classes"] == [f"{number:02d}" for number in validation.labels[index, :2]]
        assert pair["same"] == validation.labels[index, 2]
