"""Problems of one's own, read in a process of their own: TensorFlow stays out of this one."""

import json
import os
import subprocess
import sys
from pathlib import Path

from core.errors import ProblemError
from core.places import PROJECT
from core.problems import own


def read(path: str | Path) -> own.Facts:
    """What is to be known of the problem of a file, which is carried out with our rights.

    Raises:
        ProblemError: If it cannot be trained; the message says why.
        ConfigError: If its name is taken.
    """
    path = Path(path).expanduser().resolve()
    own.check_place(path)
    paths = [str(PROJECT), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-m", "core.problems", "check", str(path), "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
    )
    try:
        told = json.loads(done.stdout)
    except ValueError:
        last = " ".join(done.stderr.split())[-400:]
        raise ProblemError(
            f"{path} cannot be read: the process that carries it out ended with exit code "
            f"{done.returncode}. {last}".strip()
        ) from None
    if "refused" in told:
        raise ProblemError(told["refused"])
    facts = own.Facts(**told)
    own.add(facts)
    return facts
