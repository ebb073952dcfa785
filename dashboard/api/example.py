"""The run that the page Learn shows where there is none: the default one, as it was recorded once.

`python3 -m dashboard.api.make_example` has trained it and written the file.
"""

import base64
import gzip
import json
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("example.json.gz")
OTHER_PAIRS = "Of this example the first pair alone is kept layer by layer: press Train for others."


@cache
def _kept() -> dict:
    return json.loads(gzip.decompress(FILE.read_bytes()))


def answer(kind: str, after: int, pair: int = 0, seen: str | None = None) -> dict:
    """What a route tells of it.

    Args:
        kind: "records" or "inside".
        after: The cursor of the last answer, 0 for all.
        pair: The validation pair that is asked for.
        seen: The token of the snapshot that is known already.
    """
    kept = _kept()[kind]
    told = dict(kept)
    if after >= kept["cursor"]:
        told["columns"] = {name: [] for name in kept["columns"]}
    if kind == "inside":
        told["told"] = "" if pair == 0 else OTHER_PAIRS
        if seen == kept["token"]:
            told["snapshot"] = None
    return told


def pictures() -> bytes:
    """The images of its validation pairs as a PNG."""
    return base64.b64decode(_kept()["pictures"])
