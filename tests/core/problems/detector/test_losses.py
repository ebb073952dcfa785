"""The detector's losses and metrics, against loops in NumPy and what can be worked by hand."""

import numpy as np
import pytest
import tensorflow as tf

from core.problems.detector.boxes import N_ANCHORS, REGION, anchors, decode, iou
from core.problems.detector.heads import HEADS
from core.problems.detector.losses import (
    LOSSES,
    class_crossentropy,
    mask_crossentropy,
    objectness_crossentropy,
    smooth_l1,
)
from core.problems.detector.metrics import (
    box_iou,
    class_accuracy,
    mask_iou,
    metrics,
    objectness_accuracy,
)
from core.problems.detector.scenes import scenes_of
from core.problems.detector.targets import targets_of

N = 6


@pytest.fixture(scope="module")
def targets():
    return {name: target[:N] for name, target in targets_of(scenes_of(N, 3)[0]).items()}


@pytest.fixture(scope="module")
def outputs():
    rng = np.random.default_rng(0)
    digits = rng.random((N, N_ANCHORS, 10))
    return {
        "rpn_class_loss": rng.uniform(0.05, 0.95, (N, N_ANCHORS)).astype(np.float32),
        "rpn_bbox_loss": rng.normal(0, 2, (N, N_ANCHORS, 4)).astype(np.float32),
        "mrcnn_class_loss": (digits / digits.sum(axis=2, keepdims=True)).astype(np.float32),
        "mrcnn_bbox_loss": rng.normal(0, 1, (N, N_ANCHORS, 4)).astype(np.float32),
        "mrcnn_mask_loss": rng.normal(0, 2, (N, N_ANCHORS, REGION**2)).astype(np.float32),
    }


def means(counts, value):
    """Of each scene, the mean of `value(scene, anchor)` over the anchors that count."""
    return [
        np.mean([value(scene, anchor) for anchor in np.flatnonzero(counts[scene])])
        for scene in range(N)
    ]


def test_objectness_is_binary_cross_entropy_over_positive_and_negative_anchors(targets, outputs):
    target, output = targets["rpn_class_loss"], outputs["rpn_class_loss"]
    assert (target == -1).any(axis=1).all()  # or else nothing is ignored here
    expected = means(
        target >= 0, lambda s, a: -np.log(output[s, a] if target[s, a] else 1 - output[s, a])
    )
    np.testing.assert_allclose(objectness_crossentropy(target, output), expected, rtol=1e-5)
    right = means(target >= 0, lambda s, a: (output[s, a] > 0.5) == target[s, a])
    np.testing.assert_allclose(objectness_accuracy(target, output), right, rtol=1e-6)
    assert 0 < np.mean(right) < 1


@pytest.mark.parametrize(
    ("distance", "expected"), [(0, 0), (0.5, 0.125), (-0.5, 0.125), (1, 0.5), (3, 2.5), (-3, 2.5)]
)
def test_smooth_l1_of_one_offset(distance, expected):
    target = np.float32([[[1, 2, 3, 4, 1], [9, 9, 9, 9, 0]]])
    output = np.float32([[[1, 2, 3 + distance, 4], [0, 0, 0, 0]]])
    assert float(smooth_l1(target, output)[0]) == pytest.approx(expected)


@pytest.mark.parametrize("head", ["rpn_bbox_loss", "mrcnn_bbox_loss"])
def test_boxes_are_compared_over_positive_anchors(head, targets, outputs):
    target, output = targets[head], outputs[head]

    def huber(s, a):
        return sum(
            0.5 * d**2 if abs(d) < 1 else abs(d) - 0.5
            for d in (target[s, a, :4] - output[s, a]).astype(float)
        )

    counts = target[..., 4] == 1
    np.testing.assert_allclose(smooth_l1(target, output), means(counts, huber), rtol=1e-5)
    # The overlap in pixels, of the boxes where they lie.
    boxes, found = decode(target[..., :4], anchors()), decode(output, anchors())
    overlap = means(counts, lambda s, a: iou(boxes[s, a], found[s, a]))
    np.testing.assert_allclose(box_iou(target, output), overlap, rtol=1e-4)
    assert 0.1 < np.mean(overlap) < 0.9
    np.testing.assert_allclose(box_iou(target, target[..., :4]), 1, rtol=1e-5)


def test_classes_are_compared_over_positive_anchors(targets, outputs):
    target, output = targets["mrcnn_class_loss"], outputs["mrcnn_class_loss"]
    expected = means(target >= 0, lambda s, a: -np.log(output[s, a, target[s, a]]))
    np.testing.assert_allclose(class_crossentropy(target, output), expected, rtol=1e-5)
    expected = means(target >= 0, lambda s, a: output[s, a].argmax() == target[s, a])
    np.testing.assert_allclose(class_accuracy(target, output), expected, rtol=1e-6)
    right = np.eye(10, dtype=np.float32)[target]
    np.testing.assert_allclose(class_accuracy(target, right), 1, rtol=1e-6)


def test_masks_are_compared_where_there_is_a_digit_alone(targets, outputs):
    target, output = targets["mrcnn_mask_loss"], outputs["mrcnn_mask_loss"]

    def own(s, a):
        return target[s, a, :-1], output[s, a].astype(float)

    def crossentropy(s, a):
        pixels, logits = own(s, a)
        share = 1 / (1 + np.exp(-logits))
        return -np.mean(pixels * np.log(share) + (1 - pixels) * np.log(1 - share))

    def overlap(s, a):
        pixels, logits = own(s, a)
        return ((logits > 0) & (pixels > 0)).sum() / ((logits > 0) | (pixels > 0)).sum()

    counts = target[..., -1] > 0
    np.testing.assert_allclose(mask_crossentropy(target, output), means(counts, crossentropy), 1e-5)
    np.testing.assert_allclose(mask_iou(target, output), means(counts, overlap), rtol=1e-5)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_what_does_not_count_changes_nothing(head, targets, outputs):
    loss, metric = LOSSES[head.name], metrics()[head.name]
    target, output = targets[head.name], outputs[head.name].copy()
    before = np.array(loss(target, output)), float(metric(target, output))
    ignored = targets["rpn_class_loss"] == -1
    output[ignored] = 1 - output[ignored]
    metric.reset_state()
    np.testing.assert_array_equal(loss(target, output), before[0])
    assert float(metric(target, output)) == before[1]


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_a_scene_without_anything_that_counts_scores_nothing(head, targets, outputs):
    target = np.zeros_like(targets[head.name])
    if head.metric == "accuracy":
        target -= 1
    np.testing.assert_array_equal(LOSSES[head.name](target, outputs[head.name]), 0)
    assert float(metrics()[head.name](target, outputs[head.name])) == 0


@pytest.mark.parametrize("head", [head for head in HEADS if head.chance], ids=lambda h: h.name)
def test_the_level_of_chance_is_what_the_same_answer_everywhere_scores(head):
    target = targets_of(scenes_of(1000, 3)[0])[head.name]
    n = 2 if head.name == "rpn_class_loss" else 10
    shape = target.shape if n == 2 else (*target.shape, n)
    loss = LOSSES[head.name](target, np.full(shape, 1 / n, np.float32))
    np.testing.assert_allclose(loss, head.chance_loss, rtol=1e-5)
    always = np.zeros(shape, np.float32)
    if n == 10:
        always[..., 3] = 1  # each digit comes up as often, but for chance
    assert float(metrics()[head.name](target, always)) == pytest.approx(head.chance, abs=0.02)


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.name)
def test_losses_and_their_gradients_are_the_same_in_lanes(head, targets, outputs):
    target = tf.constant(targets[head.name])
    lanes = tf.constant(np.stack([outputs[head.name], outputs[head.name] * 0.5]))

    def one(output):
        with tf.GradientTape() as tape:
            tape.watch(output)
            loss = tf.reduce_mean(LOSSES[head.name](target, output))
        return loss, tape.gradient(loss, output)

    losses, gradients = tf.function(lambda lanes: tf.vectorized_map(one, lanes))(lanes)
    for i in range(2):
        loss, gradient = one(lanes[i])
        np.testing.assert_allclose(losses[i], loss, rtol=1e-5)
        np.testing.assert_allclose(gradients[i], gradient, atol=1e-7)
        assert np.isfinite(gradient).all()
