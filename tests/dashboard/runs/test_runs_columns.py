"""Which columns and rows the list of runs has with a choice of problem, in JavaScript, by hand."""

import pytest

ACCURACIES = [{"name": name, "metric": "accuracy", "better": "higher"} for name in ("one", "State")]
DOSE = {"name": "dose", "metric": "mean_absolute_error", "better": "lower"}
REST = {"name": "rest", "metric": None, "better": "higher"}
PROBLEMS = [
    {"name": "doses", "settings": ["source", "seed"], "heads": [DOSE, ACCURACIES[0], REST]},
    {"name": "pairs", "settings": ["trunk", "seed"], "heads": ACCURACIES},
]


def row(problem, heads, **values):
    usual = {"run": "a", "number": 1, "settings": [], "weights": [1] * len(heads), "points": 0}
    return {
        **usual,
        "problem": problem,
        "heads": [head["name"] for head in heads],
        "metrics": [head["metric"] for head in heads],
        "moved": [False] * len(heads),
        **values,
    }


def reached(*last, best=(), best_worst=None):
    return {"last": list(last), "best": list(best), "best_worst": best_worst}


@pytest.fixture
def told(script):
    """Titles and texts of the columns that rows have, and which come with the least one first."""
    call = script(problems="runs/problems.js", columns="runs/columns.js")

    def told(chosen, rows=(), settings=(), problems=PROBLEMS):
        return call(
            """(() => {
                const shown = new problems.Shown(given.problems, given.chosen)
                const all = columns.columnsOf(shown, given.settings)
                const known = all.filter(({title}) => !given.usual.includes(title))
                return {
                    titles: known.map(({title}) => title),
                    help: Object.fromEntries(known.map(({title, help}) => [title, help])),
                    rising: known.filter(({falls}) => falls === false).map(({title}) => title),
                    texts: given.rows.map((row) => known.slice(2).map(({text}) => text(row))),
                    keys: given.rows.map((row) => known.slice(2).map(({key}) => key(row) ?? null)),
                    has: given.rows.map((row) => shown.has(row)),
                }
            })()""",
            problems=problems,
            chosen=chosen,
            usual=["Started", "Duration", "Steps", "Note"],
            rows=list(rows),
            settings=list(settings),
        )

    return told


def test_columns_are_called_by_metrics_that_are_no_accuracies(told):
    found = told(
        "doses",
        [
            row(
                "doses",
                [DOSE, ACCURACIES[0], REST],
                result=reached(0.5, 0.25, 2, best=[0.4, 1, None]),
            )
        ],
    )
    assert found["titles"] == [
        *("Run", "State", "w dose", "w one", "w rest"),
        *("mean absolute error dose", "one", "loss rest"),
        *("best mean absolute error dose", "best one"),
    ]
    assert found["texts"] == [["1", "1", "1", "0.500", "25.0 %", "2.000", "0.400", "100.0 %"]]
    assert found["rising"] == [
        *("mean absolute error dose", "loss rest", "best mean absolute error dose"),
    ], "the best one comes first"
    assert found["help"]["loss rest"].startswith(
        "Last validation loss of rest, which has no metric"
    )
    assert "less is better" in found["help"]["best mean absolute error dose"]


def test_a_head_that_does_worst_there_is_among_heads_of_one_metric_alone(told):
    errors = [{**DOSE, "name": name} for name in "ab"]
    problems = [{"name": "doses", "settings": [], "heads": errors}]
    rows = [
        row("doses", errors, result=reached(0.5, 0.75, best=[0.5, 0.25], best_worst=0.5)),
        row("doses", errors, result=reached(0.5, None)),
        row("doses", errors, result=None),
    ]
    found = told("doses", rows, problems=problems)
    assert found["titles"].count("Worst head") == 1
    at = found["titles"].index("Worst head") - 2
    assert [texts[at] for texts in found["texts"]] == ["0.750 b", "", ""]
    assert found["keys"][1][at] is None, "of which nothing is known"
    found = told("pairs", [row("pairs", ACCURACIES, result=reached(0.5, 0.25))])
    at = found["titles"].index("Worst head") - 2
    assert found["texts"][0][at] == "25.0 % State"
    assert "Worst head" not in told("doses")["titles"]


def test_a_head_that_is_called_like_a_column_has_one_of_its_own(told):
    found = told("pairs", [row("pairs", ACCURACIES, result=reached(0.5, 0.25))])
    assert found["titles"].count("State") == 1
    assert found["texts"][0][found["titles"].index("State (2)") - 2] == "25.0 %"


def test_a_run_whose_file_was_another_has_nothing_where_it_had_another_metric(told):
    other = {**ACCURACIES[0], "metric": "AUC"}
    problems = [{"name": "doses", "settings": [], "heads": [DOSE, ACCURACIES[0], other]}]
    found = told(
        "doses",
        [row("doses", [other], weights=[3], result=reached(0.5, best=[0.625]))],
        problems=problems,
    )
    assert dict(zip(found["titles"][2:], found["texts"][0], strict=True)) == {
        "w dose": "",
        "w one": "3",
        "mean absolute error dose": "",
        "one": "",
        "AUC one": "0.500",
        "best mean absolute error dose": "",
        "best one": "",
        "best AUC one": "0.625",
    }


def test_all_runs_have_the_columns_that_all_problems_have(told):
    rows = [row("doses", [DOSE], settings=["abc", 7]), row("pairs", [], settings=["conv", 5])]
    found = told("*", rows, settings=["trunk", "seed"])
    assert found["titles"] == ["Run", "State", "Problem", "Seed", "w one", "one", "best one"]
    assert [texts[:2] for texts in found["texts"]] == [["doses", "7"], ["pairs", "5"]]
    assert found["has"] == [True, True]
    assert told("pairs", rows)["has"] == [False, True]
    assert told("pairs", rows, settings=["trunk", "seed"])["texts"][1][:2] == ["conv", "5"]


def test_small_curves_of_shares_go_from_0_to_1_and_all_others_from_least_to_greatest(script):
    points = script(curves="runs/curves.js")
    rows = [[0, 0.25, 8, None], [50, 0.5, 4, 3], [100, 1, 6, 3]]
    call = "given.heads.map(([head, isShare]) => curves.pointsOf(given.rows, head, isShare))"
    found = points(call, rows=rows, heads=[[0, True], [1, False], [2, False]])
    # 60 pixels wide; 16 high, from 1 to 17, whose middle is at 9.
    assert found == [
        "0.0,13.0 30.0,9.0 60.0,1.0",
        "0.0,1.0 30.0,17.0 60.0,9.0",
        "30.0,9.0 60.0,9.0",
    ]
