"""TensorFlow, loaded without a word: the doors of all rooms that need it do so first."""

import os
import sys
from tempfile import TemporaryFile


def load_tensorflow() -> None:
    """Load TensorFlow without its notices, if `TF_CPP_MIN_LOG_LEVEL` is 3, as our commands set it.

    It heeds that only once it is loaded. While it is, it writes past Python to standard error
    which drivers it misses and what else it could do. That is held back, and shown if it cannot
    be loaded. Where the level is another one, whoever imports it first sees it all.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") != "3" or "tensorflow" in sys.modules:
        return
    sys.stderr.flush()
    stderr = os.dup(2)
    with TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            import tensorflow  # noqa: F401
        except BaseException:
            said.seek(0)
            os.write(stderr, said.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
