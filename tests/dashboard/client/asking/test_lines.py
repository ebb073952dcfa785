"""What belongs to which curve after forks and rewinds, by hand."""

import pytest


@pytest.fixture
def divided(script):
    """Calls an expression of `lines` and `given`."""
    return script(lines="client/asking/lines.js")


DIVIDED = """(() => {
    const all = new lines.Lines(4)
    const divided = given.answers.map(answer => all.append({
        columns: {
            step: answer.rows.map(row => row[0]),
            lane: answer.rows.map(row => row[1]),
            branch: answer.rows.map(row => row[2]),
            value: answer.rows.map(row => row[3] ?? row[0]),
            validated: answer.rows.map(row => row[3] !== undefined),
        },
        run: {branches: answer.branches},
        lanes_now: answer.forks.map(([source, since]) => ({source, since})),
    }))
    const told = line => ({steps: line.step, value: line.column("value"), from: line.from,
        drawn: line.beyond([...line.step.keys()]).map(k => line.step[k])})
    return {
        current: [0, 1, 2, 3].map(lane => all.current(lane) ? told(all.current(lane)) : null),
        abandoned: [0, 1, 2, 3].map(lane => all.abandoned(lane).map(told)),
        lanes: all.lanes,
        furthest: all.furthest?.lane,
        last: all.current(0)?.last() ?? null,
        validated: all.current(0)?.lastValidated ?? null,
        end: all.end("step"),
        divided,
    }
})()"""
ALONE = [[None, 0]]


def answer(rows, branches=(0,), forks=ALONE):
    """An answer of the route: rows are (step, lane, branch) or with a value beside."""
    return {"rows": rows, "branches": list(branches), "forks": forks}


def rows_of(steps, lane=0, branch=0):
    return [[step, lane, branch] for step in steps]


def test_lines_of_a_race_are_its_lanes(divided):
    both = [row for step in (1, 10, 20) for row in ([step, 0, 0], [step, 1, 0])]
    lines = divided(DIVIDED, answers=[answer(both, forks=ALONE * 2)])
    assert [line and line["drawn"] for line in lines["current"]] == [[1, 10, 20]] * 2 + [None] * 2
    assert lines["abandoned"] == [[]] * 4
    assert lines["lanes"] == [0, 1]


def test_lines_grow_by_the_rows_of_each_answer_and_are_not_divided_again(divided):
    answers = [answer(rows_of(steps)) for steps in ([1, 10], [], [20], [30, 40])]
    lines = divided(DIVIDED, answers=answers)
    assert lines["current"][0]["drawn"] == [1, 10, 20, 30, 40]
    assert lines["divided"][1:] == [False] * 3


def test_a_rewind_leaves_what_lies_beyond_and_the_line_goes_on(divided):
    answers = [
        answer(rows_of([1, 100, 200, 300, 400])),
        answer([], [0, 200]),
        answer(rows_of([300, 350], branch=1), [0, 200]),
    ]
    lines = divided(DIVIDED, answers=answers)
    assert lines["current"][0]["drawn"] == [1, 100, 200, 300, 350]
    assert [line["drawn"] for line in lines["abandoned"][0]] == [[200, 300, 400]]
    assert lines["end"] == 400
    assert lines["divided"][1] is True


def test_late_rows_of_an_older_branch_are_abandoned_too(divided):
    answers = [
        answer(rows_of([100, 200])),
        answer([*rows_of([300]), *rows_of([250], branch=1)], [0, 200]),
    ]
    lines = divided(DIVIDED, answers=answers)
    assert lines["current"][0]["drawn"] == [100, 200, 250]
    assert [line["drawn"] for line in lines["abandoned"][0]] == [[200, 300]]


def test_each_abandoned_row_is_drawn_once_however_often_a_run_is_rewound(divided):
    answers = [
        answer(rows_of([100, 200, 300, 400])),
        answer(rows_of([400, 500], branch=1), [0, 300]),
        answer(rows_of([200, 250], branch=2), [0, 300, 100]),
        answer(rows_of([50], branch=3), [0, 300, 100, 0]),
    ]
    lines = divided(DIVIDED, answers=answers)
    assert lines["current"][0]["drawn"] == [50]
    assert [line["drawn"] for line in lines["abandoned"][0]] == [
        [300, 400],
        [100, 200, 300, 400, 500],
        [100, 200, 250],
    ]


def test_a_rewind_to_where_nothing_is_beyond_leaves_nothing(divided):
    lines = divided(DIVIDED, answers=[answer(rows_of([100, 200]), [0, 200])])
    assert lines["abandoned"][0] == []


def test_a_forked_line_begins_at_the_last_point_of_its_source(divided):
    answers = [
        answer(rows_of([1, 100])),
        # The fork is known before the source's row at its step, which comes with the next rows.
        answer([], forks=[*ALONE, [0, 130]]),
        answer([[130, 0, 0], [200, 0, 0], [200, 1, 0]], forks=[*ALONE, [0, 130]]),
        answer([[300, 0, 0], [300, 1, 0]], forks=[*ALONE, [0, 130]]),
    ]
    lines = divided(DIVIDED, answers=answers)
    assert lines["current"][1]["drawn"] == [130, 200, 300]
    assert lines["current"][1]["steps"] == [1, 100, 130, 200, 300], "smoothed as its source"
    assert lines["current"][0]["drawn"] == [1, 100, 130, 200, 300]


def test_a_fork_of_a_fork_has_the_past_of_both(divided):
    forks = [*ALONE, [0, 100], [1, 200]]
    rows = [*rows_of([50, 100, 150, 200, 250]), *rows_of([150, 200, 250], 1), *rows_of([250], 2)]
    lines = divided(DIVIDED, answers=[answer(rows, forks=forks)])
    assert lines["current"][2]["steps"] == [50, 100, 150, 200, 250]
    assert lines["current"][2]["drawn"] == [200, 250]


def test_a_lane_that_a_rewind_took_away_stays_as_abandoned(divided):
    answers = [
        answer([*rows_of([100, 200, 300]), *rows_of([300], 1)], forks=[*ALONE, [0, 200]]),
        answer([], [0, 100]),
    ]
    lines = divided(DIVIDED, answers=answers)
    assert lines["current"][1] is None
    assert [line["drawn"] for line in lines["abandoned"][1]] == [[300]]
    assert lines["lanes"] == [0, 1]


def test_a_fork_at_the_start_has_no_point_of_its_source(divided):
    answers = [
        answer([], forks=[*ALONE, [0, 0]]),
        answer([[10, 0, 0], [10, 1, 0]], forks=[*ALONE, [0, 0]]),
    ]
    assert divided(DIVIDED, answers=answers)["current"][1]["drawn"] == [10]


def test_lanes_beyond_those_shown_are_left_out(divided):
    lines = divided(DIVIDED, answers=[answer(rows_of([10], 7), forks=ALONE * 8)])
    assert lines["lanes"] == [0, 1, 2, 3]
    assert lines["end"] == 0


def test_the_last_row_the_last_with_validation_and_the_lane_that_has_come_furthest(divided):
    rows = [[5, 0, 0, 1], [10, 0, 0, 5], [20, 0, 0], [10, 1, 0, 1], [20, 1, 0, 1], [30, 1, 0, 1]]
    lines = divided(DIVIDED, answers=[answer(rows, forks=ALONE * 2)])
    assert lines["last"]["step"] == 20
    assert lines["validated"]["step"] == 10
    assert lines["furthest"] == 1


def test_a_line_without_validation_has_no_last_one(divided):
    assert divided(DIVIDED, answers=[answer(rows_of([10, 20]))])["validated"] is None
