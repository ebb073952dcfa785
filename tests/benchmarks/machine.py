"""What the figures were measured on, and what of."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path

import psutil

from core.places import PROJECT

LIBRARIES = ("tensorflow", "keras", "numpy", "streamlit", "plotly")
CPUINFO = Path("/proc/cpuinfo")


def facts() -> list[str]:
    """Lines on processor, memory, system and versions."""
    memory = psutil.virtual_memory().total / 2**30
    return [
        f"{processor()}, {cores()} cores, {memory:.0f} GB, {platform.system()}",
        ", ".join([f"Python {platform.python_version()}", *map(versioned, LIBRARIES)]),
    ]


def load() -> str:
    """How busy the machine is now: figures of a busy one say little."""
    return f"Load average before the first measurement: {psutil.getloadavg()[0]:.1f}"


def commit(folder: Path = PROJECT) -> str:
    """The commit that is checked out in a folder, and whether its files differ from it.

    The README alone makes no difference: it is what the figures go into.
    """
    try:
        name = _git(folder, "rev-parse", "--short", "HEAD")
        changes = _git(folder, "status", "--porcelain", "--", ".", ":!README.md")
    except (OSError, subprocess.CalledProcessError):
        return "a copy without its history"
    return f"commit {name}" + (" with changes" if changes else "")


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    if CPUINFO.exists():
        for line in CPUINFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def cores() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def versioned(library: str) -> str:
    """A library and its version."""
    return f"{library} {version(library)}"
