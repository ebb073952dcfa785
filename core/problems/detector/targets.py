"""What each anchor is to answer: which ones hold a digit, and what is asked of those."""

import numpy as np

from core.problems.detector.boxes import N_ANCHORS, REGION, anchors, encode, iou, regions
from core.problems.detector.scenes import SCENES_SEED, Scenes

POSITIVE, NEGATIVE = 0.5, 0.3  # IoU with a digit from which on, and below which
IGNORED = -1


def targets_of(scenes: Scenes) -> dict[str, np.ndarray]:
    """The target of each head. A column says what counts, for the losses to read.

    An anchor is positive if it overlaps a digit's box by `POSITIVE` or is the one that does so
    most, and negative if it overlaps all by less than `NEGATIVE` (Ren et al. 2015, with lower
    levels as there is one shape of anchor). As many negatives as positives are drawn of each
    scene, once and for all; the other anchors are ignored.

    Returns:
        By name of the head, A being the number of anchors:

        - `rpn_class_loss`: 1 positive, 0 negative, -1 ignored. Shape (N, A), int8.
        - `rpn_bbox_loss`, `mrcnn_bbox_loss`: the digit's offsets from the anchor, and 1 if it is
          positive, else zeros. Shape (N, A, 5), float32.
        - `mrcnn_class_loss`: the digit, -1 where there is none. Shape (N, A), int8.
        - `mrcnn_mask_loss`: the pixels of the anchor's region row by row, 1 where the digit's ink
          is, and 1 if it is positive, else zeros. Shape (N, A, REGION**2 + 1), int8.
    """
    digit = match(scenes)
    is_positive = digit >= 0
    counts = np.where(is_positive, 1, np.where(draw_negatives(scenes, digit), 0, IGNORED))
    of_scene = np.arange(len(scenes))[:, None]
    # Where there is no digit, that of index -1 is looked at and thrown away.
    classes = scenes.classes[of_scene, digit]
    boxes = np.where(is_positive[..., None], scenes.boxes[of_scene, digit], anchors())
    offsets = np.concatenate([encode(boxes, anchors()), is_positive[..., None]], axis=-1)
    masks = windows(scenes.owners) == (digit + 1)[..., None]
    masks = np.insert(masks, REGION**2, True, axis=-1) & is_positive[..., None]
    return {
        "rpn_class_loss": counts.astype(np.int8),
        "rpn_bbox_loss": offsets.astype(np.float32),
        "mrcnn_class_loss": np.where(is_positive, classes - 1, IGNORED).astype(np.int8),
        "mrcnn_bbox_loss": offsets.astype(np.float32),
        "mrcnn_mask_loss": masks.astype(np.int8),
    }


def overlaps(scenes: Scenes) -> np.ndarray:
    """IoU of each anchor with each digit, 0 for digits that are not there. Shape (N, A, M)."""
    return iou(anchors()[:, None], scenes.boxes[:, None])


def match(scenes: Scenes) -> np.ndarray:
    """Index of the digit that each anchor stands for, -1 for none. Shape (N, A), int."""
    overlap = overlaps(scenes)
    digit = np.where(overlap.max(axis=2) >= POSITIVE, overlap.argmax(axis=2), -1)
    scene, k = np.nonzero(scenes.classes)
    digit[scene, overlap.argmax(axis=1)[scene, k]] = k  # each digit has an anchor of its own
    return digit


def draw_negatives(scenes: Scenes, digit: np.ndarray) -> np.ndarray:
    """As many negatives as positives, where there are so many. Shape (N, A), bool."""
    is_negative = (overlaps(scenes).max(axis=2) < NEGATIVE) & (digit < 0)
    order = np.random.default_rng([SCENES_SEED, 2]).random(digit.shape)
    order[~is_negative] = np.inf
    rank = order.argsort(axis=1).argsort(axis=1)
    return is_negative & (rank < (digit >= 0).sum(axis=1, keepdims=True))


def windows(maps: np.ndarray) -> np.ndarray:
    """The pixels of each anchor's region, 0 beyond the canvas.

    Args:
        maps: Shape (N, CANVAS, CANVAS).

    Returns:
        Shape (N, N_ANCHORS, REGION**2).
    """
    around = REGION // 2
    padded = np.pad(maps, ((0, 0), (around, around), (around, around)))
    corners = regions()[:, :2].astype(int) + around
    cut = [padded[:, top : top + REGION, left : left + REGION] for top, left in corners]
    return np.stack(cut, axis=1).reshape(len(maps), N_ANCHORS, REGION**2)
