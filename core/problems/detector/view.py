"""What the detector sees in a scene: its outputs as digits with boxes and pixels; NumPy alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.problems.detector.boxes import CANVAS, REGION, anchors, decode, iou, regions, suppress
from core.problems.detector.scenes import Scenes

LEAST_SCORE = 0.5
MOST_OVERLAP = 0.3  # IoU of two boxes that are both shown


@dataclass(frozen=True)
class Sighting:
    """A digit in a scene, found or true.

    Attributes:
        digit: 0 to 9.
        box: See `core.problems.detector.boxes`. Shape (4,), float32.
        mask: Which pixels are its own. Shape (CANVAS, CANVAS), bool.
        score: How sure the detector is that there is a digit, times that it is this one, 0 to 1.
    """

    digit: int
    box: np.ndarray
    mask: np.ndarray
    score: float = 1.0


def found(outputs: Sequence[np.ndarray]) -> list[list[Sighting]]:
    """What the detector finds in each of N scenes, the surest first.

    Anchors whose score is `LEAST_SCORE` or more are kept, and of those whose boxes overlap by more
    than `MOST_OVERLAP` the surest.

    Args:
        outputs: Those of `core.problems.detector.model.build_model`, in their order, as arrays.
    """
    return [_found(*of_scene) for of_scene in zip(*map(np.asarray, outputs), strict=True)]


def _found(objectness, _, digits, offsets, masks) -> list[Sighting]:
    boxes = decode(offsets, anchors())
    scores = objectness * digits.max(axis=1)
    sure = np.flatnonzero(scores >= LEAST_SCORE)
    kept = sure[suppress(boxes[sure], scores[sure], MOST_OVERLAP)]
    return [
        Sighting(
            digit=int(digits[a].argmax()),
            box=boxes[a],
            mask=on_canvas(masks[a] > 0, a),
            score=float(scores[a]),
        )
        for a in kept
    ]


def on_canvas(pixels: np.ndarray, anchor: int) -> np.ndarray:
    """The pixels of an anchor's region, (REGION**2,), where they lie in the scene."""
    around = REGION // 2
    top, left = regions()[anchor, :2].astype(int) + around
    canvas = np.zeros((CANVAS + REGION, CANVAS + REGION), bool)
    canvas[top : top + REGION, left : left + REGION] = pixels.reshape(REGION, REGION)
    return canvas[around:-around, around:-around]


def true(scenes: Scenes) -> list[list[Sighting]]:
    """What there is to be found in each scene."""
    return [
        [Sighting(int(classes[k]) - 1, boxes[k], owners == k + 1) for k in np.flatnonzero(classes)]
        for boxes, classes, owners in zip(scenes.boxes, scenes.classes, scenes.owners, strict=True)
    ]


def recall(
    seen: list[list[Sighting]], there: list[list[Sighting]], least_iou: float = 0.5
) -> float:
    """Share of the digits that are there which were found: the right one, and where it is.

    Args:
        seen: By scene.
        there: By scene, one digit at least in all.
        least_iou: Overlap of both boxes from which on a digit counts as found, 0 to 1.
    """
    hits = [
        any(one.digit == s.digit and iou(one.box, s.box) >= least_iou for s in sightings)
        for sightings, digits in zip(seen, there, strict=True)
        for one in digits
    ]
    return sum(hits) / len(hits)
