"""`python -m core.export RUN ...`: take runs away from a store, or take one in."""

import argparse
import os
import sys
from pathlib import Path

from core.errors import ExplorerError, StoreError
from core.export import formats
from core.places import DEFAULT_STORE, KERAS_HOME
from core.problems import own
from core.store import Store


def make_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python3 -m core.export",
        description="Take runs away from a store: records, settings, model, script, or all of it.",
    )
    parser.add_argument("runs", nargs="*", metavar="RUN", help="ids of runs; /api/runs lists them")
    parser.add_argument("--store", type=Path, default=DEFAULT_STORE, help="the store's file")
    explained = "; ".join(f"{name}: {row.what}" for name, row in formats.FORMATS.items())
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--format", choices=formats.FORMATS, help=explained)
    wanted.add_argument("--to", choices=["mlflow"], help="send them there; see --tracking-uri")
    wanted.add_argument(
        "--import", dest="taken_in", type=Path, metavar="FILE", help="take in a run: a bundle"
    )
    parser.add_argument("--out", type=Path, help="the file or folder to write")
    parser.add_argument("--lane", type=int, help="one lane alone, counted from 0")
    parser.add_argument(
        "--problem",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="of a problem of your own, to build its model with; carried out with your rights",
    )
    parser.add_argument("--tracking-uri", help="of MLflow, such as sqlite:///mlflow.db")
    parser.add_argument("--experiment", help="MLflow's name for where the runs go")
    return parser


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line says; what cannot be done is told in a sentence."""
    parser = make_parser()
    asked = parser.parse_args(arguments)
    asked.runs = [*dict.fromkeys(asked.runs)]
    if bool(asked.runs) == bool(asked.taken_in):
        parser.error("name runs to take away, or a file with --import")
    if asked.to and not asked.tracking_uri:
        parser.error("--to mlflow needs --tracking-uri, such as sqlite:///mlflow.db")
    try:
        print(carry_out(asked), file=sys.stderr)
    except (ExplorerError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(formats.REFUSED if isinstance(error, ValueError) else 1)


def carry_out(asked: argparse.Namespace) -> str:
    """Take away or in; give back a sentence that says what was done."""
    if not asked.taken_in and not asked.store.is_file():
        raise StoreError(f"There is no store {asked.store}. Name its file with --store.")
    own.add_from_environment()
    for path in asked.problem:
        add_problem(path)
    store = Store(asked.store)
    try:
        if asked.taken_in:
            from core.export.bundle import import_run

            return import_run(store, asked.taken_in).note
        if asked.to:
            return send(store, asked)
        formats.check(asked.format, store, asked.runs, asked.lane)
        out = asked.out or Path(formats.file_name(asked.format, asked.runs, asked.lane))
        formats.write(asked.format, store, asked.runs, out, asked.lane)
        return f"Written: {out}"
    finally:
        store.close()


def add_problem(path: Path) -> None:
    """Read the file of a problem of one's own."""
    from core.problems.making import file

    own.check_place(path)
    own.add(file.facts_of(path, file.read(path)))


def send(store: Store, asked: argparse.Namespace) -> str:
    """Write the runs into an MLflow store."""
    from core.export.models import mlflow

    experiment = asked.experiment or mlflow.EXPERIMENT
    ids = mlflow.write(store, asked.runs, asked.tracking_uri, experiment, asked.lane)
    return f"Written into the experiment {experiment!r} of {asked.tracking_uri}: {', '.join(ids)}"


if __name__ == "__main__":
    # As in the training process: TensorFlow is quiet, Keras writes nothing outside.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    os.environ.setdefault("KERAS_HOME", str(KERAS_HOME))
    main()
