"""How many lanes fit into memory at the same time."""

import os
from pathlib import Path

from core.run.config import RunConfig
from core.run.heads import HEADS
from core.run.weights import MAX_LANES

SHARE = 0.5  # of the free memory is what a map takes at most
COPIES = 8  # of a state, at worst: while it is saved (measured: 6)
UNKNOWN = 4e9  # bytes, where the system does not tell


def lanes_that_fit(config: RunConfig) -> int:
    """Number of lanes of such a run that can be trained together, 1 to `MAX_LANES`."""
    moments = {"sgd": 1, "adam": 2}[config.optimizer]
    bytes_a_lane = 4 * n_parameters(config) * (1 + moments) * COPIES
    return max(1, min(MAX_LANES, int(SHARE * free_memory() / bytes_a_lane)))


def n_parameters(config: RunConfig) -> int:
    """Number of the model's trainable parameters, told without building it."""
    height, width, channels = config.facts.image_shape
    size = config.embedding_size
    if config.trunk == "dense":
        trunk = (height * width * channels + 1) * 128 + (128 + 1) * size
    else:
        pooled = (height // 4) * (width // 4) * 32
        trunk = (9 * channels + 1) * 16 + (9 * 16 + 1) * 32 + (pooled + 1) * size
    of_pair = size if config.distance == "square" else 1
    seen = {"ctg_out_1": size, "ctg_out_2": size, "bin_out": of_pair}
    heads = sum((seen[head.name] + 1) * head.n_classes(config.n_classes) for head in HEADS)
    return trunk + heads


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
