"""Where files lie: the project, and what it keeps in its folder `.runs`."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DEFAULT_STORE = PROJECT / ".runs" / "runs.sqlite"
KERAS_HOME = PROJECT / ".runs" / "keras"  # what Keras fetches and writes
COMPILED = PROJECT / ".runs" / "compiled"  # what XLA has compiled, by machine
