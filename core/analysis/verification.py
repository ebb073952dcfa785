"""How well a number tells pairs of one class from pairs of two. NumPy alone."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Roc:
    """A receiver operating characteristic: what each threshold lets through.

    "Same" is said where a score reaches the threshold. Arrays of shape (T,), from the threshold
    that nothing reaches down to the one that all pairs reach; a threshold in the middle of a
    straight piece of the curve is left out.

    Attributes:
        fpr: Share of the different pairs that are called the same, 0 to 1, rising.
        tpr: Share of the same pairs that are called the same, 0 to 1, rising.
        thresholds: Falling, from infinity.
        auc: Area under the curve: how likely a same pair scores more than a different one, ties
            counted half. 0.5 is chance, 1 tells all of them apart.
    """

    fpr: np.ndarray
    tpr: np.ndarray
    thresholds: np.ndarray
    auc: float


def roc(scores, is_same) -> Roc:
    """The ROC of scores that should be greater for pairs of one class (Fawcett 2006).

    Args:
        scores: Such as a probability, or a distance with a minus before it. Shape (N,).
        is_same: Which pairs are of one class. Shape (N,), bool or 0 and 1, some of each.

    Raises:
        ValueError: If the shapes differ or are others, a score is not finite, or all pairs are
            the same or all different.
    """
    scores, is_same = checked(scores, is_same, "scores")
    n_same = int(is_same.sum())
    n_different = len(is_same) - n_same
    if not n_same or not n_different:
        raise ValueError(
            f"{n_same} of {len(is_same)} pairs are of one class: a ROC needs pairs of one class "
            "and of two."
        )
    order = np.argsort(-scores, kind="stable")
    falling, sure = scores[order], is_same[order]
    # Pairs of one score are let through together.
    ends = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
    right = np.append(0, np.cumsum(sure)[ends])
    wrong = np.append(0, np.cumsum(~sure)[ends])
    thresholds = np.append(np.inf, falling[ends])
    up, along = np.diff(right), np.diff(wrong)
    auc = float((along * (right[1:] + right[:-1])).sum() / (2 * n_same * n_different))
    bends = up[:-1] * along[1:] != up[1:] * along[:-1]
    corners = np.concatenate([[True], bends, [True]])
    return Roc(wrong[corners] / n_different, right[corners] / n_same, thresholds[corners], auc)


def distance_histogram(
    distance, is_same, bins: int = 30
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Count pairs by distance, those of one class and those of two apart.

    Args:
        distance: Of the two embeddings of each pair, at least 0. Shape (N,), N at least 1.
        is_same: Which pairs are of one class. Shape (N,), bool or 0 and 1.
        bins: Number of bins, all of one width, from 0 to the greatest distance.

    Returns:
        The edges, shape (bins + 1,), in the unit of the distance, and the number of pairs of one
        class and of two in each bin, int64, shape (bins,). The last bin has its upper edge in
        it. Where all distances are 0, the edges go to 1.

    Raises:
        ValueError: If the shapes differ or are others, or a distance is negative or not finite.
    """
    distance, is_same = checked(distance, is_same, "distance")
    if distance.min() < 0:
        raise ValueError(f"distance has a value of {distance.min():g}: expected 0 or more.")
    # Zero to the smallest number there is cannot be parted; such distances are as good as 0.
    greatest = distance.max()
    greatest = greatest if greatest > bins * np.finfo(float).tiny else 1.0
    same, edges = np.histogram(distance[is_same], bins, (0, greatest))
    different, _ = np.histogram(distance[~is_same], bins, (0, greatest))
    return edges, same, different


def implied_threshold(distance, says_same) -> tuple[float, float]:
    """The distance below which "same" reproduces given answers best.

    It makes answers that come from elsewhere, such as those of a head, comparable with the distance
    of the embeddings: were that head a threshold on the distance, it would be this one.

    Args:
        distance: Of the two embeddings of each pair. Shape (N,), N at least 1.
        says_same: The answers. Shape (N,), bool or 0 and 1.

    Returns:
        The threshold, and the share of the pairs, 0 to 1, for which `distance < threshold` is the
        answer. It lies midway between two distances; where all answers are best met by
        "different" it is the least distance, where by "same", just over the greatest. Of several
        thresholds that do equally well it is the least.

    Raises:
        ValueError: If the shapes differ or are others, or a distance is not finite.
    """
    distance, says_same = checked(distance, says_same, "distance")
    order = np.argsort(distance, kind="stable")
    rising, says = distance[order], says_same[order]
    # The k nearest pairs are called the same; equal distances all at once or not at all.
    met = np.append(0, np.cumsum(says)) + np.append(np.cumsum(~says[::-1])[::-1], 0)
    cut = np.concatenate([[True], np.diff(rising) > 0, [True]])
    k = int(np.where(cut, met, -1).argmax())
    agreement = float(met[k] / len(says))
    if k == 0:
        return float(rising[0]), agreement
    if k == len(rising):
        return float(np.nextafter(rising[-1], np.inf)), agreement
    below, above = rising[k - 1], rising[k]
    middle = below / 2 + above / 2
    # Between neighbours there is no number: the upper one is not below itself.
    return float(middle if below < middle else above), agreement


def checked(values, answers, name: str) -> tuple[np.ndarray, np.ndarray]:
    """The values as float64 and the answers as bool.

    Raises:
        ValueError: If they are not as many, one or more, or a value is not finite.
    """
    values, answers = np.asarray(values, float), np.asarray(answers).astype(bool)
    if values.ndim != 1 or values.shape != answers.shape or not len(values):
        raise ValueError(
            f"Expected one value and one answer a pair: {name} has shape {values.shape}, the "
            f"answers {answers.shape}."
        )
    if not np.isfinite(values).all():
        raise ValueError(
            f"{name} has values that are not finite, which stand in no order. Leave them out, or "
            "show a state from before the training diverged."
        )
    return values, answers
