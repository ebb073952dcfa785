"""Which tests stay in one process, and which of those take minutes."""

import re

# The scopes that take minutes, in the order in which two processes should take them: the short ones
# are left for the end, where they fill up what one process has left. While one drives its first
# pages, the other is best kept from a browser of its own.
LONG_SCOPES = (
    "explore",
    "tests/core/worker/test_cluster.py",
    "tests/core/engine/test_engine.py",
    "tests/core/training/test_program.py",
    "tests/core/export/test_export_of_problems.py",
    "pages",
    "scripts of pages",
    "tests/test_readme.py",
    "tests/core/training/test_session.py",
    "tests/core/worker/test_worker.py",
)


def scope_of(nodeid: str) -> str:
    """What has to stay in one process, as it shares a server or an engine with other tests."""
    file = nodeid.split("::")[0]
    if re.search(r"dashboard/(test_app|\w+/test_\w+_page)\.py$", file):
        return "scripts of pages"
    if "browser/" not in file:
        return file
    return "pages" if re.search("compare|inside|learn|map|runs|toolbar", file) else "explore"
