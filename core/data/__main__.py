"""Adds images of one's own: `python3 -m core.data PATH... --store STORE`."""

import argparse
from pathlib import Path

from core.data import datasets, own_data
from core.errors import DataError
from core.places import DEFAULT_STORE


def main() -> None:
    """Add each of the paths, and say under which name; end with 1 if one is refused."""
    parser = argparse.ArgumentParser(
        prog="python3 -m core.data",
        description="Check images and keep them beside a store, for its runs to be trained on.",
    )
    parser.add_argument(
        "paths",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="a .npz file with x (images) and y (labels), or with x_train, y_train, x_test and "
        "y_test; or a folder with one sub-folder a class",
    )
    parser.add_argument(
        "--store", type=Path, default=DEFAULT_STORE, help="the store (default: %(default)s)"
    )
    parser.add_argument(
        "--leave-out-broken",
        action="store_true",
        help="do without the files of a folder that cannot be read",
    )
    options = parser.parse_args()
    folder = datasets.folder_of(options.store)
    for path in options.paths:
        try:
            added = own_data.add(path, folder, leave_out_broken=options.leave_out_broken)
        except DataError as error:
            parser.exit(1, f"{error}\n")
        print(" ".join(added.told), flush=True)


if __name__ == "__main__":
    main()
