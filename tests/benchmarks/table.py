"""Measurements as a table, for the terminal and for the README."""

from tests.benchmarks.goals import Goal, Measurement

TITLES = ("what", "ours", "reference", "ratio", "goal", "ok")


def is_met(goal: Goal, measured: Measurement | None) -> bool:
    """Whether the goal was measured and reached."""
    return measured is not None and goal.is_met(measured)


def row(goal: Goal, measured: Measurement | None) -> tuple[str, ...]:
    """The cells of one row; without a measurement it says so."""
    ours, reference, ratio = "not measured", "", ""
    if measured is not None:
        ours = f"{number(measured.ours)} {goal.unit}"
    if measured is not None and measured.reference is not None:
        reference, ratio = number(measured.reference), f"{measured.ratio:.2f}x"
    ok = "yes" if is_met(goal, measured) else "NO"
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
    """The same for the README."""
    lines = [TITLES, ["---"] * len(TITLES), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
