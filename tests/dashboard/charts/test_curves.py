"""The arithmetic of curves in JavaScript, against NumPy and by hand."""

import numpy as np
import pytest

LOSS_WEIGHTS = ("loss_weights.a", "loss_weights.b")


@pytest.fixture
def chart(script):
    """Calls an expression of `chart` and `given`."""
    return script(chart="charts/curves.js")


# thin: fewer points, and no spike lost


def thinned(chart, values, most, indices=None):
    """What is kept of `values`, or of those at `indices`."""
    indices = range(len(values)) if indices is None else indices
    return chart(
        "chart.thin(given.indices, given.values, given.most)",
        indices=list(indices),
        values=list(values),
        most=most,
    )


@pytest.mark.parametrize("most", [400, 2000])
def test_thin_keeps_at_most_so_many_in_order_with_both_ends(chart, most):
    rng = np.random.default_rng(0)
    for n in (most + 1, most + 2, 2 * most - 1, 3 * most + 7, 20_000):
        kept = thinned(chart, rng.normal(size=n).tolist(), most)
        assert len(kept) <= most
        assert len(kept) > 0.6 * most, "nearly two of each bucket"
        assert kept == sorted(set(kept))
        assert (kept[0], kept[-1]) == (0, n - 1)


def test_thin_leaves_few_points_alone(chart):
    for n in (0, 1, 2, 399, 400):
        assert thinned(chart, [0.5] * n, 400) == list(range(n))


def test_thin_keeps_a_spike_wherever_it_is(chart):
    """One point that stands out, upwards or downwards, at each place of a flat curve."""
    n, most = 1003, 50
    lost = chart(
        """[1, -1].flatMap(spike => Array.from({length: given.n}, (_, at) => {
            const values = Array.from({length: given.n}, (_, i) => i === at ? spike : 0)
            return chart.thin(values.map((_, i) => i), values, given.most).includes(at)
                ? null : [at, spike]
        })).filter(found => found)""",
        n=n,
        most=most,
    )
    assert lost == []


def test_thin_keeps_the_extremes_of_noise(chart):
    rng = np.random.default_rng(1)
    for _ in range(20):
        values = rng.normal(size=5000)
        kept = thinned(chart, values.tolist(), 400)
        assert values[kept].max() == values.max()
        assert values[kept].min() == values.min()


def test_thin_spreads_what_it_keeps(chart):
    """No gap is wider than two buckets and more, so that the curve keeps its shape."""
    n, most = 10_000, 400
    values = np.random.default_rng(2).normal(size=n).tolist()
    gaps = np.diff(thinned(chart, values, most))
    assert gaps.max() <= 2 * np.ceil((n - 2) / ((most - 2) // 2))


def test_thin_takes_the_rows_it_is_given_and_no_others(chart):
    """As for validation, which most rows do not have."""
    values = [None] * 9000
    rows = list(range(5, 9000, 9))
    for row in rows:
        values[row] = float(row % 50)
    kept = thinned(chart, values, 400, rows)
    assert set(kept) <= set(rows)
    assert (kept[0], kept[-1]) == (rows[0], rows[-1])


# span: the rows of a window, and one more on each side


def test_span_is_the_window_and_one_row_on_each_side(chart):
    """NumPy's searchsorted, one wider where there is more."""
    rng = np.random.default_rng(3)
    x = np.cumsum(rng.integers(1, 20, size=200)).tolist()
    windows = np.sort(rng.uniform(-50, x[-1] + 50, size=(300, 2)), axis=1).tolist()
    windows += [[x[3], x[7]], [x[0], x[-1]], [-10, -5], [x[-1] + 5, x[-1] + 9]]
    spans = chart("given.windows.map(window => chart.span(given.x, window))", x=x, windows=windows)
    for (low, high), (first, last) in zip(windows, spans, strict=True):
        inside = [i for i, value in enumerate(x) if low <= value <= high]
        begin = np.searchsorted(x, low, side="left")
        end = np.searchsorted(x, high, side="right")
        assert (first, last) == (max(begin - 1, 0), min(end + 1, len(x)))
        assert set(inside) <= set(range(first, last))


def test_span_of_no_rows_and_of_no_window(chart):
    assert chart("chart.span([], [0, 10])") == [0, 0]
    assert chart("chart.span([1, 2, 3], [-Infinity, Infinity])") == [0, 3]


# changes: the marks of changed weights


def test_changes_are_at_the_end_of_the_row_before(chart):
    rows = {
        "step": [10, 20, 25, 35, 45],
        "loss.a": [5, 4, 3, 2, 1],
        LOSS_WEIGHTS[0]: [1, 1, 1, 0.5, 0.5],
        LOSS_WEIGHTS[1]: [1, 1, 2, 2, 2],
    }
    assert chart("chart.changes(given.rows, given.rows.step)", rows=rows) == [
        {"x": 20, "before": {"a": 1, "b": 1}, "after": {"a": 1, "b": 2}},
        {"x": 25, "before": {"a": 1, "b": 2}, "after": {"a": 0.5, "b": 2}},
    ]


def test_no_change_no_mark(chart):
    for n in (0, 1, 5):
        rows = {"step": list(range(n)), **{name: [0.5] * n for name in LOSS_WEIGHTS}}
        assert chart("chart.changes(given.rows, given.rows.step)", rows=rows) == []


def test_without_a_line_there_are_no_weights(chart):
    assert chart("chart.weightColumns(undefined)") == {}


def dragged(weights, time, other=None):
    """The marks of a lane whose weights were these at these seconds; a row a step."""
    rows = {LOSS_WEIGHTS[0]: weights, LOSS_WEIGHTS[1]: other or [1] * len(weights)}
    return {"rows": rows, "x": list(range(len(weights))), "time": time}


CHANGES = "chart.changes(given.rows, given.x, given.time)"


def test_a_drag_is_one_change_from_its_first_value_to_its_last(chart):
    given = dragged([0.5, 0.5, 0.6, 0.7, 0.9, 0.9, 0.9, 0.4], [0, 1, 1.1, 1.4, 2.3, 2.4, 4, 4.1])
    assert chart(CHANGES, **given) == [
        {"x": 1, "before": {"a": 0.5, "b": 1}, "after": {"a": 0.9, "b": 1}},
        {"x": 6, "before": {"a": 0.9, "b": 1}, "after": {"a": 0.4, "b": 1}},
    ]


def test_two_heads_moved_one_after_the_other_are_two_changes(chart):
    given = dragged([0, 1, 2, 2, 2], [0.1, 0.2, 0.3, 0.4, 0.5], other=[0, 0, 0, 1, 2])
    assert [mark["x"] for mark in chart(CHANGES, **given)] == [0, 2]


def test_a_drag_there_and_back_changes_nothing(chart):
    assert chart(CHANGES, **dragged([1, 1, 2, 3, 1, 1], [0, 0.1, 0.2, 0.3, 0.4, 0.5])) == []


# Smoothing

SMOOTH = """(() => {
    const one = new chart.Smoother()
    const smooth = end => one.smooth("loss.a", given.values.slice(0, end), given.keep)
    const seen = given.ends.map(end => smooth(end).slice())
    return seen.at(-1)
})()"""


def smoothed(values, keep):
    """Exponential moving average over its own weights: bias-corrected as Adam's first moment.

    Kingma and Ba 2015, section 3, in closed form instead of step by step.
    """
    n = len(values)
    age = np.subtract.outer(np.arange(n), np.arange(n))
    weights = np.where(age >= 0, (1 - keep) * float(keep) ** np.maximum(age, 0), 0)
    return weights @ values / weights.sum(axis=1)


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.99])
def test_smoothing_is_the_bias_corrected_moving_average(chart, keep):
    values = np.random.default_rng(4).uniform(0, 5, size=300)
    for ends in ([300], [1, 2, 150, 150, 300]):
        got = chart(SMOOTH, values=values.tolist(), keep=keep, ends=ends)
        np.testing.assert_allclose(got, smoothed(values, keep), rtol=1e-9)


def test_smoothing_starts_at_the_first_value_and_leaves_a_level_alone(chart):
    assert chart(SMOOTH, values=[4.6, 0], keep=0.99, ends=[2])[0] == pytest.approx(4.6)
    level = chart(SMOOTH, values=[0.7] * 50, keep=0.9, ends=[50])
    np.testing.assert_allclose(level, 0.7)


def test_no_smoothing_is_the_values_as_recorded(chart):
    values = [3.0, 1.0, 2.0]
    assert chart(SMOOTH, values=values, keep=0, ends=[3]) == values


# shareRange: the same axis for charts side by side

SHARED = """(() => {
    const charts = given.curves.map((y, i) => ({
        isZoomed: i === given.zoomed,
        layout: {yaxis: {}},
        shown: [{meta: {role: "smooth"}, y}, {meta: {role: "changes"}, y: [1000]}],
    }))
    chart.shareRange(charts, given.log)
    return charts.map(one => one.layout.yaxis.range ?? null)
})()"""


def test_charts_side_by_side_share_a_range_that_holds_all_curves(chart):
    curves = [[4.6, 2], [0.7, None, 0.01], [3.1]]
    low, high = chart(SHARED, curves=curves, log=False)[0]
    assert low == 0
    assert 4.6 < high < 6
    assert chart(SHARED, curves=curves, log=False) == [[low, high]] * 3
    low, high = chart(SHARED, curves=curves, log=True)[0]
    assert 10**low <= 0.01
    assert 4.6 <= 10**high < 20


def test_the_shared_range_hardly_ever_changes_since_that_would_undo_a_zoom(chart):
    ranges = {
        tuple(chart(SHARED, curves=[[4.605, 4.5 + i / 100]], log=False)[0]) for i in range(30)
    }
    assert len(ranges) == 1


def test_a_zoomed_chart_keeps_its_range(chart):
    assert chart(SHARED, curves=[[1], [2]], log=False, zoomed=1)[1] is None


# cutAt: an axis that can be read although something has exploded


@pytest.mark.parametrize(
    ("values", "chance", "end"),
    [
        ([], 4.605, None),
        ([4.7, 4.6, 2.0, 0.1], 4.605, None),
        ([4.7, 40.0], 4.605, None),  # it may come back
        ([4.7, 2.2e21], 4.605, 3 * 4.7),
        ([4.7, 40.0, 2.2e21, 8e11], 4.605, 3 * 40.0),
        ([0.5, 2.2e21], 0.693, 3 * 0.693),
    ],
)
def test_an_axis_ends_at_three_times_the_greatest_loss_before_it_exploded(
    chart, values, chance, end
):
    found = chart("chart.cutAt(given.values, given.chance)", values=values, chance=chance)
    assert found == (end if end is None else pytest.approx(end))


def test_charts_side_by_side_leave_out_what_one_of_them_cuts_off(chart):
    expression = """(() => {
        const traces = (y) => [{ meta: { role: "smooth" }, y }]
        const layout = () => ({ yaxis: {} })
        const charts = [
            { shown: traces([4.7, 2e21]), cut: 14.1, layout: layout() },
            { shown: traces([0.7, 0.6]), cut: null, layout: layout() },
        ]
        chart.shareRange(charts, false)
        return charts.map((one) => one.layout.yaxis.range)
    })()"""
    assert chart(expression) == [[0, 15], [0, 15]]
