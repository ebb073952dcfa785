"""What a problem of its own shows of what its model sees, beside the answers of its heads."""

from typing import Any, Protocol

import numpy as np


class View(Protocol):
    """The view of one problem; made once for a compiled measurement.

    Attributes:
        images: The two images of each of N examples, to be kept as one picture; None if there are
            none. Each of shape (N, height, width, channels), float32 in 0..1 or uint8.
        keeps: Names of arrays that the next look is given, so that a picture keeps still.
    """

    images: tuple[np.ndarray, np.ndarray] | None
    keeps: tuple[str, ...]

    def look(self, variables: list, others: list, index) -> Any:
        """What is looked at, as tensors: compiled once, and called again and again.

        Args:
            variables: Values of the model's trainable variables, in its order.
            others: Those of its non-trainable ones.
            index: Of the validation example that is picked, a scalar.
        """

    def arrays(self, seen: Any, index: int, last: dict) -> dict[str, np.ndarray] | None:
        """What of it is kept; None where it is not all finite.

        Args:
            seen: What `look` gave, as NumPy arrays.
            index: Of the example that is picked.
            last: What it `keeps` of the last look, by name; empty if there was none.
        """
