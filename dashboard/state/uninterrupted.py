"""What the browser tells is taken in whole, whatever else it tells meanwhile."""

import threading
from collections import deque
from functools import wraps
from typing import Any

from streamlit.runtime.state import SafeSessionState, SessionState

_making = threading.Lock()


class Line:
    """One after the other, in the order in which they came."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: deque[object] = deque()

    def __enter__(self) -> None:
        one = object()
        with self._changed:
            self._waiting.append(one)
            self._changed.wait_for(lambda: self._waiting[0] is one)

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._waiting.popleft()
            self._changed.notify_all()


def _line_of(session: SessionState) -> Line:
    with _making:
        if "line" not in session:
            session["line"] = Line()
        return session["line"]


def take_in_messages_whole() -> None:
    """Have Streamlit take in messages of a browser one by one, and call their callbacks to the end.

    It ends a script wherever that looks at the session or the address, if another message came
    since. It also does so before it has taken in the message that the script runs for, and within
    callbacks: a press of a button is forgotten then, over a slider that was moved a moment later,
    or half of what it does is done. Where all is taken in it looks for other messages by itself.

    And it takes in the next message in another thread meanwhile: the script for that would show
    that no run was begun, while Train is about to begin one.
    """
    take_in = SafeSessionState.on_script_will_rerun
    if hasattr(take_in, "__wrapped__"):
        return

    @wraps(take_in)
    def whole(self: SafeSessionState, *args: Any, **kwargs: Any) -> None:
        runner: Any = getattr(self._yield_callback, "__self__", None)
        if runner is None:
            return take_in(self, *args, **kwargs)
        line = _line_of(self._state)
        heeds = runner._execing  # other messages, while this is True
        runner._execing = False
        try:
            with line:
                return take_in(self, *args, **kwargs)
        finally:
            runner._execing = heeds

    SafeSessionState.on_script_will_rerun = whole  # type: ignore[method-assign]
