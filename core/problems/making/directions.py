"""Whether more or less of a metric is better."""

from typing import Literal

import keras

from core.errors import ProblemError

# Names of Keras' own metrics and losses, without underscores and in lower case: both the classes
# and the functions are called by them.
HIGHER = [
    "accuracy",
    "binaryaccuracy",
    "categoricalaccuracy",
    "sparsecategoricalaccuracy",
    "topkcategoricalaccuracy",
    "sparsetopkcategoricalaccuracy",
    "auc",
    "precision",
    "recall",
    "sensitivityatspecificity",
    "specificityatsensitivity",
    "precisionatrecall",
    "recallatprecision",
    "f1score",
    "fbetascore",
    "r2score",
    "cosinesimilarity",
    "iou",
    "binaryiou",
    "meaniou",
    "onehotiou",
    "onehotmeaniou",
    "truepositives",
    "truenegatives",
    "pearsoncorrelation",
    "concordancecorrelation",
]
LOWER = [
    "meansquarederror",
    "meanabsoluteerror",
    "meanabsolutepercentageerror",
    "meansquaredlogarithmicerror",
    "rootmeansquarederror",
    "logcosh",
    "logcosherror",
    "huber",
    "kldivergence",
    "poisson",
    "hinge",
    "squaredhinge",
    "categoricalhinge",
    "binarycrossentropy",
    "categoricalcrossentropy",
    "sparsecategoricalcrossentropy",
    "binaryfocalcrossentropy",
    "categoricalfocalcrossentropy",
    "falsepositives",
    "falsenegatives",
    "mse",
    "mae",
    "mape",
    "msle",
]


def of(metric: keras.Metric | None, head: str, said: str | None) -> Literal["higher", "lower"]:
    """The direction of a head's metric.

    Args:
        metric: None if it has none: then there is no direction, and any will do.
        head: Its name.
        said: What the user says, or None.

    Raises:
        ProblemError: If nobody says, and it is none of Keras' own.
    """
    if said not in (None, "higher", "lower"):
        raise ProblemError(f"better[{head!r}] is {said!r:.80}: expected 'higher' or 'lower'.")
    if said is not None:
        return "higher" if said == "higher" else "lower"
    if metric is None:
        return "higher"
    function = getattr(metric, "_fn", None)  # of a metric that is the mean of a function
    called = getattr(function, "__name__", type(metric).__name__)
    plain = called.replace("_", "").lower()
    if plain in HIGHER:
        return "higher"
    if plain in LOWER:
        return "lower"
    raise ProblemError(
        f"Metric {metric.name!r} of head {head!r} is none of Keras' own, so it is not known "
        f"whether more or less of it is better: say so with better={{{head!r}: 'higher'}}, or "
        "'lower'."
    )
