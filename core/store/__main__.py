"""`python3 -m core.store check|vacuum|backup|release PATH`."""

import argparse
import sys
from pathlib import Path

from core.errors import StoreError
from core.store import upkeep


def make_parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    parser = argparse.ArgumentParser(
        prog="python3 -m core.store", description="Look after the file that runs are kept in."
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("check", help="read all of it and tell what is wrong")
    verbs.add_parser("vacuum", help="give back the space of what was deleted")
    verbs.add_parser("release", help="end what machines that are gone have left unfinished")
    copying = verbs.add_parser("backup", help="copy it, even while it is in use")
    copying.add_argument("--to", type=Path, help="the new file (else one beside PATH)")
    for verb in verbs.choices.values():
        verb.add_argument("path", metavar="PATH", type=Path, help="the store, an SQLite file")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Do what is asked of a store; 0 if all is well, else 1."""
    asked = make_parser().parse_args(arguments)
    try:
        return DO[asked.verb](asked)
    except StoreError as error:
        print(error, file=sys.stderr)
        return 1


def check(asked) -> int:
    """Tell what is there, and what is wrong."""
    facts, faults = upkeep.check(asked.path)
    print(*facts, *(faults or ["It is sound."]), sep="\n")
    return 1 if faults else 0


def vacuum(asked) -> int:
    """Tell what it took and takes."""
    before, after = upkeep.vacuum(asked.path)
    print(f"{asked.path}: {before:,} bytes before, {after:,} after.")
    return 0


def backup(asked) -> int:
    """Tell where the copy is."""
    print(f"Copied to {upkeep.backup(asked.path, asked.to)}.")
    return 0


def release(asked) -> int:
    """Tell how much there was."""
    print(f"{upkeep.release(asked.path)} runs that were trained elsewhere are stopped.")
    return 0


DO = {"check": check, "vacuum": vacuum, "backup": backup, "release": release}

if __name__ == "__main__":
    sys.exit(main())
