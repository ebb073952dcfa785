"""Text of others as it is to be shown by what takes it for a language of its own.

Streamlit takes all it is given for Markdown, Plotly takes some tags. Names, addresses and messages
of errors have characters of their own: without this, a link in the address of a page would be one
on the page, under any words. Two things Streamlit does all the same: it draws ` -> ` and ` -- ` as
an arrow and a dash, and makes a whole address, `https://...`, a link to just that.
"""

import re
from html import escape


def plain(text: str) -> str:
    """A text as Markdown that shows it as it is."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)


def sentence(text: str) -> str:
    """A text as Markdown that shows it as it is but for code, which is what backticks enclose."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # the last backtick encloses nothing
        return plain(text)
    return "`".join(part if k % 2 else plain(part) for k, part in enumerate(parts))


def in_chart(text: str) -> str:
    """A text as Plotly draws it as it is; `inChart` in the browser does the same.

    A template, such as that of what is said at a point, would fill in `%{x}`.
    """
    return escape(text, quote=False).replace("%{", "&#37;{")
