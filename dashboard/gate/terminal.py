"""What the terminal says of an error that nobody foresaw: one line, whatever a stranger sends.

`EXPLORER_TRACEBACKS=1` has it say all, for whoever looks for the fault.
"""

import logging
import os
import traceback
from pathlib import Path

LONGEST = 300  # characters of an error's own words
PROJECT = Path(__file__).resolve().parents[2]


def in_one_line(error: BaseException) -> str:
    """An error with where in our sources it came from, and where it was raised."""
    frames = [(Path(f.filename), f.lineno) for f in traceback.extract_tb(error.__traceback__)]
    told = [
        f"{place.parent.name}/{place.name}:{line}"
        for k, (place, line) in enumerate(frames)
        if k == len(frames) - 1 or is_ours(place)
    ]
    words = " ".join(f"{type(error).__name__}: {error}".split())
    plain = "".join(letter if letter.isprintable() else "?" for letter in words[:LONGEST])
    return f"{plain} ({' > '.join(told)})" if told else plain


def is_ours(place: Path) -> bool:
    """Whether a source file is the project's own."""
    return any(place.is_relative_to(PROJECT / half) for half in ("core", "dashboard"))


def tell_errors_in_one_line() -> None:
    """Have every log of this process do so: Streamlit's, the server's and asyncio's."""
    make = logging.getLogRecordFactory()
    if os.environ.get("EXPLORER_TRACEBACKS") or getattr(make, "tells_in_one_line", False):
        return

    def make_short(name, level, path, line, message, args, exc_info, *rest, **more):
        record = make(name, level, path, line, message, args, None, *rest, **more)
        if exc_info and exc_info[1]:
            record.msg, record.args = (
                f"{record.getMessage().strip()}: {in_one_line(exc_info[1])}",
                None,
            )
        return record

    make_short.tells_in_one_line = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(make_short)
