"""The parts of the page Learn: their texts, their code as printed, and what can be tried."""

import math
import os
import re
import subprocess
import sys

import pytest

from core import RunConfig
from core.problems.siamese.settings import SiameseConfig
from dashboard import state
from dashboard.learn import lessons
from dashboard.learn.figures.charts import FIGURES
from dashboard.learn.lessons import PARTS, TRIES, blocks, inverse_log, settings_of, weights_of
from dashboard.state import with_widget

TEXTS = {part.name: (lessons.FOLDER / part.file).read_text(encoding="utf-8") for part in PARTS}
# Runs each script as a program of its own, in one process, since TensorFlow takes long to load.
RUN_ALL = """
import sys
for script in sys.stdin.read().split("\\0"):
    exec(compile(script, "example", "exec"), {"__name__": "__main__"})
    print("-- end")
"""


def code_of(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def printed():
    """What the scripts of the page print, by the part that they are in."""
    scripts = {name: code for name, text in TEXTS.items() for code in code_of(text)}
    done = subprocess.run(
        [sys.executable, "-c", RUN_ALL],
        input="\0".join(scripts.values()),
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    outputs = done.stdout.split("-- end\n")[:-1]
    return dict(zip(scripts, outputs, strict=True))


def test_three_parts_have_a_script_each():
    assert {n for n, text in TEXTS.items() if code_of(text)} == {
        "cross-entropy",
        "again-and-again",
        "in-keras",
    }
    assert all(len(code_of(text)) <= 1 for text in TEXTS.values()), "`printed` runs one a part"


def test_a_variable_changes_a_loss_weight_in_mid_run_and_a_float_does_not(printed):
    moved = re.findall(r"(\w+): moved by ([\d.]+)", printed["in-keras"])
    assert [name for name, _ in moved] == ["variables", "floats"]
    assert float(moved[0][1]) == 0
    assert float(moved[1][1]) > 0.01


def test_categorical_and_sparse_cross_entropy_are_the_same_number(printed):
    numbers = [float(one) for one in printed["cross-entropy"].split()]
    assert numbers == pytest.approx([math.log(1 / 0.7)] * 3, abs=1e-6)


def test_the_loop_trains_as_often_as_it_says(printed):
    assert len(re.findall(r"^round \d: [\d.]+ s", printed["again-and-again"], re.MULTILINE)) == 3


def test_every_figure_and_every_try_is_on_the_page_once():
    found = [block for part in PARTS for block in part.blocks()]
    assert sorted(name for kind, name in found if kind == "figure") == sorted(FIGURES)
    assert sorted(name for kind, name in found if kind == "try") == sorted(TRIES)


def test_each_part_has_a_figure_a_formula_and_something_to_try():
    for part in PARTS[:-1]:
        kinds = {kind for kind, _ in part.blocks()}
        assert kinds - {"code"} == {"text", "figure", "try"}, part.name
        assert re.search(r"^\$\$$", TEXTS[part.name], re.MULTILINE)


def test_a_text_is_divided_at_its_marks_and_nothing_is_lost():
    text = "One.\n\n[figure: a]\n\n[try: b]\n\nTwo [figure: not one].\n```python\nx = 1\n```\n"
    assert blocks(text) == [
        ("text", "One."),
        ("figure", "a"),
        ("try", "b"),
        ("text", "Two [figure: not one]."),
        ("code", "x = 1\n"),
    ]


def test_sources_are_named_with_year_and_where_to_find_them():
    for year, where in (
        ("2016", "arXiv 1611.05666"),
        ("2018", "arXiv 1705.07115"),
        ("2022", "arXiv 2209.11379"),
        ("2022", "arXiv 2201.04122"),
        ("README", "https://github.com/ahangchen/keras-dogs"),
    ):
        entries = TEXTS["sources"].split("\n- ")
        assert any(year in entry and where in entry for entry in entries), where
    for number in ("59.4 %", "60.4 %", "56.3 %", "42.7 %", "0.2235", "0.211"):
        assert number in TEXTS["several-losses"]


@pytest.mark.parametrize("name", TRIES)
def test_what_is_tried_is_allowed_and_has_a_widget(name):
    sets = settings_of(TRIES[name], state.default)
    assert set(sets) <= set(with_widget(SiameseConfig))
    RunConfig(**sets)
    for n_classes in (2, 10, 100, 1000):
        assert weights_of(TRIES[name], n_classes).as_tuple()


def test_tries_with_settings_undo_one_another():
    begin = {name: state.default(name) for name in lessons.SET}
    assert settings_of(TRIES["overfit"], state.default) == {
        **begin,
        "training_pairs": 200,
        "dropout": 0,
    }
    assert settings_of(TRIES["equal"], state.default) == {}


def test_inverse_log_weights_give_each_head_that_guesses_the_same_part():
    weights = inverse_log(100).as_tuple()
    parts = [w * math.log(n) for w, n in zip(weights, (100, 100, 2), strict=True)]
    assert parts == pytest.approx([1, 1, 1], abs=0.002)


def test_no_text_names_a_place_of_one_machine():
    for text in TEXTS.values():
        assert not re.search(r"/tmp/|/root/|/home/", text)
