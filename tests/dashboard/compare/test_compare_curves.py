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
    call = LINE % "curves.results(line, given.quantity, ['a', 'b'], given.sign)"
    step = [1, 5, 10, 20]
    got = curves(call, step=step, columns=columns, quantity="val_accuracy", sign=1)
    # The worst heads of the looks are 0.1, 0.2 and 0.7.
    assert got == {"step": 20, "last": [0.8, 0.7, 0.7], "best": [0.9, 0.7, 0.7]}
    got = curves(call, step=step, columns=columns, quantity="val_loss", sign=-1)
    assert got == {"step": 20, "last": [2, 1, 2], "best": [1, 1, 2]}
    shares = LINE % "curves.results(line, given.quantity, ['a', 'b'], given.sign, [4, 0.5])"
    got = curves(shares, step=step, columns=columns, quantity="val_loss", sign=-1)
    # Of what a guess costs, a has 3/4, 1/4 and 2/4, and b has 4, 8 and 2.
    assert got == {"step": 20, "last": [2, 1, 2], "best": [1, 1, 2]}
    first = {name: values[:1] for name, values in columns.items()}
    got = curves(shares, step=step[:1], columns=first, quantity="val_loss", sign=-1)
    assert got == {"step": 1, "last": [3, 2, 4], "best": [3, 2, 4]}, "not a, whose loss is more"
    assert curves(call, step=[], columns={}, quantity="val_loss", sign=-1) is None
    assert curves("curves.results(undefined, 'val_loss', ['a'], -1)") is None


def test_parallel_axes_have_the_first_weights_and_say_what_was_moved(curves):
    columns = {
        "loss_weights.a": [1, 1, 1],
        "loss_weights.b": [0.5, 0.5, 2],
        "val_accuracy.a": [0.5, None, 0.8],
        "val_accuracy.b": [0.25, None, 0.9],
    }
    axes = curves(
        LINE % "axes.axesOf(['a', 'b'], [{line, weights: [9, 9]}, {weights: [3, 0]}])",
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
