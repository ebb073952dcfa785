"""TensorFlow, loaded without a word and without what nobody uses: heavy rooms do so first."""

import gc
import os
import sys
from tempfile import TemporaryFile

UNUSED = ("sklearn",)  # Keras loads it where it is there, for wrappers, which takes up to 2 s


def load_tensorflow() -> None:
    """Load TensorFlow as fast as can be, and without its notices if its log level is 3."""
    if "tensorflow" in sys.modules:
        return
    absent = [name for name in UNUSED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # which makes an import of them fail
    gc.disable()  # it would look through all that is loaded again and again, and find nothing
    try:
        _load_quietly()
    finally:
        gc.freeze()
        gc.enable()
        for name in absent:
            del sys.modules[name]


def _load_quietly() -> None:
    """Load it without its notices, if `TF_CPP_MIN_LOG_LEVEL` is 3, as our commands set it.

    It heeds that only once it is loaded. While it is, it writes past Python to standard error
    which drivers it misses and what else it could do. That is held back, and shown if it cannot
    be loaded. Where the level is another one, whoever loads it sees it all.
    """
    if os.environ.get("TF_CPP_MIN_LOG_LEVEL") != "3":
        import tensorflow

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
