"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import psutil

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
