"""What the network makes of the validation pairs: as arrays to be kept, and as JSON to be shown."""

import base64

import numpy as np

from core.analysis.confusion import confusion, digit_confusion
from core.analysis.plane import aligned, principal_plane
from core.analysis.snapshot import rounded, sparse
from core.analysis.verification import distance_histogram, implied_threshold, roc
from core.problems.siamese import collapse
from core.problems.siamese.heads import HEAD_NAMES
from core.run.config import RunConfig

CLASS_HEADS = HEAD_NAMES[:2]
TOP = 3  # classes that are told of each image
MOST_POINTS = 100  # of a ROC curve as it is drawn


def arrays_of(
    labels: np.ndarray,
    embeddings: np.ndarray,
    outputs: list[np.ndarray],
    features: dict[str, np.ndarray],
    pair: int,
    last_points: np.ndarray | None,
) -> dict[str, np.ndarray]:
    """What of it is kept; N pairs, C classes.

    Args:
        labels: Shape (N, 3), as `core.problems.siamese.pairs.Pairs` has them.
        embeddings: Shape (N, 2, embedding_size).
        outputs: Softmax outputs of each head, shapes (N, C), (N, C) and (N, 2).
        features: Of the pair wanted, by layer, shape (2, ...), of both images; all >= 0.
        pair: Index of that pair.
        last_points: Points of the last picture, to keep this one still; None if there is none.
    """
    n = len(labels)
    rows = np.arange(n)
    difference = embeddings[:, 0].astype(np.float64) - embeddings[:, 1]
    points, explained = _picture(embeddings.reshape(2 * n, -1), last_points)
    arrays = {
        "labels": labels.astype(np.int16),
        "same": outputs[2][:, 1].astype(np.float32),
        "distance": np.sqrt((difference**2).sum(axis=1)).astype(np.float32),
        "spread": np.float32(collapse.spread(embeddings.reshape(2 * n, -1))),
        "points": points.astype(np.float32),
        "explained": explained,
    }
    for head, (name, output) in enumerate(zip(HEAD_NAMES, outputs, strict=True)):
        arrays[f"right.{name}"] = output[rows, labels[:, head]].astype(np.float32)
        arrays[f"probabilities.{name}"] = output[pair].astype(np.float32)
    for name, output in zip(CLASS_HEADS, outputs, strict=False):
        # Of equal probabilities the first class, as `argmax` has it.
        best = np.argsort(-output, axis=1, kind="stable")[:, :TOP]
        arrays[f"classes.{name}"] = best.astype(np.int16)
        arrays[f"p.{name}"] = np.take_along_axis(output, best, axis=1).astype(np.float32)
    for name, values in features.items():
        greatest = float(values.max())
        scaled = values / greatest * 255 if greatest > 0 else np.zeros_like(values)
        arrays[f"features.{name}"] = np.round(scaled).astype(np.uint8)
        arrays[f"greatest.{name}"] = np.float32(greatest)
    return arrays


def _picture(points: np.ndarray, last: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings on a plane: of two dimensions themselves, else turned onto the last picture."""
    if points.shape[1] == 2:
        return points, np.empty(0)
    scores, explained = principal_plane(points)
    if last is not None and last.shape == scores.shape:
        scores = aligned(scores, last)
    return scores, explained


def as_json(arrays: dict[str, np.ndarray], pair: int, config: RunConfig) -> dict:
    """What the page is told of kept arrays; `GET /api/runs/{id}/inside` says what is what."""
    labels = arrays["labels"].astype(int)
    is_same, distance = labels[:, 2], arrays["distance"].astype(np.float64)
    edges, same, different = distance_histogram(distance, is_same == 1)
    is_collapsed = collapse.found(arrays) is not None
    digits = config.dataset == "digits"
    answers = {
        name: (labels[:, head], arrays[f"classes.{name}"][:, 0].astype(int))
        for head, name in enumerate(CLASS_HEADS)
    }
    return {
        "digits": digits,
        "labels": labels.tolist(),
        "top": {
            name: {
                "classes": arrays[f"classes.{name}"].tolist(),
                # As exactly as those of the right classes, or a near miss would look like a tie.
                "p": rounded(arrays[f"p.{name}"], 6),
            }
            for name in CLASS_HEADS
        },
        "right": {name: rounded(arrays[f"right.{name}"], 6) for name in HEAD_NAMES},
        "same": rounded(arrays["same"]),
        "distance": rounded(distance),
        "plane": {
            "kind": "pca" if len(arrays["explained"]) else "space",
            "points": rounded(arrays["points"].reshape(len(labels), 4)),
            "explained": rounded(arrays["explained"]) if len(arrays["explained"]) else None,
        },
        "histogram": {
            "edges": rounded(edges),
            "same": same.tolist(),
            "different": different.tolist(),
        },
        "is_collapsed": is_collapsed,
        "threshold": None if is_collapsed else threshold_json(distance, arrays["same"] > 0.5),
        "roc": {
            "bin_out": roc_json(arrays["same"], is_same),
            "distance": roc_json(-distance, is_same),
        },
        "confusion": {
            name: sparse(confusion(true, predicted, config.n_classes))
            for name, (true, predicted) in answers.items()
        },
        "digit_confusion": {
            name: digit_confusion(true, predicted).tolist()
            for name, (true, predicted) in answers.items()
        }
        if digits
        else None,
        "pair": {
            "index": pair,
            "probabilities": {
                name: rounded(arrays[f"probabilities.{name}"], 6) for name in HEAD_NAMES
            },
            "layers": [
                layer_json(name.removeprefix("features."), arrays)
                for name in arrays
                if name.startswith("features.")
            ],
        },
    }


def threshold_json(distance: np.ndarray, says_same: np.ndarray) -> dict | None:
    """The distance that stands for answers; None where these are the same of all pairs."""
    if says_same.all() or not says_same.any():
        return None
    threshold, agreement = implied_threshold(distance, says_same)
    return {"distance": round(threshold, 4), "agreement": round(agreement, 4)}


def layer_json(layer: str, arrays: dict[str, np.ndarray]) -> dict:
    """A layer's features of both images as bytes."""
    both = arrays[f"features.{layer}"]
    return {
        "name": layer,
        "shape": list(both.shape[1:]),
        "max": float(arrays[f"greatest.{layer}"]),
        "img_1": base64.b64encode(both[0].tobytes()).decode(),
        "img_2": base64.b64encode(both[1].tobytes()).decode(),
    }


def roc_json(scores: np.ndarray, is_same: np.ndarray) -> dict:
    """A ROC curve, thinned out where it has more points than can be seen."""
    curve = roc(scores.astype(np.float64), is_same == 1)
    n = len(curve.fpr)
    places = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int))
    return {
        "fpr": rounded(curve.fpr[places]),
        "tpr": rounded(curve.tpr[places]),
        "auc": round(float(curve.auc), 4),
    }
