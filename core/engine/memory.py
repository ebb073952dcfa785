"""How many lanes fit into memory at the same time."""

import os
from pathlib import Path

from core.errors import ConfigError
from core.problems import numbers_of_lane
from core.run.config import RunConfig
from core.run.weights import MAX_LANES

SHARE = 0.5  # of the free memory is what a map takes at most
COPIES = 8  # of a state, at worst: while it is saved (measured: 6)
UNKNOWN = 4e9  # bytes, where the system does not tell


def lanes_that_fit(config: RunConfig) -> int:
    """Number of lanes of such a run that can be trained together, 1 to `MAX_LANES`."""
    bytes_a_lane = max(1, 4 * numbers_of_lane(config) * COPIES)
    return max(1, min(MAX_LANES, int(SHARE * free_memory() / bytes_a_lane)))


def check_memory(config: RunConfig, n_lanes: int) -> None:
    """Refuse lanes that do not fit.

    Raises:
        ConfigError: If there are more than fit; the message says how many would.
    """
    most = lanes_that_fit(config)
    if n_lanes > most:
        a_lane = 4 * numbers_of_lane(config) * COPIES / 1e9
        raise ConfigError(
            f"{n_lanes} lanes are refused: each takes up to {a_lane:.2g} GB, and "
            f"{free_memory() / 1e9:.2g} GB are free. {most} would fit; start the others once "
            "these have ended."
        )


def free_memory() -> float:
    """Bytes that can be taken without swapping, as far as the system tells."""
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        return min(1024 * float(lines["MemAvailable"].split()[0]), free_in_group())
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2
    except (AttributeError, ValueError, OSError):
        return UNKNOWN


def free_in_group(group: Path = Path("/sys/fs/cgroup")) -> float:
    """Bytes that the limit of a container leaves; infinite where there is none."""
    try:
        limit = (group / "memory.max").read_text().strip()
        used = (group / "memory.current").read_text()
    except OSError:
        return float("inf")
    return float("inf") if limit == "max" else max(0.0, float(limit) - float(used))
