"""What the browser tells is taken in whole, whatever else it tells meanwhile."""

from functools import wraps
from typing import Any

from streamlit.runtime.state import SafeSessionState


def take_in_messages_whole() -> None:
    """Have Streamlit take in a message of the browser and call its callbacks without a break.

    It ends a script wherever that looks at the session or the address, if another message came
    since. It also does so before it has taken in the message that the script runs for, and within
    callbacks: a press of a button is forgotten then, over a slider that was moved a moment later,
    or half of what it does is done. Where all is taken in it looks for other messages by itself.
    """
    take_in = SafeSessionState.on_script_will_rerun
    if hasattr(take_in, "__wrapped__"):
        return

    @wraps(take_in)
    def whole(self: SafeSessionState, *args: Any, **kwargs: Any) -> None:
        runner: Any = getattr(self._yield_callback, "__self__", None)
        if runner is None:
            return take_in(self, *args, **kwargs)
        heeds = runner._execing  # other messages, while this is True
        runner._execing = False
        try:
            return take_in(self, *args, **kwargs)
        finally:
            runner._execing = heeds

    SafeSessionState.on_script_will_rerun = whole  # type: ignore[method-assign]
