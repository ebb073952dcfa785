"""What XLA has compiled, kept on disk: the next process begins with it.

XLA reads and writes a folder as it compiles, and takes whatever lies there. So each process has one
of its own, and what is shared goes through here: whole files alone, each with a checksum.
"""

import hashlib
import os
import platform
import zlib
from contextlib import suppress
from pathlib import Path

import tensorflow as tf

FLAG = "--tf_xla_persistent_cache_directory"
KEPT = 32  # files, of about 0.6 MB


class CompiledFiles:
    """The compiled programs of a machine. To be made before TensorFlow does anything.

    Where the disk does not let it, nothing is kept, and all is compiled.

    Args:
        shared: The folder of all processes.
        own: An empty one of this process.
    """

    def __init__(self, shared: Path, own: Path):
        self._shared, self._own = shared / machine(), own
        with suppress(OSError):
            own.mkdir(parents=True, exist_ok=True)
            self._shared.mkdir(parents=True, exist_ok=True)
            for old in self._newest()[KEPT:]:
                old.unlink()
            for path in self._newest():
                self._take(path)
            flags = os.environ.get("TF_XLA_FLAGS", "")
            if FLAG not in flags and "'" not in str(own):
                os.environ["TF_XLA_FLAGS"] = f"{flags} {FLAG}='{own}'".strip()

    def share(self) -> None:
        """Let other processes have what was compiled since."""
        with suppress(OSError):
            here = {path.name.partition("-")[2] for path in self._shared.glob("*-*.pb")}
            for path in self._own.glob("*.pb"):
                if path.name not in here:
                    content = path.read_bytes()
                    # Under its name it is there at once, and whole.
                    draft = self._shared / f"{os.getpid()}.draft"
                    draft.write_bytes(content)
                    draft.replace(self._shared / f"{zlib.crc32(content):08x}-{path.name}")

    def _newest(self) -> list[Path]:
        found = self._shared.glob("*-*.pb")
        return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)

    def _take(self, path: Path) -> None:
        checksum, _, name = path.name.partition("-")
        content = path.read_bytes()
        if f"{zlib.crc32(content):08x}" == checksum:
            (self._own / name).write_bytes(content)
        else:
            path.unlink()


def machine() -> str:
    """A name for what compiled code depends on: TensorFlow, and what this processor can do."""
    facts = [tf.version.GIT_VERSION, platform.machine(), platform.processor()]
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        facts += sorted({line for line in lines if line.startswith(("flags", "Features", "model"))})
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]
