"""Heads as a value: which losses a run has, and what is known of each."""

import hashlib
from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

MOST_HEADS = 12  # that a store keeps, and that a page can tell apart
ACCURACY = "accuracy"  # the metric that is a share of right answers, and told in percent
GREATEST = 1000.0  # loss weight
LONGEST_HEAD, LONGEST_QUESTION = 100, 200  # letters


class Head(BaseModel):
    """One output with a loss. Everything that differs between heads is in this row.

    Attributes:
        name: Of the Keras output, its loss and its weight: any that Keras allows.
        asks: The question that it answers, in words.
        called: The same in a word or two, to stand beside the name.
        default_weight: Unitless; what it is trained with where nothing else is said.
        loss: Of which kind it is, by Keras' name: losses of one name share an axis. Runs of older
            stores do not say: theirs are cross-entropies.
        metric: What is told besides the loss, by the name that tables and axes have; None of a
            head that has its loss alone. Runs of older stores do not say: theirs are accuracies.
        better: Whether more or less of the metric is.
        chance: The metric of whoever guesses, if there is such a level.
        chance_loss: The loss of the same.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(min_length=1, max_length=LONGEST_HEAD)
    asks: str = Field(default="", max_length=LONGEST_QUESTION)
    called: str = Field(default="", max_length=LONGEST_HEAD)
    default_weight: float = Field(default=1.0, ge=0, le=GREATEST)
    loss: str = "categorical_crossentropy"
    metric: str | None = Field(default=ACCURACY, pattern=rf"^[^.]{{1,{LONGEST_HEAD}}}$")
    better: Literal["higher", "lower"] = "higher"
    chance: float | None = None
    chance_loss: float | None = None

    @property
    def sign(self) -> int:
        """What to multiply the metric with, so that more of it is better."""
        return 1 if self.better == "higher" else -1

    @property
    def loss_kind(self) -> str:
        """What its loss can be compared with: losses of one unit, or else those of its name."""
        return unit_of(self.loss) or self.loss


def unit_of(loss: str) -> str:
    """The unit of a loss, where it has one."""
    return "nats" if "crossentropy" in loss or loss.startswith("kl") else ""


Heads = tuple[Head, ...]
HEADS = TypeAdapter(Heads)  # as JSON and back


def key_of(heads: Heads) -> str:
    """Tells heads from all others, such as in the address of what is made for them."""
    return hashlib.sha256(HEADS.dump_json(heads)).hexdigest()[:12]


def names_of(heads: Iterable[Head]) -> tuple[str, ...]:
    """The names of heads, in their order."""
    return tuple(head.name for head in heads)
