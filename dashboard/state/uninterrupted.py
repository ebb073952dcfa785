"""What is done on a press is done whole, whatever else the browser tells meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx


@contextmanager
def whole() -> Iterator[None]:
    """Within a callback: let Streamlit end it nowhere in its middle.

    It does so wherever a callback looks at the session or the address, if another message came
    since, such as of a slider that was moved right after a press of Train. The press is forgotten
    then, or half of what it does: a run is started and not shown.
    """
    context = get_script_run_ctx()
    runner: Any = getattr(context and context.session_state._yield_callback, "__self__", None)
    if runner is None:
        yield
        return
    before = runner._execing  # it heeds other messages while this is True
    runner._execing = False
    try:
        yield
    finally:
        runner._execing = before
