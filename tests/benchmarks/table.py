"""Measurements as a table, for the terminal and for the README."""

import textwrap
from collections.abc import Sequence

from tests.benchmarks.goals import Goal, Measurement

TITLES = ("what", "ours", "reference", "ratio", "goal", "ok")
MISSED = "NO"
WIDTH = 100
BEGIN = "<!-- Up to the end mark: written by `python3 -m tests.benchmarks --write`. -->"
END = "<!-- End of what is written. -->"


def is_met(goal: Goal, measured: Measurement | None) -> bool:
    """Whether the goal was measured and reached."""
    return measured is not None and goal.is_met(measured)


def row(goal: Goal, measured: Measurement | None) -> tuple[str, ...]:
    """The cells of one row; without a measurement it says so."""
    ours, reference, ratio = "not measured", "", ""
    if measured is not None:
        ours = f"{number(measured.ours)} {goal.unit}"
        ours += f" ({measured.curve})" if measured.curve else ""
    if measured is not None and measured.reference is not None:
        reference, ratio = number(measured.reference), f"{measured.ratio:.2f}x"
    ok = "yes" if is_met(goal, measured) else MISSED
    return goal.what, ours, reference, ratio, goal.in_words(), ok


def number(value: float) -> str:
    """Three digits that count, or all before the point."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def plain(rows) -> str:
    """Columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(TITLES, *rows, strict=True)]
    lines = [TITLES, ["-" * width for width in widths], *rows]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def markdown(rows) -> str:
    """The same for the README, where what is missed is bold."""
    rows = [[f"**{cell.lower()}**" if cell == MISSED else cell for cell in row] for row in rows]
    lines = [TITLES, ["---"] * len(TITLES), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written(
    text: str, facts: Sequence[str], goals: Sequence[Goal], measured: dict[str, Measurement]
) -> str:
    """The README's text with these measurements between its two marks; all else stays.

    Args:
        text: The README's.
        facts: When, of which program and on what was measured: a sentence each.
        goals: The rows of the table.
        measured: By the name of the goal; a row that is not there says that it was not measured.

    Raises:
        ValueError: If the text has not each mark once, the begin first.
    """
    if (text.count(BEGIN), text.count(END)) != (1, 1) or text.index(BEGIN) > text.index(END):
        raise ValueError(
            f"There is no place for the table. Expected is the line {BEGIN!r}, and below it the "
            f"line {END!r}, each of them once: put them where the table is to stand."
        )
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    missed = sum(not is_met(goal, measured.get(goal.name)) for goal in goals)
    told = f"{missed} of {len(goals)} goals are missed." if missed else "All goals are reached."
    rows = [row(goal, measured.get(goal.name)) for goal in goals]
    said = textwrap.fill(" ".join([*(f"{fact}." for fact in facts), told]), WIDTH)
    parts = [BEGIN, said, markdown(rows), END]
    return before + "\n\n".join(parts) + after
