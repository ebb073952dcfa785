"""What a browser complains of on its console."""

import re


def is_grave(message) -> bool:
    """Whether the browser logs an error, other than that Streamlit looks for itself below a page.

    Opened at `/map`, it asks `/map/_stcore/health` before it asks `/_stcore/health`.
    """
    return message.type == "error" and not re.search(r"/\w+/_stcore/", message.location["url"])
