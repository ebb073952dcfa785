"""Fashion-MNIST as it is published, but small."""

import gzip

import numpy as np

FASHION = "datasets/fashion-mnist"


def idx_files(n: int) -> dict[str, bytes]:
    """Fashion-MNIST as it is published, but for the number and content of its images."""
    rng, files = np.random.default_rng(0), {}
    for part, count in (("train", n), ("t10k", 60)):
        # The published files: magic number, counts and sides as big-endian words, then bytes.
        head = np.array([2051, count, 28, 28], ">i4").tobytes()
        noise = rng.integers(256, size=(count, 28, 28), dtype=np.uint8).tobytes()
        files[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(head + noise, 1)
        labels = (np.arange(count) % 10).astype(np.uint8).tobytes()
        head = np.array([2049, count], ">i4").tobytes()
        files[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(head + labels)
    return files
