"""Sliders that are ahead of the run: what they say was sent, and is not in force yet."""

from dataclasses import dataclass

from core.run.heads import HEAD_NAMES
from core.run.weights import LossWeights


@dataclass
class Ahead:
    """What one slider has sent.

    Attributes:
        before: What was in force then.
        sent: The weights sent since that have not been in force yet, in their order.
    """

    before: float
    sent: list[float]

    def see(self, in_force: float) -> None:
        """Take note of the weight that is in force now."""
        if in_force in self.sent:
            self.before, self.sent = in_force, self.sent[self.sent.index(in_force) + 1 :]
        elif in_force != self.before:  # somebody else has moved it since
            self.sent = []


def followed(sliders: LossWeights, in_force: LossWeights, ahead: dict[str, Ahead]) -> LossWeights:
    """Where sliders belong: at what is in force, but for those that are ahead of it.

    Args:
        sliders: Where they are.
        in_force: The weights that the lane is trained with.
        ahead: By the names of heads; who is ahead no more is taken out.
    """
    for name in list(ahead):
        ahead[name].see(getattr(in_force, name))
        if not ahead[name].sent:
            del ahead[name]
    return in_force.moved({name: getattr(sliders, name) for name in HEAD_NAMES if name in ahead})
