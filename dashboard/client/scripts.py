"""Where the browser finds the scripts of the pages."""

import hashlib
from functools import cache
from importlib.metadata import version
from itertools import chain
from pathlib import Path

DASHBOARD = Path(__file__).resolve().parent.parent
CORE = DASHBOARD.parent / "core"


@cache
def names() -> list[str]:
    """The scripts that are files, as paths below `dashboard/`."""
    return sorted(path.relative_to(DASHBOARD).as_posix() for path in DASHBOARD.rglob("*.js"))


@cache
def scripts_path() -> str:
    """Where the scripts are served; another path for another program, so they may be kept for ever.

    Some scripts are made by the program (the figures of the charts), so all of its sources count.
    """
    digest = hashlib.sha256(version("plotly").encode())
    sources = chain(DASHBOARD.rglob("*.js"), DASHBOARD.rglob("*.py"), CORE.rglob("*.py"))
    for path in sorted(sources):
        digest.update(path.read_bytes())
    return f"/scripts/{digest.hexdigest()[:12]}"
