"""What problems show of their own, through the measurements, against the models themselves."""

import base64

import keras
import numpy as np
import pytest

from core import RunConfig
from core.analysis import snapshot
from core.inside.measurements import Measurements
from core.problems import seen
from core.problems.autoencoder.digits import digits
from core.problems.build import problem_of
from core.problems.detector.boxes import CANVAS
from core.problems.detector.scenes import scenes_of
from core.problems.detector.seen import arrays_of
from core.problems.detector.view import Sighting, found, true
from core.problems.own import OwnConfig
from core.training.program import Program

SURE = {"objectness/bias": lambda value: value + 9, "mrcnn_class_loss/kernel": lambda v: v * 300}


def looked_at(change=None, **settings):
    """The model of a problem at its start, what is kept of a look at it, and what is told of that.

    Args:
        change: By the path of a variable, what is made of its value.
        **settings: Of the problem.
    """
    config = RunConfig(batch_size=16, **settings)
    problem = problem_of(config)
    program = Program(problem, config)
    state = program.initial_state(3)
    paths = [variable.path for variable in problem.model.trainable_variables]
    change = change or {}
    assert set(change) <= set(paths)
    values = zip(paths, state.variables, strict=True)
    moved = [change[path](value) if path in change else value for path, value in values]
    state = state._replace(variables=moved)
    for variable, value in zip(problem.model.trainable_variables, state.variables, strict=True):
        variable.assign(value)
    measurements = Measurements(program, config)
    arrays = measurements.arrays(measurements.look(state, 0), 0, {})
    return problem.model, arrays, seen.as_json(arrays, 0, config)


def pixels(text, side):
    return np.frombuffer(base64.b64decode(text), np.uint8).reshape(side, side)


def mask(text):
    bits = np.unpackbits(np.frombuffer(base64.b64decode(text), np.uint8))
    return bits[: CANVAS**2].reshape(CANVAS, CANVAS).astype(bool)


def test_the_autoencoder_shows_digits_rebuilt_and_draws_of_its_decoder():
    model, arrays, told = looked_at(problem="autoencoder", latent_size=4, hidden_size=16)
    assert told["labels"] == sorted(2 * list(range(10)))
    _, validation = digits()
    for k in (0, 7, 19):
        image, again = (pixels(told[name][k], 8) / 255 for name in ("images", "rebuilt"))
        nearest = np.abs(validation.images - image).max(axis=(1, 2))
        same = nearest.argmin()
        assert nearest[same] < 1 / 255
        assert validation.labels[same] == told["labels"][k]
        expected = model.predict(validation.images[same : same + 1], verbose=0)[0][0]
        np.testing.assert_allclose(again, expected, atol=0.6 / 255)
    error = np.mean((arrays["rebuilt"] / 255.0 - arrays["images"] / 255.0) ** 2)
    assert told["error"] == pytest.approx(error, rel=0.02)
    draws = np.random.default_rng(0).standard_normal((20, 4), np.float32)
    expected = model.get_layer("decoder").predict(draws, verbose=0).reshape(20, 8, 8)
    for text, one in zip(told["drawn"], expected, strict=True):
        np.testing.assert_allclose(pixels(text, 8) / 255, one, atol=0.6 / 255)
    # The head that answers with a class has its matrix beside.
    assert set(snapshot.answers_json(arrays)) == {"class"}


def test_the_detector_shows_what_it_finds_in_the_first_validation_scenes():
    settings = {"problem": "detector", "training_scenes": 32, "most_digits": 2}
    model, arrays, told = looked_at(SURE, **settings)
    scenes = scenes_of(32, 2)[1].first(24)
    assert len(told["scenes"]) == 24
    expected = found(model.predict(scenes.images, verbose=0))
    assert sum(map(len, expected)) > 24, "it says that there is a digit everywhere"
    for shown, image, sightings, there in zip(
        told["scenes"], scenes.images, expected, true(scenes), strict=True
    ):
        np.testing.assert_allclose(pixels(shown["pixels"], CANVAS) / 255, image[..., 0], atol=0.002)
        for side, of_side in (("found", sightings), ("there", there)):
            assert [one["digit"] for one in shown[side]] == [one.digit for one in of_side]
            for one, other in zip(shown[side], of_side, strict=True):
                np.testing.assert_allclose(one["box"], other.box, atol=0.02)
                assert one["score"] == pytest.approx(other.score, abs=1e-3)
                if side == "there":  # of what is found, rounding may turn a pixel
                    np.testing.assert_array_equal(mask(one["mask"]), other.mask)
    assert snapshot.answers_json(arrays) == {}
    assert sum(len(shown["there"]) for shown in told["scenes"]) == (scenes.classes > 0).sum()


def test_what_is_found_is_right_where_the_digit_and_the_place_are(monkeypatch):
    scenes = scenes_of(32, 2)[1].first(3)
    there = true(scenes)
    first = there[0][0]
    other = Sighting((first.digit + 1) % 10, first.box, first.mask, 0.7)
    away = Sighting(first.digit, first.box + 9, first.mask, 0.6)
    monkeypatch.setattr(
        "core.problems.detector.seen.found", lambda _: [[first, other, away], [], there[2]]
    )
    told = seen.as_json(arrays_of([], scenes), 0, RunConfig(problem="detector"))
    shown = told["scenes"][0]["found"]
    assert [one["right"] for one in shown] == [True, False, False]
    assert [one["score"] for one in shown] == [1.0, 0.7, 0.6]
    np.testing.assert_array_equal(mask(shown[0]["mask"]), first.mask)
    assert told["scenes"][1]["found"] == []
    n = sum(map(len, there))
    assert told["recall"] == pytest.approx((1 + len(there[2])) / n, abs=1e-4)


@pytest.mark.parametrize("problem", ["detector", "autoencoder"])
def test_a_state_without_numbers_is_not_kept(problem):
    config = RunConfig(problem=problem, batch_size=16)
    keras.utils.set_random_seed(0)
    program = Program(problem_of(config), config)
    measurements = Measurements(program, config)
    state = program.initial_state(0)
    broken = state._replace(variables=[value * np.nan for value in state.variables])
    assert measurements.arrays(measurements.look(state, 0), 0, {}) is not None
    assert measurements.arrays(measurements.look(broken, 0), 0, {}) is None


def test_a_problem_of_ones_own_has_no_such_view():
    assert RunConfig().view == "pairs"
    own = OwnConfig(problem="tickets", optimizer="Adam", source="abc")
    assert own.view == ""
    assert seen.as_json({}, 0, own) == {}
