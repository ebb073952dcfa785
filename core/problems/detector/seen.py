"""What the detector finds in scenes: as arrays to be kept, and as JSON to be shown; NumPy alone."""

import base64
from collections.abc import Sequence

import numpy as np

from core.problems.detector.boxes import CANVAS, iou
from core.problems.detector.scenes import Scenes
from core.problems.detector.view import Sighting, found, recall, true

LEAST_IOU = 0.5  # of two boxes of the same digit, from which on it counts as found
SIDES = ("there", "found")


def arrays_of(outputs: Sequence[np.ndarray], scenes: Scenes) -> dict[str, np.ndarray]:
    """What of it is kept.

    Args:
        outputs: Those of `core.problems.detector.model.build_model`, of each scene.
        scenes: As they are.
    """
    seen, there = found(outputs), true(scenes)
    arrays = {
        "scenes": np.round(scenes.images[..., 0] * 255).astype(np.uint8),
        "recall": np.float32(recall(seen, there, LEAST_IOU)),
        "right": np.array(
            [is_right(one, there[i]) for i, of_scene in enumerate(seen) for one in of_scene], bool
        ),
    }
    for side, sightings in zip(SIDES, (there, seen), strict=True):
        flat = [(i, one) for i, of_scene in enumerate(sightings) for one in of_scene]
        arrays[f"{side}.scene"] = np.array([i for i, _ in flat], np.int16)
        arrays[f"{side}.digit"] = np.array([one.digit for _, one in flat], np.int8)
        arrays[f"{side}.score"] = np.array([one.score for _, one in flat], np.float32)
        boxes = [one.box for _, one in flat]
        arrays[f"{side}.box"] = np.array(boxes, np.float32).reshape(len(flat), 4)
        masks = np.array([one.mask for _, one in flat], bool).reshape(len(flat), CANVAS**2)
        arrays[f"{side}.mask"] = np.packbits(masks, axis=1)
    return arrays


def is_right(one: Sighting, there: list[Sighting]) -> bool:
    """Whether what was found is one of the digits that are there, in its place."""
    return any(one.digit == other.digit and iou(one.box, other.box) >= LEAST_IOU for other in there)


def as_json(arrays: dict[str, np.ndarray]) -> dict:
    """What the page is told of kept arrays.

    Returns:
        `side`, of a scene in pixels; `recall`, the share of the digits that were found; `scenes`,
        each with its `pixels`, grey levels as bytes, and what is `there` and was `found`: `digit`,
        `score`, `box` (top, left, bottom, right, in pixels), `mask`, the bits of all pixels row by
        row, and of what was found whether it is `right`.
    """
    told = [{"pixels": as_text(image), "there": [], "found": []} for image in arrays["scenes"]]
    for side in SIDES:
        for k, scene in enumerate(arrays[f"{side}.scene"]):
            sighting = {
                "digit": int(arrays[f"{side}.digit"][k]),
                "score": round(float(arrays[f"{side}.score"][k]), 4),
                "box": np.round(arrays[f"{side}.box"][k].astype(float), 2).tolist(),
                "mask": as_text(arrays[f"{side}.mask"][k]),
                "right": bool(arrays["right"][k]) if side == "found" else True,
            }
            told[scene][side].append(sighting)
    return {"side": CANVAS, "recall": round(float(arrays["recall"]), 4), "scenes": told}


def as_text(array: np.ndarray) -> str:
    """Bytes for the browser."""
    return base64.b64encode(array.tobytes()).decode()
