"""What trained lanes say about loss weights, with intervals over the seeds. No training here.

Values come as arrays of shape (seeds, lanes, heads), in the order of `HEAD_NAMES`. Lanes of one
seed share initial values, batches and dropout masks, so differences are taken within a seed, and
the interval is that of the mean difference: Student's t over the seeds, which are independent.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import t

CONFIDENCE = 0.95
SWEEP = (0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)  # weights of bin_out, class heads at 1
SMALL = (0.01, 0.02, 0.05, 0.1, 0.2)
MIRRORED = ((2, 0.5, 0.5), (1, 0.25, 0.5), (1, 0.5, 2), (1, 0.1, 0.1))
TOTAL = 2.5  # of the weights in the second sweep: the default weights' sum
LANES = (
    *((1, 1, weight) for weight in SWEEP),
    *(
        tuple(
            round(TOTAL * w / (2 + weight), 6) for w in (1, 1, weight)
        )  # as in `core.run.simplex`
        for weight in SWEEP
    ),
    *(lane for a, b, c in MIRRORED for lane in ((a, b, c), (b, a, c))),
)
AT_ONE = slice(0, len(SWEEP))  # which lanes: class heads at weight 1
AT_TOTAL = slice(len(SWEEP), 2 * len(SWEEP))  # the same ratios, all shortened to one total
FIRST = slice(2 * len(SWEEP), None, 2)  # (a, b, c)
SECOND = slice(2 * len(SWEEP) + 1, None, 2)  # (b, a, c)
SEEN = {True: "a difference is seen", False: "no difference is seen"}
QUANTITIES = {"accuracy": (100, "points", 1), "loss": (1, "nats", -1)}  # scale, unit, better


@dataclass(frozen=True)
class Interval:
    """A mean and where it lies with `CONFIDENCE`, in the unit of what was averaged."""

    mean: float
    low: float
    high: float

    @property
    def sign(self) -> int:
        """1 or -1 where all of the interval is on that side of 0, else 0."""
        return int(self.low > 0) - int(self.high < 0)

    def told(self, quantity: str) -> str:
        """Such as "accuracy +0.41 points [+0.12, +0.70]"."""
        scale, unit, _ = QUANTITIES[quantity]
        digits = 2 if scale == 100 else 4
        mean, low, high = (
            f"{round(scale * value, digits) + 0.0:+.{digits}f}"
            for value in (self.mean, self.low, self.high)
        )
        return f"{quantity} {mean} {unit} [{low}, {high}]"


def interval(values) -> Interval:
    """The mean of independent values and its t-interval (Student 1908).

    Args:
        values: One a seed, shape (S,), S at least 2. Not finite where a lane has diverged: then
            the interval is as well.
    """
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) < 2:
        raise ValueError(f"Expected one value a seed, two or more: got shape {values.shape}.")
    mean = values.mean()
    quantile = t.ppf((1 + CONFIDENCE) / 2, len(values) - 1)
    margin = quantile * values.std(ddof=1) / np.sqrt(len(values))
    return Interval(float(mean), float(mean - margin), float(mean + margin))


def class_heads(values) -> np.ndarray:
    """The mean of the two class heads, shape (seeds, lanes)."""
    return values[:, :, :2].mean(axis=2)


def small_weights(found: dict[str, np.ndarray]) -> list[str]:
    """(a) Whether a small weight of bin_out helps the class heads, in sentences."""
    lines, places = [], [SWEEP.index(weight) for weight in SMALL]
    for quantity, values in found.items():
        values = class_heads(values[:, AT_ONE])
        gain = interval((values[:, places] - values[:, :1]).mean(axis=1))
        said = {1: "they help", -1: "they harm", 0: SEEN[False]}
        verdict = said[gain.sign * QUANTITIES[quantity][2]]
        lines.append(
            f"weights {SMALL[0]} to {SMALL[-1]} together: {gain.told(quantity)}: {verdict}"
        )
        for place in places:
            alone = interval(values[:, place] - values[:, 0])
            lines.append(f"  weight {SWEEP[place]}: {alone.told(quantity)}")
    return lines


def chosen_elsewhere(values, better: int) -> np.ndarray:
    """For each seed the inner column that does best in all other seeds, shape (S,).

    So that what is measured in a seed was not chosen for what it happened to be there.

    Args:
        values: Shape (S, W).
        better: 1 where more is better, -1 where less is.
    """
    others = values.sum(axis=0) - values
    return 1 + (better * others[:, 1:-1]).argmax(axis=1)


def inverted_u(found: dict[str, np.ndarray], lanes: slice = AT_ONE) -> list[str]:
    """(b) Whether a weight between does better than both ends of a sweep, in sentences."""
    lines = []
    for quantity, values in found.items():
        better = QUANTITIES[quantity][2]
        values = class_heads(values[:, lanes])
        chosen = chosen_elsewhere(values, better)
        inner = values[np.arange(len(values)), chosen]
        rise, fall = (interval(inner - values[:, end]) for end in (0, -1))
        verdict = {
            (True, True): "an inverted U",
            (True, False): "better than weight 0, but no fall is seen: no inverted U",
            (False, True): "a fall towards large weights, but no rise before it: no inverted U",
            (False, False): "neither rise nor fall is seen: no inverted U",
        }[rise.sign == better, fall.sign == better]
        weights = ", ".join(f"{SWEEP[i]:g}" for i in sorted(set(chosen)))
        lines += [
            f"{quantity}: {verdict}",
            f"  best weight in the other seeds ({weights}) against 0: {rise.told(quantity)}",
            f"  the same against {SWEEP[-1]}: {fall.told(quantity)}",
        ]
    return lines


def inverted_u_at_total(found: dict[str, np.ndarray]) -> list[str]:
    """The same where all weights are shortened to one total, and with them the steps."""
    return inverted_u(found, AT_TOTAL)


def mirrored(found: dict[str, np.ndarray]) -> list[str]:
    """(c) Whether (a, b, c) and (b, a, c) are the same but for noise, in sentences.

    The images on place 1 of the validation pairs are others than those on place 2, and may be
    harder. What the class heads differ by at equal weights is therefore taken off where the
    head of one image is compared with that of the other.
    """
    lines = []
    for quantity, values in found.items():
        one, other = values[:, FIRST], values[:, SECOND]
        equal = values[:, : SWEEP.index(1) + 1]
        apart = (equal[:, :, 0] - equal[:, :, 1]).mean(axis=1)[:, None]
        compared = {
            "mean of the class heads": class_heads(one) - class_heads(other),
            "bin_out": one[:, :, 2] - other[:, :, 2],
            "class head of the larger weight": one[:, :, 0] - other[:, :, 1] - apart,
            "class head of the smaller weight": one[:, :, 1] - other[:, :, 0] + apart,
        }
        for name, gaps in compared.items():
            gap = interval(gaps.mean(axis=1))
            lines.append(f"{name}: {gap.told(quantity)}: {SEEN[gap.sign != 0]}")
        scale, unit, _ = QUANTITIES[quantity]
        typical = np.sqrt((compared["mean of the class heads"] ** 2).mean())
        lines += [
            f"  at equal weights, the head of image 1 less that of image 2 (taken off above): "
            f"{interval(apart[:, 0]).told(quantity)}",
            f"  mean of the class heads: a mirrored pair differs by {scale * typical:.3g} {unit}, "
            f"two seeds of one setting by {scale * between_seeds(one, other):.3g}",
        ]
    return lines


def between_seeds(*several) -> float:
    """By how much two seeds of one setting differ in the mean of the class heads, RMS."""
    variances = [class_heads(values).var(axis=0, ddof=1) for values in several]
    return float(np.sqrt(2 * np.mean(variances)))


def sweep_table(found: dict[str, np.ndarray], lanes: slice) -> list[tuple[str, ...]]:
    """Title and rows: what each weight of bin_out comes to, mean over the seeds."""
    rows = [("bin_out", "class heads, %", "nats", "bin_out, %", "nats")]
    for lane, weight in enumerate(SWEEP):
        cells = []
        for of_heads in (class_heads, lambda values: values[:, :, 2]):
            accuracy, loss = (of_heads(found[q][:, lanes])[:, lane].mean() for q in QUANTITIES)
            cells += [f"{100 * accuracy:.2f}", f"{loss:.4f}"]
        rows.append((f"{weight:g}", *cells))
    return rows
