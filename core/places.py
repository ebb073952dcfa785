"""Where files lie: the project, and what it keeps in its folder `.runs`."""

import os
from pathlib import Path


def kept_in(project: Path) -> Path:
    """The folder for what can be had again: one's own where the project is somebody else's."""
    folder = project / ".runs"
    is_ours = os.access(folder if folder.exists() else project, os.W_OK)
    return folder if is_ours else Path(os.path.expanduser("~/.cache/loss-weight-explorer"))


PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_STORE = PROJECT / ".runs" / "runs.sqlite"
KERAS_HOME = kept_in(PROJECT) / "keras"  # what Keras fetches and writes
COMPILED = kept_in(PROJECT) / "compiled"  # what XLA has compiled, by machine
