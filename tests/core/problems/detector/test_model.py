"""The detector: its wiring, its size, and that it learns."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from core import RunConfig
from core.problems import heads_of, numbers_of_lane, presets_of
from core.problems.detector.align import RegionAlign
from core.problems.detector.boxes import CANVAS, N_ANCHORS, REGION, anchors, encode
from core.problems.detector.heads import HEADS
from core.problems.detector.model import build_model
from core.problems.detector.presets import PRESETS
from core.problems.detector.problem import BETTER, compiled, examples
from core.problems.detector.scenes import scenes_of
from core.problems.detector.size import n_parameters
from core.problems.detector.targets import targets_of
from core.problems.detector.view import Sighting, found, recall, true
from core.problems.making.problem import Problem
from core.run.heads import names_of

NAMES = [
    "rpn_class_loss",
    "rpn_bbox_loss",
    "mrcnn_class_loss",
    "mrcnn_bbox_loss",
    "mrcnn_mask_loss",
]


def settings(**more):
    return RunConfig(problem="detector", **more)


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    return build_model(settings())


def test_outputs_in_the_order_of_the_heads(model):
    assert model.output_names == NAMES == list(names_of(heads_of(settings())))
    assert [tuple(output.shape[1:]) for output in model.outputs] == [
        (N_ANCHORS,),
        (N_ANCHORS, 4),
        (N_ANCHORS, 10),
        (N_ANCHORS, 4),
        (N_ANCHORS, REGION**2),
    ]


@pytest.mark.parametrize("channels", [4, 20, 32])
def test_its_size_is_told_without_building_it(channels):
    config = settings(channels=channels)
    assert build_model(config).count_params() == n_parameters(config)
    assert numbers_of_lane(config) == 3 * n_parameters(config)  # adam keeps two numbers of each


def test_a_region_is_what_the_map_shows_within_the_box():
    # A map that says of each place where it is: then so does a region of it.
    places = (np.arange(CANVAS) + 0.5).astype(np.float32)
    where = np.stack(np.meshgrid(places, places, indexing="ij"), axis=-1)[None]
    middles = (anchors()[:, :2] + anchors()[:, 2:]) / 2 + [1, -2]
    half = np.array([5, 3])
    boxes = np.concatenate([middles - half, middles + half], axis=1)
    regions = RegionAlign(2)(where, encode(boxes, anchors())[None])
    regions = np.reshape(regions, (N_ANCHORS, 2, 2, 2))
    # The middles of the four quarters; beyond the canvas there is nothing but its edge.
    quarters = np.array([[(-2.5, -1.5), (-2.5, 1.5)], [(2.5, -1.5), (2.5, 1.5)]])
    expected = np.clip(middles[:, None, None] + quarters, 0.5, CANVAS - 0.5)
    np.testing.assert_allclose(regions, expected, atol=1e-4)


def test_no_gradient_flows_through_a_proposal(model):
    scene = tf.constant(scenes_of(4, 3)[0].images)
    with tf.GradientTape() as tape:
        second = tf.reduce_sum(model(scene)[3] ** 2)
    of_first_box = model.get_layer("rpn_bbox_loss").trainable_variables
    assert tape.gradient(second, of_first_box) == [None, None]


def test_all_heads_reach_the_shared_layers(model):
    scene = tf.constant(scenes_of(4, 3)[0].images)
    kernels = [model.get_layer(f"conv_{i}").kernel for i in (1, 2, 3)]
    for h in range(5):
        with tf.GradientTape() as tape:
            total = tf.reduce_sum(model(scene)[h] ** 2)
        assert all(np.abs(g).max() > 0 for g in tape.gradient(total, kernels)), NAMES[h]


def test_presets_weigh_the_five_losses():
    assert presets_of(settings()) == PRESETS
    assert len({preset.name for preset in PRESETS}) == len(PRESETS)
    # The first are the defaults.
    assert PRESETS[0].weights.as_tuple() == tuple(head.default_weight for head in HEADS)
    for preset in PRESETS:
        assert list(preset.weights.root) == NAMES
        assert preset.weights == preset.weights.complete(HEADS)


def test_the_heads_are_what_compile_was_given():
    config = settings(training_scenes=64)
    training, validation = examples(config)
    problem = Problem.of(compiled(config), training, validation, better=BETTER)
    facts = ("name", "default_weight", "loss", "metric", "better")
    for head, known in zip(problem.heads, heads_of(config), strict=True):
        assert [getattr(head, f) for f in facts] == [getattr(known, f) for f in facts]


def test_it_begins_at_the_level_of_chance_and_becomes_good():
    keras.utils.set_random_seed(0)
    config = settings(training_scenes=2000)
    model = compiled(config)
    training, validation = examples(config)

    def scores():
        return model.evaluate(*validation, batch_size=128, verbose=0, return_dict=True)

    before = scores()
    for head in HEADS:
        if head.chance_loss:
            assert before[f"{head.name}_loss"] == pytest.approx(head.chance_loss, rel=0.1)
    assert before["mrcnn_mask_loss_loss"] == pytest.approx(np.log(2), rel=0.1)
    assert before["mrcnn_bbox_loss_mean_IoU"] < 0.55

    model.fit(*training, batch_size=16, epochs=3, verbose=0)
    after = scores()
    assert after["rpn_class_loss_accuracy"] > 0.93
    assert after["rpn_bbox_loss_mean_IoU"] > 0.75
    assert after["mrcnn_class_loss_accuracy"] > 0.75
    assert after["mrcnn_bbox_loss_mean_IoU"] > 0.77
    assert after["mrcnn_mask_loss_mean_IoU"] > 0.55

    scenes = scenes_of(2000, 3)[1]
    seen = found(model.predict(scenes.images, verbose=0))
    assert recall(seen, true(scenes)) > 0.6
    # Hardly anything is seen that is not there.
    assert sum(map(len, seen)) < 1.2 * (scenes.classes > 0).sum()
    for sightings in seen:
        assert all(0.5 <= s.score <= 1 and s.mask.shape == (CANVAS, CANVAS) for s in sightings)


def test_outputs_that_say_what_is_true_are_seen_as_it_is():
    scenes = scenes_of(40, 3)[0]
    targets = targets_of(scenes)
    digit = np.maximum(targets["mrcnn_class_loss"], 0)
    masks = 2.0 * targets["mrcnn_mask_loss"][..., :-1] - 1
    seen = found(
        [
            (targets["rpn_class_loss"] == 1).astype(np.float32),
            np.zeros((40, N_ANCHORS, 4), np.float32),
            np.eye(10, dtype=np.float32)[digit],
            targets["mrcnn_bbox_loss"][..., :4],
            masks,
        ]
    )
    there = true(scenes)
    assert recall(seen, there) == 1
    for sightings, digits in zip(seen, there, strict=True):
        assert len(sightings) == len(digits)  # one each, although several anchors saw some
        for one in digits:
            (same,) = [s for s in sightings if np.allclose(s.box, one.box, atol=1e-3)]
            assert same.digit == one.digit
            assert not (same.mask & ~one.mask).any()
            assert same.mask.sum() > 0.75 * one.mask.sum()


def test_recall_counts_the_right_digit_in_the_right_place():
    nothing = np.zeros((CANVAS, CANVAS), bool)
    one = Sighting(3, np.float32([0, 0, 8, 8]), nothing)
    wrong = Sighting(4, np.float32([0, 0, 8, 8]), nothing)
    far = Sighting(3, np.float32([0, 6, 8, 14]), nothing)
    assert recall([[one], [wrong], [far], []], [[one]] * 4) == 1 / 4
