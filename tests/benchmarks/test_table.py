"""The table that `python3 -m tests.benchmarks --write` puts into the README."""

import re
import subprocess
import sys

import pytest

from tests.benchmarks import __main__ as benchmarks
from tests.benchmarks import machine
from tests.benchmarks.goals import GOALS, Goal, Measurement, curve, growth
from tests.benchmarks.table import BEGIN, END, written

FAST = Goal("fast", "steps of it", "steps/s", ratio_at_least=4)
SOON = Goal("soon", "start of it", "s", ratio_at_most=1.2, at_most=4)
SMALL = Goal("small", "files of it", "files", at_most=0)
OLD = "| what | was | there |"
README = f"# Title\n\nWords.\n\n{BEGIN}\n\n{OLD}\n\n{END}\n\nMore words.\n"
FACTS = ("Measured on 2031-02-03 of commit 1a2b3c4", "A machine")
CURVED = Measurement(3, curve=curve((1, 1000), [0.0025, 0.00012]))
MEASURED = {"fast": Measurement(9000, 2000), "soon": Measurement(3.14159, 2.5)}
GOOD = {"fast": Measurement(8000, 1000), "soon": Measurement(2, 2), "small": Measurement(0)}


def test_the_table_stands_between_its_marks_with_date_and_machine():
    # Written by hand: 9000 / 2000 = 4.5, 3.14159 / 2.5 = 1.26, which is more than 1.2.
    assert written(README, FACTS, (FAST, SOON, SMALL), {**MEASURED, "small": CURVED}) == "\n".join(
        (
            "# Title",
            "",
            "Words.",
            "",
            BEGIN,
            "",
            "Measured on 2031-02-03 of commit 1a2b3c4. A machine. 2 of 3 goals are missed.",
            "",
            "| what | ours | reference | ratio | goal | ok |",
            "| --- | --- | --- | --- | --- | --- |",
            "| steps of it | 9,000 steps/s | 2,000 | 4.50x | at least 4x | yes |",
            "| start of it | 3.14 s | 2.5 | 1.26x | at most 1.2x, at most 4 s | **no** |",
            "| files of it | 3 files (1: 2.5 ms, 1,000: 0.12 ms) |  |  | none | **no** |",
            "",
            END,
            "",
            "More words.",
            "",
        )
    )


def test_a_growth_is_the_worst_from_one_to_the_next():
    assert growth([8, 4, 5, 5]) == 1.25
    assert growth([8, 4, 2]) == 0.5


def test_written_twice_nothing_changes_but_figures():
    goals = (FAST, SOON, SMALL)
    once = written(README, FACTS, goals, MEASURED)
    assert written(once, FACTS, goals, MEASURED) == once
    again = written(once, ("Measured on 2031-02-04 of commit 1a2b3c4", "A machine"), goals, GOOD)
    assert again == written(
        README, ("Measured on 2031-02-04 of commit 1a2b3c4", "A machine"), goals, GOOD
    )
    assert "All goals are reached." in again
    places = [re.sub(r"[\d,.]+|\*?\*?(yes|no)\b\*?\*?", "#", text) for text in (once, again)]
    lines, others = (text.splitlines() for text in places)
    assert len(lines) == len(others)
    assert sum(one != other for one, other in zip(lines, others, strict=True)) == 2  # told, files


def test_what_is_around_the_table_is_left_alone_in_the_readme_itself():
    text = benchmarks.README.read_text("utf-8")
    new = written(text, ["When and what of", *machine.facts(), machine.load()], GOALS, {})
    assert new.count("\n") <= 350  # as test_readme.py wants it
    for mark, side in ((BEGIN, 0), (END, 1)):
        assert new.split(mark)[side] == text.split(mark)[side]
    rows = [line for line in new.split(BEGIN)[1].split(END)[0].splitlines() if line[:2] == "| "]
    assert [line.split(" | ")[0][2:] for line in rows[2:]] == [goal.what for goal in GOALS]


@pytest.mark.parametrize(
    "text",
    [
        "",
        README.replace(BEGIN, ""),
        README.replace(END, ""),
        README + README,
        README + END,
        f"{END}\n{BEGIN}\n",
    ],
)
def test_a_text_without_a_place_for_the_table_is_refused(text):
    with pytest.raises(ValueError, match="There is no place for the table"):
        written(text, FACTS, (FAST,), MEASURED)


def run(monkeypatch, tmp_path, *arguments):
    """The benchmark's command line, with a README and measurements that are not the real ones."""
    readme = tmp_path / "README.md"
    readme.write_text(README, "utf-8")
    monkeypatch.setattr(benchmarks, "README", readme)
    monkeypatch.setattr(benchmarks, "python_with", lambda requirements: sys.executable)
    monkeypatch.setattr(benchmarks, "measure", lambda names: {"dense": Measurement(9000, 2000)})
    monkeypatch.setattr(machine, "commit", lambda: "commit 1a2b3c4")
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    with pytest.raises(SystemExit) as ended:  # most goals are missed: they were not measured
        benchmarks.main()
    return readme.read_text("utf-8"), ended.value.code


def test_the_command_writes_where_it_is_told_to(monkeypatch, tmp_path):
    text, code = run(monkeypatch, tmp_path, "--write")
    assert str(code).startswith("\nMissed: ")
    assert OLD not in text
    assert re.search(r"^Measured on 20\d\d-\d\d-\d\d of commit 1a2b3c4\. ", text, re.MULTILINE)
    assert f" {machine.facts()[0]}. " in text.replace("\n", " ")
    assert "| 9,000 steps/s | 2,000 | 4.50x | at least 6x | **no** |" in text
    assert run(monkeypatch, tmp_path)[0] == README


@pytest.mark.parametrize("row", ["dense", "results"])
def test_a_part_of_the_rows_is_not_written(monkeypatch, tmp_path, capsys, row):
    text, code = run(monkeypatch, tmp_path, row, "--write")
    assert (text, code) == (README, 2)
    assert "--write takes no rows" in capsys.readouterr().err


def git(folder, *arguments):
    options = ("-c", "user.name=Test", "-c", "user.email=test@example.org")
    done = subprocess.run(
        ["git", *options, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_commit_is_told_and_whether_it_is_what_was_measured(tmp_path, monkeypatch):
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert machine.commit(tmp_path) == "a copy without its history"
    for name in ("README.md", "program.py"):
        (tmp_path / name).write_text("1")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    commit = f"commit {git(tmp_path, 'log', '-1', '--format=%h')}"
    assert machine.commit(tmp_path) == commit
    (tmp_path / "README.md").write_text("2")  # as by the first of two runs
    assert machine.commit(tmp_path) == commit
    (tmp_path / "new.py").write_text("2")
    assert machine.commit(tmp_path) == f"{commit} with changes"
    (tmp_path / "new.py").unlink()
    (tmp_path / "program.py").write_text("2")
    assert machine.commit(tmp_path) == f"{commit} with changes"
    monkeypatch.setenv("PATH", "")
    assert machine.commit(tmp_path) == "a copy without its history"
