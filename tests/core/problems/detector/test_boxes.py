"""Boxes against sums worked by hand."""

import numpy as np
import pytest

from core.problems.detector.boxes import (
    ANCHOR,
    CANVAS,
    N_ANCHORS,
    STRIDE,
    anchors,
    decode,
    encode,
    iou,
    regions,
    suppress,
)


def test_anchors_stand_around_the_centres_of_the_cells():
    centres = (anchors()[:, :2] + anchors()[:, 2:]) / 2
    along = np.arange(STRIDE / 2, CANVAS, STRIDE)
    np.testing.assert_array_equal(centres, [(y, x) for y in along for x in along])
    np.testing.assert_array_equal(anchors()[:, 2:] - anchors()[:, :2], [ANCHOR] * N_ANCHORS)
    np.testing.assert_array_equal((regions()[:, :2] + regions()[:, 2:]) / 2, centres)


@pytest.mark.parametrize(
    ("box", "other", "expected"),
    [
        ((0, 0, 2, 2), (0, 0, 2, 2), 1),
        ((0, 0, 2, 2), (0, 1, 2, 3), 2 / 6),  # 2 pixels of 4 + 4 - 2
        ((0, 0, 4, 4), (1, 1, 3, 3), 4 / 16),
        ((0, 0, 2, 2), (2, 0, 4, 2), 0),  # side by side
        ((0, 0, 2, 2), (3, 3, 5, 5), 0),  # both ends are apart: no product of two negatives
        ((0, 0, 2, 2), (0, 0, 0, 0), 0),
        ((0, 0, 0, 0), (0, 0, 0, 0), 0),
    ],
)
def test_intersection_over_union(box, other, expected):
    assert iou(np.float32(box), np.float32(other)) == pytest.approx(expected)


def test_offsets_of_a_box_worked_by_hand():
    # Centre (6, 6) of sides (8, 4), from centre (5, 4) of sides (10, 8).
    offsets = encode(np.float32([2, 4, 10, 8]), np.float32([0, 0, 10, 8]))
    expected = [1 / 10 / 0.1, 2 / 8 / 0.1, np.log(8 / 10) / 0.2, np.log(4 / 8) / 0.2]
    np.testing.assert_allclose(offsets, expected, rtol=1e-6)


def test_what_is_encoded_is_decoded_again():
    rng = np.random.default_rng(0)
    corners = rng.uniform(-5, 20, size=(N_ANCHORS, 2))
    boxes = np.concatenate([corners, corners + rng.uniform(1, 15, corners.shape)], axis=1)
    np.testing.assert_allclose(decode(encode(boxes, anchors()), anchors()), boxes, atol=1e-4)


def test_of_boxes_that_overlap_the_surest_stays():
    boxes = np.float32([[0, 0, 4, 4], [0, 1, 4, 5], [10, 10, 14, 14], [0, 3, 4, 7]])
    scores = np.float32([0.8, 0.9, 0.7, 0.6])
    # 1 is the surest. It overlaps 0 by 12 / 20 and 3 by 8 / 24.
    assert suppress(boxes, scores, 0.5) == [1, 2, 3]
    assert suppress(boxes, scores, 0.3) == [1, 2]
    assert suppress(boxes[:0], scores[:0], 0.3) == []
