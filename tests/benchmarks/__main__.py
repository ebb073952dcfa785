"""`python3 -m tests.benchmarks [ROW ...] [--write]`: measures, prints a table, judges it.

`results`, `kills`, `hostile` and `soak`, instead of rows, ask for other things than how fast it is:
see the files of these names.
"""

import argparse
import datetime
import sys
import traceback

from dashboard.environment import PROJECT, become, python_with
from tests.benchmarks.goals import GOALS, Measurement

# What is asked for alone, and is no row of the table.
REPORTS = {
    "results": "what loss weights do: three questions, five seeds, intervals; some minutes",
    "kills": "SIGKILL for workers and servers: no row lost, back soon; about ten minutes",
    "hostile": "hostile requests, frames and files: no fault, no traceback; some minutes",
    "soak": "run after run with two pollers, an hour: does anything grow?",
}
ALONE = [[name] for name in REPORTS]
README = PROJECT / "README.md"


def main():
    """Check the options, go on in the interpreter that has the libraries, measure, print."""
    options, wanted = parse()
    python = python_with(PROJECT / "tests" / "requirements.txt")
    if python != sys.executable:
        become(python, "-m", "tests.benchmarks", *sys.argv[1:])
    if options.rows in ALONE:
        sys.exit(not do_alone(options))
    from tests.benchmarks import machine, table

    today = datetime.datetime.now(datetime.UTC).date()
    load, source = machine.load(), machine.commit()  # as they are before minutes go by
    if options.write:
        table.written(README.read_text("utf-8"), [], wanted, {})  # there is a place: or else now
    measured = measure({goal.name for goal in wanted})
    rows = [table.row(goal, measured.get(goal.name)) for goal in wanted]
    print(*machine.facts(), load, "", sep="\n")
    print(table.plain(rows))
    if options.write:
        facts = [f"Measured on {today} of {source}", *machine.facts(), load]
        README.write_text(
            table.written(README.read_text("utf-8"), facts, wanted, measured), "utf-8"
        )
    missed = [goal.name for goal in wanted if not table.is_met(goal, measured.get(goal.name))]
    if missed:
        sys.exit(f"\nMissed: {', '.join(missed)}")


def make_parser():
    """The command line's options."""
    listing = "\n".join(f"  {goal.name:<13} {goal.what}: {goal.in_words()}" for goal in GOALS)
    alone = "\n".join(f"  {name:<13} {what}" for name, what in REPORTS.items())
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.benchmarks",
        description="Measures how fast, how soon and how big the explorer is on this machine, "
        "side by side with plain Keras; exits 1 where a goal is missed. All rows take about 20 "
        "minutes. Let nothing else run meanwhile.",
        epilog=f"rows:\n{listing}\n\nor, instead of rows:\n{alone}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only rows with this in their name")
    parser.add_argument(
        "--write",
        action="store_true",
        help="put the table into README.md, with date, commit and machine; all rows or none, since "
        "rows of several days would look like one measurement",
    )
    parser.add_argument("--seed", type=int, default=0, help="of kills and hostile")
    parser.add_argument("--count", type=int, help="of kills or of hostile requests, see there")
    parser.add_argument("--minutes", type=float, default=60, help="of soak (default: %(default)s)")
    return parser


def do_alone(options) -> bool:
    """Do what is no row; whether all is as it should be."""
    from tests.benchmarks import hostile, kills, results, soak

    (name,) = options.rows
    if name == "results":
        results.report()
        return True
    if name == "kills":
        n_workers = options.count or kills.WORKER_KILLS
        return kills.report(options.seed, n_workers, -(-n_workers // 4))
    if name == "soak":
        return soak.report(options.minutes)
    return hostile.report(options.seed, options.count or hostile.REQUESTS)


def parse():
    """The options, and the goals that they ask for."""
    parser = make_parser()
    options = parser.parse_args()
    if options.write and options.rows:
        parser.error("--write takes no rows: the README has all of them from one measurement")
    if options.rows in ALONE:
        return options, []
    for part in options.rows:
        if not any(part in goal.name for goal in GOALS):
            parser.error(f"no row has {part!r} in its name; --help lists them")
    wanted = [
        goal
        for goal in GOALS
        if not options.rows or any(part in goal.name for part in options.rows)
    ]
    return options, wanted


def measure(names: set[str]) -> dict[str, Measurement]:
    """Measure the rows of these names; one that cannot be measured is told and left out."""
    from tests.benchmarks import (
        classroom,
        dragging,
        latency,
        listing,
        maps,
        memory,
        opening,
        page,
        tasks,
        training,
    )
    from tests.benchmarks.bench import Bench

    functions = {
        training.dense: {"dense", "dense-32"},
        training.to_accuracy: {"accuracy"},
        training.conv: {"conv"},
        training.other_problems: {"detector", "autoencoder", "tickets"},
        training.watched: {"watched"},
        training.looks: {"looks"},
        training.probe: {"probe"},
        training.lanes: {"lanes"},
        latency.first_record: {"first-record"},
        latency.never_compiled: {"never-compiled"},
        latency.loss_weights: {"weights"},
        maps.sweep: {"map", "flops"},
        maps.lane_curve: {"lane-curve"},
        maps.race: {"race"},
        maps.fork: {"fork"},
        memory.growth: {"growth"},
        latency.replaced: {"replaced"},
        opening.start: {"start"},
        opening.explain: {"help"},
        listing.run_list: {"run-list"},
        listing.run_curve: {"run-curve"},
        page.curves: {"curves"},
        page.map_updates: {"map-update"},
        tasks.tasks: {"long-task", "rest"},
        dragging.drag: {"drag-record", "drag-curve", "drag-cpu"},
        classroom.lessons: {goal.name for goal in GOALS if goal.name.startswith("class")},
        page.watch: {"tensorflow", "seen", "cpu", "server-rss", "worker-rss"},
    }
    measured = {}
    with Bench() as bench:
        for function, covered in functions.items():
            if not covered & names:
                continue
            try:
                measured |= function(bench)
            except Exception:
                traceback.print_exc()
    return measured


if __name__ == "__main__":
    main()
