"""Scenes: some handwritten digits on a canvas, each with its box, its class and its pixels."""

from dataclasses import dataclass

import numpy as np

from core.data.digits import digit_parts
from core.problems.detector.boxes import CANVAS, anchors, iou

SCENES_SEED = 20170320
SIDES = range(8, 12)  # pixels: a digit of 8x8 is enlarged to one of these
INK = 0.3  # grey level, of 0 to 1, from which on a pixel belongs to a digit
TRIES = 10  # places that are looked at for a digit, before it is left out
VALIDATION_SCENES = 128


@dataclass(frozen=True)
class Scenes:
    """N scenes with up to M digits.

    Attributes:
        images: Grey levels, float32 in 0..1, shape (N, CANVAS, CANVAS, 1).
        boxes: The smallest box around each digit's ink, see `core.problems.detector.boxes`;
            zeros where there is no such digit. Shape (N, M, 4), float32.
        classes: 1 + the digit, and 0 where there is none, as 0 is the background of Mask R-CNN.
            Shape (N, M), int8.
        owners: 1 + the index of the digit whose ink is on a pixel, else 0. Boxes do not overlap,
            so that a pixel has one owner. Shape (N, CANVAS, CANVAS), int8.
    """

    images: np.ndarray
    boxes: np.ndarray
    classes: np.ndarray
    owners: np.ndarray

    def __len__(self) -> int:
        return len(self.images)

    def first(self, n: int) -> "Scenes":
        """The first scenes."""
        every = (self.images, self.boxes, self.classes, self.owners)
        return Scenes(*(array[:n] for array in every))


def scenes_of(training_scenes: int, most_digits: int) -> tuple[Scenes, Scenes]:
    """Training and validation scenes; no handwritten digit is in both.

    They do not depend on a run's seed, nor the validation scenes on the number of training ones:
    runs are compared on the same scenes.
    """
    training, _ = digit_parts()
    rng = np.random.default_rng([SCENES_SEED, 0])
    scenes = draw_scenes(*training, training_scenes, most_digits, rng)
    return scenes, validation_scenes(most_digits)


def validation_scenes(most_digits: int) -> Scenes:
    """The validation scenes alone."""
    _, validation = digit_parts()
    rng = np.random.default_rng([SCENES_SEED, 1])
    return draw_scenes(*validation, VALIDATION_SCENES, most_digits, rng)


def draw_scenes(digits: np.ndarray, labels: np.ndarray, n: int, most: int, rng) -> Scenes:
    """Draw `n` scenes of 1 to `most` digits each, of any size of `SIDES`, at any place.

    Their boxes do not overlap, and each has a best anchor of its own. A digit for which no place
    is found is left out; the first always has one.

    Args:
        digits: Shape (D, 8, 8), float32 in 0..1.
        labels: Their digits 0..9, shape (D,).
        n: Number of scenes.
        most: Digits in a scene.
        rng: A `numpy.random.Generator`.
    """
    chosen = rng.integers(len(digits), size=(n, most))
    size = rng.integers(len(SIDES), size=(n, most))  # its index
    room = CANVAS - np.array(SIDES)[size]
    corners = rng.integers(room[..., None, None] + 1, size=(n, most, TRIES, 2))
    is_wanted = np.arange(most) < rng.integers(1, most + 1, size=(n, 1))

    enlarged = [enlarge(digits, side) for side in SIDES]
    within = np.stack([[ink_box(picture >= INK) for picture in one] for one in enlarged])
    tried = (within[size, chosen][:, :, None] + np.tile(corners, 2)).astype(np.float32)
    scenes = Scenes(
        images=np.zeros((n, CANVAS, CANVAS, 1), np.float32),
        boxes=np.zeros((n, most, 4), np.float32),
        classes=np.zeros((n, most), np.int8),
        owners=np.zeros((n, CANVAS, CANVAS), np.int8),
    )
    for k in range(most):
        free = are_free(tried[:, k], scenes.boxes[:, :k]) & is_wanted[:, k, None]
        first = free.argmax(axis=1)
        for scene in np.flatnonzero(free.any(axis=1)):
            picture = enlarged[size[scene, k]][chosen[scene, k]]
            top, left = corners[scene, k, first[scene]]
            here = (scene, slice(top, top + len(picture)), slice(left, left + len(picture)))
            # Faint pixels around the ink may lie on a neighbour's.
            scenes.images[here][..., 0] = np.maximum(scenes.images[here][..., 0], picture)
            scenes.owners[here][picture >= INK] = k + 1
            scenes.boxes[scene, k] = tried[scene, k, first[scene]]
            scenes.classes[scene, k] = 1 + labels[chosen[scene, k]]
    return scenes


def are_free(boxes: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Which boxes overlap none of those taken in their scene, nor have the same best anchor.

    Args:
        boxes: Shape (N, T, 4).
        taken: Shape (N, K, 4), zeros where there is none.

    Returns:
        Shape (N, T), bool.
    """
    apart = iou(boxes[:, :, None], taken[:, None]) == 0
    apart &= best_anchor(boxes)[:, :, None] != best_anchor(taken)[:, None]
    return apart.all(axis=2)


def best_anchor(boxes: np.ndarray) -> np.ndarray:
    """Index of the anchor that overlaps each box (..., 4) most, -1 of an empty one. Shape (...)."""
    overlap = iou(boxes[..., None, :], anchors())
    return np.where(overlap.any(axis=-1), overlap.argmax(axis=-1), -1)


def enlarge(images: np.ndarray, side: int) -> np.ndarray:
    """Square images (N, S, S) as (N, side, side), by linear interpolation between pixels."""
    size = images.shape[1]
    places = (np.arange(side) + 0.5) * size / side - 0.5
    weights = np.maximum(1 - abs(places.clip(0, size - 1)[:, None] - np.arange(size)), 0)
    weights = weights.astype(np.float32)
    return weights @ images @ weights.T


def ink_box(ink: np.ndarray) -> np.ndarray:
    """The smallest box around what is true of (height, width). Shape (4,), int."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    return np.array([rows[0], columns[0], rows[-1] + 1, columns[-1] + 1])
