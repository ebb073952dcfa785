"""Scenes of digits, and what each anchor is to answer of them."""

import numpy as np
import pytest

from core import RunConfig
from core.data.digits import digit_parts
from core.problems.detector.boxes import CANVAS, N_ANCHORS, REGION, anchors, decode, iou, regions
from core.problems.detector.scenes import INK, draw_scenes, enlarge, ink_box, scenes_of
from core.problems.detector.targets import targets_of


@pytest.fixture(scope="module")
def parts():
    return scenes_of(300, 3)


@pytest.fixture(scope="module")
def training(parts):
    return parts[0]


@pytest.fixture(scope="module")
def targets(training):
    return targets_of(training)


def digits_of(scenes):
    """Of each digit there is: scene, index, and its box as whole numbers."""
    for scene, k in np.argwhere(scenes.classes):
        yield scene, k, scenes.boxes[scene, k].astype(int)


def test_a_digit_is_one_of_its_own_part_and_of_no_other(parts):
    digits = [images for images, _ in digit_parts()]
    labels = [labels for _, labels in digit_parts()]
    for part, scenes in enumerate(parts):
        # Where nothing faint lies over it, what is within the box is an enlarged digit's ink.
        known = [{}, {}]
        for p in (0, 1):
            for side in range(8, 12):
                for image, label in zip(enlarge(digits[p], side), labels[p], strict=True):
                    top, left, bottom, right = ink_box(image >= INK)
                    ink = image[top:bottom, left:right]
                    known[p][np.where(ink >= INK, ink, 0).tobytes()] = label
        found = 0
        for scene, k, (top, left, bottom, right) in digits_of(scenes):
            within = scenes.images[scene, top:bottom, left:right, 0]
            own = scenes.owners[scene, top:bottom, left:right] == k + 1
            key = np.where(own, within, 0).tobytes()
            assert known[part][key] == scenes.classes[scene, k] - 1
            assert key not in known[1 - part]
            found += 1
        assert found >= len(scenes)


def test_boxes_are_the_smallest_around_the_ink_and_do_not_overlap(training):
    for scene, k, box in digits_of(training):
        np.testing.assert_array_equal(ink_box(training.owners[scene] == k + 1), box)
        others = np.delete(training.boxes[scene], k, axis=0)
        assert not iou(training.boxes[scene, k], others).any()


def test_shapes_types_and_numbers(parts):
    for scenes, n in zip(parts, (300, 128), strict=True):
        assert len(scenes) == n
        assert scenes.images.shape == (n, CANVAS, CANVAS, 1)
        assert scenes.images.dtype == np.float32
        assert (scenes.images.min(), scenes.images.max()) == (0, 1)
        counts = (scenes.classes > 0).sum(axis=1)
        assert set(counts) == {1, 2, 3}
        assert set(scenes.classes.ravel()) == set(range(11))


def test_scenes_do_not_depend_on_the_seed_nor_validation_on_the_training():
    from core.problems.detector.problem import examples

    def scenes(**settings):
        return [x for x, _ in examples(RunConfig(problem="detector", **settings))]

    first = scenes(training_scenes=50)
    for same, other in zip(first, scenes(training_scenes=50, seed=7), strict=True):
        np.testing.assert_array_equal(same, other)
    training, validation = scenes(training_scenes=60)
    np.testing.assert_array_equal(validation, first[1])
    assert len(training) == 60


def test_enlarging_keeps_what_is_even_and_the_size_that_it_has():
    rng = np.random.default_rng(0)
    image = rng.random((1, 8, 8), np.float32)
    np.testing.assert_allclose(enlarge(image, 8), image, atol=1e-6)
    np.testing.assert_allclose(enlarge(np.ones((1, 8, 8), np.float32), 11), 1, rtol=1e-5)
    ramp = np.tile(np.arange(8, dtype=np.float32), (8, 1))[None]
    # Linear between the centres of pixels: of 16 places along 8 pixels, place i is at i/2 - 1/4.
    expected = np.clip(np.arange(16) / 2 - 0.25, 0, 7)
    np.testing.assert_allclose(enlarge(ramp, 16)[0, 0], expected, atol=1e-5)


def test_every_digit_has_an_anchor_and_all_that_overlap_it_by_half(training, targets):
    counts = targets["rpn_class_loss"]
    overlap = iou(anchors()[:, None], training.boxes[:, None])  # (N, A, M)
    for scene, k, _ in digits_of(training):
        assert counts[scene, overlap[scene, :, k].argmax()] == 1
    assert (counts[overlap.max(axis=2) >= 0.5] == 1).all()
    # None counts as background that overlaps a digit by 0.3 or more.
    assert overlap.max(axis=2)[counts == 0].max() < 0.3
    assert set(counts.ravel()) == {-1, 0, 1}


def test_as_many_anchors_without_a_digit_count_as_with_one(targets):
    counts = targets["rpn_class_loss"]
    np.testing.assert_array_equal((counts == 0).sum(axis=1), (counts == 1).sum(axis=1))


def test_positive_anchors_are_told_the_box_the_class_and_the_pixels_of_one_digit(training, targets):
    offsets, masks = targets["rpn_bbox_loss"], targets["mrcnn_mask_loss"]
    for scene, anchor in np.argwhere(targets["rpn_class_loss"] == 1):
        box = decode(offsets[scene, anchor, :4], anchors()[anchor])
        (k,) = np.flatnonzero(np.isclose(training.boxes[scene], box, atol=1e-3).all(axis=1))
        assert offsets[scene, anchor, 4] == 1
        assert targets["mrcnn_class_loss"][scene, anchor] == training.classes[scene, k] - 1
        assert masks[scene, anchor, -1] == 1
        top, left = regions()[anchor, :2].astype(int)
        pixels = masks[scene, anchor, :-1].reshape(REGION, REGION)
        for y, x in [(0, 0), (5, 6), (7, 7), (REGION - 1, REGION - 1)]:
            inside = 0 <= top + y < CANVAS and 0 <= left + x < CANVAS
            owner = training.owners[scene, top + y, left + x] if inside else 0
            assert pixels[y, x] == (owner == k + 1)
    np.testing.assert_array_equal(offsets, targets["mrcnn_bbox_loss"])


def test_other_anchors_count_for_nothing_but_the_question_whether_there_is_a_digit(targets):
    others = targets["rpn_class_loss"] != 1
    assert not targets["rpn_bbox_loss"][others].any()
    assert not targets["mrcnn_mask_loss"][others].any()
    assert (targets["mrcnn_class_loss"][others] == -1).all()


def test_hardly_any_ink_lies_beyond_the_region_in_which_its_mask_is_drawn(training, targets):
    shown = targets["mrcnn_mask_loss"][..., :-1].sum(axis=2)
    lost = []
    for scene, anchor in np.argwhere(targets["rpn_class_loss"] == 1):
        k = np.isclose(
            training.boxes[scene],
            decode(targets["rpn_bbox_loss"][scene, anchor, :4], anchors()[anchor]),
            atol=1e-3,
        ).all(axis=1)
        ink = (training.owners[scene] == np.flatnonzero(k)[0] + 1).sum()
        lost.append(1 - shown[scene, anchor] / ink)
    assert np.mean(lost) < 0.03


def test_a_scene_of_one_digit_has_one():
    images, labels = digit_parts()[1]
    scenes = draw_scenes(images, labels, 20, 1, np.random.default_rng(0))
    assert scenes.boxes.shape == (20, 1, 4)
    assert scenes.classes.all()
    assert targets_of(scenes)["rpn_class_loss"].shape == (20, N_ANCHORS)
