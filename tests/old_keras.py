"""Older versions of Keras beside the present one, to open there what is taken away.

`python3 -m tests` fetches them once, a folder each, without what they depend on: the present
TensorFlow and the other libraries serve them too. `python -m tests.old_keras` does that alone.
"""

import os
import shutil
import subprocess
import sys
from contextlib import suppress

from dashboard.environment import PROJECT, say

MODEL, SCRIPT = "3.4.0", "3.7.0"  # the oldest that a model and a script of ours open in


def folder_of(version):
    """Where that version lies; first on the path of modules, it is the one that is imported."""
    return PROJECT / ".venv" / f"keras-{version}"


def fetch():
    """Have pip fetch those that are not here.

    Raises:
        SystemExit: If it cannot, with a sentence.
    """
    for version in (MODEL, SCRIPT):
        folder = folder_of(version)
        if folder.exists():
            continue
        say(f"Fetching Keras {version}, to test that it opens what is taken away.")
        half = folder.with_name(f".half-{folder.name}-{os.getpid()}")
        options = ["--disable-pip-version-check", "--quiet", "--no-deps", "--target", str(half)]
        command = [sys.executable, "-I", "-m", "pip", "install", *options, f"keras=={version}"]
        try:
            if subprocess.run(command, stdout=sys.stderr, check=False).returncode:
                raise SystemExit(
                    f"pip could not fetch Keras {version}; its reason is above. Check the network "
                    "and the proxy settings, and start again."
                )
            with suppress(OSError):  # another start was faster
                half.rename(folder)
        finally:
            shutil.rmtree(half, ignore_errors=True)


def run(version, script, *arguments, folder=None):
    """Run a script with a version of Keras, and with nothing of this project; how it has ended.

    Args:
        version: One of those above, or None for the present one; its warnings are errors.
        script: Source of the script.
        arguments: Its arguments.
        folder: Where it runs.
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("PYTHONPATH", None)
    if version:
        place = folder_of(version)
        assert place.exists(), f"Keras {version} is not here: run `python -m tests.old_keras`."
        environment["PYTHONPATH"] = str(place)
    strict = [] if version else ["-W", "error"]
    return subprocess.run(
        [sys.executable, *strict, "-c", script, *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


if __name__ == "__main__":
    fetch()
