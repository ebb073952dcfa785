"""Six pairs of the default data, for whoever is to see the task before anything was trained.

`python3 -m core.problems.siamese.examples > dashboard/explore/examples.json` makes the file anew.
"""

import json

import numpy as np

from core.problems.siamese.pairs import load_dataset

N_PAIRS = 6
LEVELS = 16  # of grey, as they were scanned


def examples() -> dict:
    """Validation pairs, in turn of the same number and of different ones.

    Returns:
        `height` and `width` of an image in pixels; `pairs`, each with its `images` as rows of grey
        levels from 0 to `levels`, their `classes` as two digits, and `same`.
    """
    pairs = load_dataset("digits").validation
    kinds = [np.flatnonzero(pairs.labels[:, 2] == same)[: N_PAIRS // 2] for same in (0, 1)]
    chosen = np.stack(kinds, axis=1).ravel()
    _, height, width, _ = pairs.img_1.shape
    return {
        "height": height,
        "width": width,
        "levels": LEVELS,
        "pairs": [
            {
                "images": [
                    np.rint(images[i, :, :, 0] * LEVELS).astype(int).ravel().tolist()
                    for images in (pairs.img_1, pairs.img_2)
                ],
                "classes": [f"{number:02d}" for number in pairs.labels[i, :2]],
                "same": bool(pairs.labels[i, 2]),
            }
            for i in chosen
        ],
    }


if __name__ == "__main__":
    print(json.dumps(examples(), separators=(",", ":")))
