"""What a browser complains of on its console."""

import re


def is_grave(message) -> bool:
    """Whether the browser logs an error, other than that Streamlit looks for itself below a page.

    Opened at `/map`, it asks `/map/_stcore/health` before it asks `/_stcore/health`. Nor is it one
    that Chromium gave up on a connection that was closed while idle: seen behind nginx, about once
    in twenty times on a machine that is busy otherwise, for a file that it has in its cache.
    """
    own = re.search(r"/\w+/_stcore/", message.location["url"])
    return message.type == "error" and not own and "ERR_TOO_MANY_RETRIES" not in message.text
