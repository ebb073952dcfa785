"""What somebody reads on a page, of which an `AppTest` has the Markdown."""

import re


def as_read(markdown: str) -> str:
    """Markdown without what keeps its characters from meaning anything."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def read(element) -> str:
    """The words of an element."""
    return as_read(element.value)
