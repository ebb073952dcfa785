"""Who may do what with whose run: the one rule, for pages, routes and the weights desk alike."""

from dataclasses import dataclass
from enum import StrEnum


class Deed(StrEnum):
    """What is done with a run that is more than looking at it, or taking it away."""

    STEER = "steered"  # its weights and settings; paused, stepped, stopped, forked, rewound
    LABEL = "renamed"  # its note, too
    PIN = "pinned or unpinned"
    DELETE = "deleted"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who comes by the page or a route; scripts with an `Engine` are asked nothing.

    Attributes:
        person: Digest of the browser's cookie. Empty without one: then no run is theirs.
        is_teacher: Whether they have the teacher's cookie or token.
        is_open: Whether all may do everything here, as in a room where people know each other.
    """

    person: str = ""
    is_teacher: bool = False
    is_open: bool = False

    def owns(self, person: str) -> bool:
        """Whether this is the person; nobody is the command line, whose name is empty."""
        return bool(person) and self.person == person

    def may(self, deed: Deed, person: str, pinned: bool = False) -> bool:
        """Whether they may do that with a run.

        Args:
            deed: What is to be done.
            person: Whose run it is, see `Run`.
            pinned: Whether the run is pinned: then nobody else deletes it, nor unpins it before.
        """
        if self.is_teacher or self.owns(person):
            return True
        return self.is_open and not (pinned and deed in (Deed.PIN, Deed.DELETE))
