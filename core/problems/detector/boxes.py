"""Boxes, and the fixed grid of anchors that they are told from; NumPy alone.

A box is (top, left, bottom, right) in pixels, bottom and right exclusive.
"""

import numpy as np

CANVAS = 24  # pixels, height and width of a scene
STRIDE = 6  # pixels from one anchor to the next
CELLS = CANVAS // STRIDE
N_ANCHORS = CELLS**2
ANCHOR = (10, 8)  # pixels, height and width: those of an average digit
REGION = 14  # pixels, side of the square around each anchor in which a mask is drawn
# Offsets are told in these units, so that they are about as large as 1; those of the paper's code.
UNITS = np.float32([0.1, 0.1, 0.2, 0.2])


def anchors() -> np.ndarray:
    """One anchor around the centre of each cell, row by row. Shape (N_ANCHORS, 4), float32."""
    return around_cells(*ANCHOR)


def regions() -> np.ndarray:
    """The square in which each anchor's mask is drawn. Shape (N_ANCHORS, 4), float32."""
    return around_cells(REGION, REGION)


def around_cells(height: int, width: int) -> np.ndarray:
    """Boxes of one size around the centres of the cells, some beyond the canvas."""
    centres = (np.arange(CELLS) + 0.5) * STRIDE
    y, x = (axis.ravel() for axis in np.meshgrid(centres, centres, indexing="ij"))
    boxes = [y - height / 2, x - width / 2, y + height / 2, x + width / 2]
    return np.stack(boxes, axis=1).astype(np.float32)


def iou(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Intersection over union, 0 to 1, of boxes (..., 4) that are broadcast; 0 of empty ones."""
    top_left = np.maximum(boxes[..., :2], others[..., :2])
    bottom_right = np.minimum(boxes[..., 2:], others[..., 2:])
    common = area(np.concatenate([top_left, bottom_right], axis=-1))
    return common / np.maximum(area(boxes) + area(others) - common, 1e-9)


def area(boxes: np.ndarray) -> np.ndarray:
    """Area in pixels of boxes (..., 4); 0 where an end lies before the beginning."""
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return sides[..., 0] * sides[..., 1]


def encode(boxes: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """Offsets of boxes from anchors, as R-CNN has told them since Girshick et al. 2014.

        (centre - anchor's centre) / anchor's size,  log(size / anchor's size)

    Args:
        boxes: Shape (..., 4), not empty.
        anchors: Shape (..., 4), broadcast with them.

    Returns:
        y, x, height, width in `UNITS`. Shape (..., 4), float32.
    """
    size, of_anchor = boxes[..., 2:] - boxes[..., :2], anchors[..., 2:] - anchors[..., :2]
    shift = (boxes[..., :2] + boxes[..., 2:] - anchors[..., :2] - anchors[..., 2:]) / 2
    offsets = np.concatenate([shift / of_anchor, np.log(size / of_anchor)], axis=-1)
    return (offsets / UNITS).astype(np.float32)


def decode(offsets: np.ndarray, anchors: np.ndarray) -> np.ndarray:
    """The boxes of which `encode` gave these offsets. Shape (..., 4), float32."""
    of_anchor = anchors[..., 2:] - anchors[..., :2]
    offsets = offsets * UNITS
    centre = (anchors[..., :2] + anchors[..., 2:]) / 2 + offsets[..., :2] * of_anchor
    half = of_anchor * np.exp(offsets[..., 2:]) / 2
    return np.concatenate([centre - half, centre + half], axis=-1).astype(np.float32)


def suppress(boxes: np.ndarray, scores: np.ndarray, most_overlap: float) -> list[int]:
    """Non-maximum suppression: of boxes that overlap, the one with the highest score stays.

    Args:
        boxes: Shape (N, 4).
        scores: How sure the detector is of each, shape (N,).
        most_overlap: IoU above which two boxes are taken for the same thing, 0 to 1.

    Returns:
        Indices of the boxes that stay, the highest score first.
    """
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable").tolist():
        if not kept or iou(boxes[i], boxes[kept]).max() <= most_overlap:
            kept.append(i)
    return kept
