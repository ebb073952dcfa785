"""A dictionary of what was put into it last: a process that runs for weeks keeps no more."""

from typing import TypeVar

MOST = 200  # runs and lanes that somebody may look at in turn
Key, Value = TypeVar("Key"), TypeVar("Value")


class Recent(dict[Key, Value]):
    """Forgets what has not been put for longest, where there is more than `MOST`."""

    def __setitem__(self, key: Key, value: Value) -> None:
        self.pop(key, None)
        super().__setitem__(key, value)
        while len(self) > MOST:
            del self[next(iter(self))]
