"""Asking for news: when, and when not; counted on a clock that is put forward by hand."""

import pytest

from tests.scripts import CLOCK

# A server that answers at once with what `answers` has next, and a page that may be hidden.
POLL = f"""(async () => {{
    {CLOCK}
    let wake = null
    const began = []
    const answers = structuredClone(given.answers)
    const log = {{ asked: [], taken: [], failed: [] }}
    const page = globalThis.document ?? (fakes.document = {{}})
    const heard = (_, what) => (wake = what)
    for (const [name, value] of [["hidden", false], ["addEventListener", heard]]) {{
        Object.defineProperty(page, name, {{ value, writable: true, configurable: true }})
    }}
    fakes.fetch = async (url, {{ signal }}) => {{
        log.asked.push(now)
        const answer = answers.length > 1 ? answers.shift() : answers[0]
        if (answer === "later") await new Promise((resolve) => began.push(resolve))
        if (signal.aborted) throw new Error("aborted")
        if (answer === "none") throw new Error("away")
        return {{ ok: true, json: async () => answer }}
    }}
    fake()
    try {{
        const asking = new poll.Poll({{
            question: () => "api/news",
            take: (answer) => {{
                now += given.drawing ?? 0
                log.taken.push(answer)
                if (answer.breaks) throw new Error("drawing")
            }},
            fail: (message) => log.failed.push(message),
            moving: 200,
            resting: 1000,
        }})
        STATEMENTS
        return log
    }} finally {{
        restore()
        delete page.hidden
        delete page.addEventListener
    }}
}})()"""

MOVING = {"run": {"is_moving": True, "is_finished": False}, "more": False}
PAUSED = {"run": {"is_moving": False, "is_finished": False}, "more": False}
ENDED = {"run": {"is_moving": False, "is_finished": True}, "more": False}


@pytest.fixture
def log(script):
    """What was asked when, taken and failed, by statements of `asking`, `page`, `forward`."""
    call = script(poll="client/asking/poll.js")
    return lambda statements, *answers, **given: call(
        POLL.replace("STATEMENTS", statements), answers=answers, **given
    )


def test_it_asks_at_the_pace_of_what_it_hears_and_stops_at_the_end(log):
    more = {**MOVING, "more": True}
    told = log("asking.ask(); await forward(9000)", more, MOVING, MOVING, PAUSED, MOVING, ENDED)
    assert told["asked"] == [0, 0, 200, 400, 1400, 1600]


def test_drawing_takes_a_third_of_the_time_at_most(log):
    told = log("asking.ask(); await forward(3100)", MOVING, drawing=500)
    assert told["asked"] == [0, 1500, 3000]


def test_a_hidden_page_asks_nothing_and_catches_up_once_it_is_seen(log):
    told = log(
        """asking.ask(); await forward(300); page.hidden = true; await forward(9000)
        page.hidden = false; wake(); await forward(9100)""",
        MOVING,
    )
    assert told["asked"] == [0, 200, 9000]


def test_an_answer_that_another_question_has_overtaken_is_dropped(log):
    told = log(
        "asking.ask(); await settle(); asking.ask(); await settle(); began[0](); await forward(10)",
        "later",
        ENDED,
    )
    assert told["taken"] == [ENDED]
    assert told["failed"] == []


def test_a_fault_is_told_and_asked_again(log):
    told = log("asking.ask(); await forward(1500)", "none", MOVING)
    assert told["failed"] == ["away"]
    assert told["asked"][:2] == [0, 1000]


def test_a_fault_of_ours_is_not_the_servers_and_stops_nothing(log):
    told = log(
        "console.error = () => {}; asking.ask(); await forward(250)", {**MOVING, "breaks": True}
    )
    assert told["failed"] == []
    assert told["asked"] == [0, 200]


def test_one_that_is_stopped_asks_no_more(log):
    assert log("asking.ask(); await forward(250); asking.stop(); await forward(9000)", MOVING)[
        "asked"
    ] == [0, 200]
