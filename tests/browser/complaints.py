"""What a browser complains of on its console."""

import re


def complaints_of(page) -> list[str]:
    """What the browser complains of on a page from now on: a list that grows."""
    told: list[str] = []

    def log(message):
        if is_grave(message):
            told.append(f"{message.text} {message.location['url']}")

    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", log)
    return told


def is_grave(message) -> bool:
    """Whether the browser logs an error, other than that Streamlit looks for itself below a page.

    Opened at `/map`, it asks `/map/_stcore/health` before it asks `/_stcore/health`. Nor is it one
    that Chromium gave up on a connection that was closed while idle: seen behind nginx, about once
    in twenty times on a machine that is busy otherwise, for a file that it has in its cache.
    """
    own = re.search(r"/\w+/_stcore/", message.location["url"])
    return message.type == "error" and not own and "ERR_TOO_MANY_RETRIES" not in message.text
