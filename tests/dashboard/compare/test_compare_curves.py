"""The arithmetic of comparing in JavaScript, against NumPy and by hand."""

import numpy as np
import pytest


@pytest.fixture
def curves(script):
    """Calls an expression of `curves`, `axes` and `given`."""
    return script(curves="compare/curves.js", axes="compare/axes.js")


def test_differences_are_taken_at_the_same_place_by_interpolation(curves):
    """NumPy's interp, and nothing beyond the ends of the baseline."""
    rng = np.random.default_rng(0)
    x, xs = (np.cumsum(rng.uniform(0.1, 3, size=n)) for n in (80, 60))
    y, ys = rng.normal(size=80), rng.normal(size=60)
    got = curves(
        "curves.above(given.x, given.y, given.xs, given.ys)",
        **{name: value.tolist() for name, value in {"x": x, "y": y, "xs": xs, "ys": ys}.items()},
    )
    inside = (x >= xs[0]) & (x <= xs[-1])
    assert [value is not None for value in got] == inside.tolist()
    assert 10 < inside.sum() < 80
    expected = (y - np.interp(x, xs, ys))[inside]
    np.testing.assert_allclose([v for v in got if v is not None], expected, atol=1e-12)


def test_differences_at_the_edges_of_what_there_is(curves):
    call = "curves.above(given.x, [5, 7], given.xs, given.ys)"
    assert curves(call, x=[1, 2], xs=[], ys=[]) == [None, None]
    assert curves(call, x=[1, 2], xs=[2], ys=[3]) == [None, 4]
    assert curves(call, x=[2, 2], xs=[1, 2, 2, 3], ys=[0, 4, 4, 9]) == [1, 3]


@pytest.mark.parametrize("is_log", [False, True])
def test_outliers_are_beyond_the_quantiles(curves, is_log):
    """NumPy's quantiles, with 5 % of their distance as room."""
    values = np.random.default_rng(1).lognormal(size=1000)
    values[7] = 1e6
    known = np.log10(values) if is_log else values
    low, high = np.quantile(known, [0.025, 0.975])
    room = 0.05 * (high - low)
    got = curves(
        "curves.usualRange(given.values, given.log)", values=[None, *values.tolist()], log=is_log
    )
    np.testing.assert_allclose(got, [low - room, high + room])


def test_a_range_of_few_values_is_never_empty(curves):
    for values in ([0], [2, 2, 2], [-1]):
        low, high = curves("curves.usualRange(given.values, false)", values=values)
        assert low < values[0] < high
    assert curves("curves.usualRange([], false)") is None
    assert curves("curves.usualRange([0, -1], true)") is None


LINE = """(() => {
    const line = {
        step: given.step, from: given.from ?? -Infinity,
        column: name => given.columns[name] ?? [],
    }
    return %s
})()"""


def test_results_are_the_last_and_the_best_looks_with_the_worst_head_of_each(curves):
    columns = {
        "val_accuracy.a": [0.1, None, 0.9, 0.8],
        "val_accuracy.b": [0.5, None, 0.2, 0.7],
        "val_loss.a": [3, None, 1, 2],
        "val_loss.b": [2, None, 4, 1],
    }
    names = "['a', 'b'].map((head) => `${given.quantity}.${head}`), [given.sign, given.sign]"
    call = LINE % f"curves.results(line, {names}, [1, 1])"
    step = [1, 5, 10, 20]
    got = curves(call, step=step, columns=columns, quantity="val_accuracy", sign=1)
    # The worst heads of the looks are 0.1, 0.2 and 0.7.
    assert got == {"step": 20, "last": [0.8, 0.7, 0.7], "best": [0.9, 0.7, 0.7]}
    got = curves(call, step=step, columns=columns, quantity="val_loss", sign=-1)
    assert got == {"step": 20, "last": [2, 1, 2], "best": [1, 1, 2]}
    shares = LINE % f"curves.results(line, {names}, [4, 0.5])"
    got = curves(shares, step=step, columns=columns, quantity="val_loss", sign=-1)
    # Of what a guess costs, a has 3/4, 1/4 and 2/4, and b has 4, 8 and 2.
    assert got == {"step": 20, "last": [2, 1, 2], "best": [1, 1, 2]}
    first = {name: values[:1] for name, values in columns.items()}
    got = curves(shares, step=step[:1], columns=first, quantity="val_loss", sign=-1)
    assert got == {"step": 1, "last": [3, 2, 4], "best": [3, 2, 4]}, "not a, whose loss is more"
    assert curves(call, step=[], columns={}, quantity="val_loss", sign=-1) is None
    assert curves("curves.results(undefined, ['val_loss.a'], [-1])") is None


def test_parallel_axes_have_the_first_weights_and_say_what_was_moved(curves):
    columns = {
        "loss_weights.a": [1, 1, 1],
        "loss_weights.b": [0.5, 0.5, 2],
        "val_accuracy.a": [0.5, None, 0.8],
        "val_accuracy.b": [0.25, None, 0.9],
    }
    axes = curves(
        LINE % "axes.axesOf(given.heads, [{line, weights: [9, 9]}, {weights: [3, 0]}])",
        heads=[{"name": name, "metric": "accuracy", "better": "higher"} for name in "ab"],
        step=[1, 5, 10],
        columns=columns,
    )
    assert [axis["title"] for axis in axes] == [
        *("weight a", "weight b", "accuracy a", "accuracy b", "accuracy worst head"),
    ]
    assert [axis["values"] for axis in axes] == [
        [1, 3],
        [0.5, 0],
        *([v, None] for v in (0.8, 0.9, 0.8)),
    ]
    assert [axis["moved"] for axis in axes[:2]] == [[False, False], [True, False]]
    assert axes[1]["words"] == ["weight b 0.5, moved to 2 later", "weight b 0"]
    assert {(axis["low"], axis["high"]) for axis in axes[:2]} == {(0, 3)}, "weights share a scale"


def test_a_fork_began_at_its_fork(curves):
    columns = {"loss_weights.a": [1, 1, 4, 5]}
    call = LINE % "curves.weightsOf(line, ['a'])"
    got = curves(call, step=[1, 5, 10, 20], columns=columns, **{"from": 5})
    assert got == {"first": [4], "now": [5]}


def test_parallel_axes_end_at_the_best_whatever_is_better(curves):
    columns = {
        **{f"loss_weights.{head}": [1, 1] for head in "abc"},
        "val_mean_absolute_error.a": [0.5, 0.25],
        "val_accuracy.b": [0.5, 0.75],
        "val_loss.c": [2, 3],
    }
    heads = [
        {"name": "a", "metric": "mean_absolute_error", "better": "lower"},
        {"name": "b", "metric": "accuracy", "better": "higher"},
        {"name": "c", "metric": None, "better": "higher"},
    ]
    early = "{step: line.step, from: -Infinity, column: (name) => line.column(name).slice(0, 1)}"
    axes = curves(
        LINE % f"axes.axesOf(given.heads, [{{line}}, {{line: {early}}}])",
        heads=heads,
        step=[1, 5],
        columns=columns,
    )[3:]
    assert [axis["title"] for axis in axes] == ["mean absolute error a", "accuracy b", "loss c"]
    assert [(axis["low"], axis["high"]) for axis in axes] == [(0.5, 0.25), (0.5, 0.75), (3, 2)]
    assert [axis["ends"] for axis in axes] == [
        *(["0.500", "0.250"], ["50.0 %", "75.0 %"], ["3.000", "2.000"]),
    ]
    assert axes[0]["words"][0] == "mean absolute error a 0.250"


def test_a_value_that_a_run_lacks_is_none_and_takes_no_worst_head(curves):
    call = LINE % "curves.results(line, ['a', 'b', 'c'], [-1, -1, -1], [1, 1, 1])"
    found = curves(call, step=[1, 5], columns={"a": [2, 3], "b": [5, None]})
    assert found == {"step": 5, "last": [3, None, None, None], "best": [2, 5, None, None]}


def kinds(script, heads, chance, baseline=None):
    given = [{"name": "#1", "chance": chance}]
    return script(kinds="compare/kinds.js")(
        """(() => {
            const made = kinds.kindsOf(given.heads, given.curves)
            return {
                titles: made.map(({title}) => title),
                names: made.map(({names}) => names),
                note: kinds.noteOf(given.heads, made, given.curves, given.baseline),
            }
        })()""",
        heads=heads,
        curves=given,
        baseline=baseline and given[0],
    )


def head(name, metric="accuracy", better="higher", unit="nats"):
    return {"name": name, "metric": metric, "better": better, "unit": unit}


def test_results_of_accuracies_are_told_as_ever(script):
    found = kinds(script, [head("a"), head("b")], [np.log(100), np.log(2)], baseline=True)
    assert found["titles"] == [
        "[validation|Validation] accuracy",
        "[validation|Validation] loss (unweighted, [nats])",
    ]
    assert found["names"] == [["a", "b", "worst head"], ["a", "b", "worst head ÷ chance"]]
    assert found["note"] == (
        "In brackets: the difference from #1, in points or in nats. The head that does worst by "
        "its loss is the one with the most of what a guess costs there, ln of its classes: 1 is "
        "chance."
    )
    assert "ln of" not in kinds(script, [head("a"), head("b")], [1.2, 0.6])["note"]


def test_results_of_other_metrics_say_which_and_what_is_better(script):
    dose = head("dose", "mean_absolute_error", "lower", unit="")
    rest = head("rest", None, unit="")
    found = kinds(script, [dose, head("kind"), rest], [5.5, 1.25, None], baseline=True)
    assert found["titles"] == [
        *("[validation|Validation] metrics", "[validation|Validation] loss (unweighted)"),
    ]
    assert found["names"] == [
        ["dose: mean absolute error (less is better)", "kind: accuracy"],
        ["dose", "kind (nats)", "rest"],
    ]
    assert found["note"] == "In brackets: the difference from #1; of accuracies in points."
    of_one = kinds(script, [dose, {**dose, "name": "other"}], [5.5, 0.5])
    assert of_one["titles"][0] == "[validation|Validation] mean absolute error (less is better)"
    assert of_one["names"] == [
        ["dose", "other", "worst head"],
        ["dose", "other", "worst head ÷ chance"],
    ]
    assert kinds(script, [rest], [0.5])["titles"] == ["[validation|Validation] loss (unweighted)"]
    partly = kinds(script, [head("kind"), rest], [1.25, 0.5])
    assert partly["names"] == [["kind"], ["kind (nats)", "rest"]], "none does worst by half"
