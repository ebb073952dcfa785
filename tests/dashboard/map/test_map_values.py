"""What a map says in numbers and colours, in JavaScript, by hand."""

import pytest


@pytest.fixture
def values(script):
    return script(values="map/values.js")


def test_colours_tell_the_good_ones_apart(values):
    """They reach three times as far below the median as the best is above it, and no further."""
    found = values(
        """[
            values.colourRange([0.01, 0.01, 0.9, 0.92, 0.94], 1),
            values.colourRange([4.6, 0.3, 0.2], -1),
            values.colourRange([0.5, 0.5], 1), values.colourRange([], 1),
        ]"""
    )
    assert found[0] == pytest.approx([0.82, 0.94])
    assert found[1] == pytest.approx([0.2, 0.5])
    assert found[2][0] < 0.5 < found[2][1]
    assert found[3] == [0, 1]


def test_colours_are_from_chance_to_the_best_there_can_be_while_a_map_trains(values):
    found = values(
        """[[0.01, 0.9], [0.2, 0.3], []].flatMap((seen) => [
            values.colourScale(seen, { kind: "accuracy", sign: 1, chance: 0.01 }, true),
            values.colourScale(seen, { kind: "nats", sign: -1, chance: 4.6 }, true),
        ])"""
    )
    assert [scale["range"] for scale in found] == [[0.01, 1], [0, 4.6]] * 3
    assert {scale["told"] for scale in found} == {"scale fixed"}
    fitted = values("""values.colourScale(
            [0.5, 0.9, 0.94], { kind: "accuracy", sign: 1, chance: 0.01 }, false)""")
    assert fitted["told"] == "scale fitted"
    assert fitted["range"] == pytest.approx([0.82, 0.94])


def test_the_colour_bar_says_where_chance_is_and_what_is_beyond_its_ends(values):
    found = values(
        """[
            values.ticks(0.01, 1, [0.004, 0.8], "accuracy", 0.01),
            values.ticks(0, 4.6, [5], "nats", 4.6),
            values.ticks(0.6, 1, [0.5], "accuracy", 0.01),
        ].map(({ ticktext }) => ticktext)"""
    )
    assert found[0][0] == "≤ chance, 1 %"
    assert found[0][4] == "100 %"
    assert found[1][4] == "≥ chance, 4.6"
    assert found[2][0] == "≤ 60 %"


def test_axes_of_the_front_are_from_chance_to_1_while_a_map_trains(values):
    moving, ended = values(
        """[true, false].map((is) => values.frontRange(
            [0.88, 0.9, 0.92], [0.92], { kind: "accuracy", sign: 1, chance: 0.5 }, is))"""
    )
    assert moving == pytest.approx([0.47, 1.03])
    assert ended[0] > 0.8


def test_scales_of_what_is_no_accuracy_are_fixed_where_a_guess_is_known(values):
    found = values(
        """[
            { kind: "mae", sign: -1, chance: 3 }, { kind: "mae", sign: -1, chance: null },
            { kind: "r2", sign: 1, chance: 0 }, { kind: "rank", sign: -1, chance: null },
        ].map((measure) => values.colourScale([1, 2], measure, true))"""
    )
    assert [scale["told"].split()[1] for scale in found] == ["fixed", *["fitted"] * 3]
    assert found[0]["range"] == [0, 3]
    assert found[2]["range"] == [1, 2]


def test_an_axis_of_which_less_is_better_reaches_to_the_worst_of_the_front(values):
    (low, high) = values(
        """values.frontRange(
            [1, 1.1, 1.2, 90], [1, 2], { kind: "mae", sign: -1, chance: 50 }, false)"""
    )
    assert low == pytest.approx(1 - 0.06)
    assert high == pytest.approx(2 + 0.06)


def test_values_are_written_as_their_kind_is(values):
    told = values(
        """[["accuracy", 0.934, 0.011], ["nats", 1.23456, null], ["rank", 2.25, null],
            ["mae", 12.3456, 0.5], ["mae", 0.000123, null], ["mse", 123456.7, null]].map(
            ([kind, mean, spread]) => values.valueWords(
                0, { mean: { a: [mean] }, spread: { a: [spread] } }, "a", kind))"""
    )
    expected = ["93.4 ± 1.1 %", "1.235", "2.3", "12.346 ± 0.500", "1.23e-4", "1.23e5"]
    assert told == expected


def test_a_line_shows_all_values_with_their_noise(values):
    moving, ended, empty = values(
        """[[[0.5, 0.8], [0.1, null], true], [[0.5, 0.8], [0.1, null], false], [[], [], true]].map(
            ([found, noise, is]) => values.lineRange(
                found, noise, { kind: "accuracy", sign: 1, chance: 0.25 }, is))"""
    )
    assert moving == empty == pytest.approx([0.25 - 0.045, 1.045])
    assert ended == pytest.approx([0.4 - 0.024, 0.824])


def test_what_is_said_of_a_point_names_the_weights_that_vary_and_no_accuracy(values):
    shown = """{
        heads: [{ name: "a" }, { name: "b" }, { name: "c" }], varied: [0, 2],
        quantity: "val_metric", column: "b", measures: { val_metric: {
            b: { of: "head", kind: "mean_absolute_error", isLoss: false },
            all: { of: "rank", kind: "rank", isLoss: false } } } }"""
    answer = """{ weights: [[1, 5, 2]], diverged: [], step: [30], n_seeds: [1], values: {
        val_metric: { mean: { b: [7], all: [2] }, spread: { b: [null], all: [null] } } } }"""
    told = values(
        f"""[values.lines(0, {shown}, {answer}),
            values.lines(0, {{ ...{shown}, column: "all" }}, {answer}),
            values.noiseWords(0, {shown}, {answer}, "b")]"""
    )
    assert told[0] == ["a 1", "c 2", "mean absolute error, b", "**7.000**", "at step 30"]
    assert told[1] == ["a 1", "c 2", "mean rank", "**2.0**", "at step 30"]
    assert told[2] == "1 seed, step 30"


def test_long_words_are_broken_or_cut(values):
    told = values(
        """[values.inTwoLines("one two", 9), values.inTwoLines("share of one, the rest is two", 9),
            values.inTwoLines("unbroken_word", 5), values.cutShort("mrcnn_class_loss", 9),
            values.cutShort("short", 9)]"""
    )
    assert told == [
        *("one two", "share of one,<br>the rest is two", "unbroken_word", "mrcn…loss", "short")
    ]


def test_time_left_is_told_once_it_is_known(values):
    """By hand: a tenth each second after a first chunk that took ten."""
    told = values(
        """[
            [0, 0], [1, 0.01], [11, 0.1], [11.5, 0.15], [12, 0.2], [13, 0.3], [13.5, 0.3],
            [25, 0.3],
        ].reduce(({ past, told }, [time, progress]) => {
            const now = values.seen(past, time, progress)
            return { past: now, told: [...told, values.timeLeft(now, time)] }
        }, { past: [], told: [] }).told"""
    )
    assert told[:4] == [None] * 4, "a first step, a first chunk, and half a second tell nothing"
    assert told[4:7] == pytest.approx([8, 7, 6.5]), "it goes on between two records"
    assert told[7] is None, "it has turned out to be wrong"


def test_time_left_is_told_from_what_was_of_late(values):
    """Ten times as fast at first."""
    left = values(
        """(() => {
            let past = []
            const progress = (s) => s <= 5 ? s / 10 : 0.5 + (s - 5) / 100
            for (let s = 1; s <= 40; s++) past = values.seen(past, s, progress(s))
            return values.timeLeft(past, 40)
        })()"""
    )
    assert left == pytest.approx(15)
