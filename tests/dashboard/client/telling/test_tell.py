"""What a view tells Python arrives, whatever is lost on the way; and is heard once."""

import json
from itertools import pairwise

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.client import component
from tests.scripts import CLOCK

# Of what is sent, the first messages are lost.
TELLER = f"""(async () => {{
    {CLOCK}
    fake()
    try {{
        const sent = []
        const heard = {{}}
        const root = {{ isConnected: true }}
        const teller = new tell.Teller(root)
        const hear = () => teller.hear({{ ...heard }}, (event, text) => {{
            const [id, value] = JSON.parse(text)
            sent.push([event, value, now])
            if (sent.length > given.lost) heard[event] = id
        }}, (name, value) => sent.push([name, value, now]))
        hear()
        STATEMENTS
        return sent
    }} finally {{
        restore()
        tell.leave(-1e6)
    }}
}})()"""


@pytest.fixture
def sent(script):
    """What was sent, and when, by statements of `teller`, `hear`, `forward` and `root`."""
    call = script(tell="client/telling/tell.js")
    return lambda statements, lost=0: call(TELLER.replace("STATEMENTS", statements), lost=lost)


def test_what_is_heard_is_told_once(sent):
    told = sent("teller.tell('pair', 7); await forward(100); hear(); await forward(1e6)")
    assert told == [["pair", 7, 0]]


def test_nothing_is_told_while_one_goes_to_another_page(sent):
    """Streamlit would run the page that is left again, in place of the one gone to."""
    stays = "tell.leave(); teller.tell('pair', 7); await forward(4900); const early = sent.length;"
    assert sent(f"{stays} if (early) throw early; await forward(5100); hear()") == [
        ["pair", 7, 5000]
    ]
    assert sent(f"{stays} root.isConnected = false; await forward(1e6)") == []


def test_the_page_gone_to_tells_and_keeps_at_once(sent):
    gone = "tell.leave(0, '/left'); teller.tell('pair', 7); hear(); teller.keep('lanes', 1);"
    assert sent(f"{gone} await forward(1e6)") == [["pair", 7, 0], ["lanes", 1, 0]]


def test_nor_is_anything_kept_as_state_meanwhile(sent):
    assert sent("teller.keep('lanes', 1)") == [["lanes", 1, 0]]
    stays = "tell.leave(); teller.keep('lanes', 1); await forward(100); teller.keep('lanes', 2);"
    assert sent(f"{stays} await forward(4900)") == []
    assert sent(f"{stays} await forward(1e6)") == [["lanes", 2, 5100]]
    assert sent(f"{stays} root.isConnected = false; await forward(1e6)") == []
    # What waited comes after nothing newer.
    over = "tell.leave(-1e6); teller.keep('lanes', 3);"
    assert sent(f"{stays} {over} await forward(1e6)") == [["lanes", 3, 100]]


def test_what_is_lost_is_told_again_until_a_script_shows_that_it_came(sent):
    # In between a script runs for another reason, and has heard of nothing.
    told = sent(
        "teller.tell('pair', 7); hear(); await forward(5000); hear(); await forward(1e6)", lost=2
    )
    assert [value for _, value, _ in told] == [7, 7, 7]


def test_pauses_grow_and_there_is_an_end(sent):
    told = sent("teller.tell('pair', 7); await forward(1e9)", lost=100)
    pauses = [after - before for (*_, before), (*_, after) in pairwise(told)]
    assert len(told) == 7
    assert all(after == 2 * before for before, after in pairwise(pauses))


def test_a_newer_value_takes_the_place_of_one_on_its_way(sent):
    told = sent("teller.tell('pair', 7); teller.tell('pair', 8); await forward(1e9)", lost=100)
    assert [value for _, value, _ in told] == [7, *[8] * 7]


def test_a_view_that_has_left_the_page_tells_nothing(sent):
    told = sent("teller.tell('pair', 7); root.isConnected = false; await forward(1e9)", lost=100)
    assert len(told) == 1


NEWS = "teller.news('running', 'paused');"


def test_news_wait_for_a_script_that_may_be_about_to_tell(sent):
    assert sent(f"{NEWS} teller.news('paused', 'paused'); await forward(1e6)") == []
    assert sent(f"{NEWS} await forward(200); hear(); await forward(1e6)") == []


def test_news_are_told_once_though_they_are_seen_again_and_again(sent):
    again = f"{NEWS} await forward(now + 250);"
    assert [value for _, value, _ in sent(f"{4 * again} hear(); await forward(1e6)")] == ["paused"]


def test_news_of_what_was_news_before_are_told(sent):
    pairs = [["a", "b"], ["b", "b"], ["b", "a"], ["a", "a"], ["a", "b"]]
    seen = "".join(
        f"teller.news('{told}', '{now}'); await forward(now + 1000); hear();" for told, now in pairs
    )
    told = sent(seen)
    assert [value for _, value, _ in told] == ["b", "a", "b"]


def script():
    import json
    from types import SimpleNamespace

    import streamlit as st

    from dashboard.client.component import view

    drawn = st.session_state.setdefault("drawn", [])
    for message in st.session_state.get("messages", []):
        st.session_state["seen"] = SimpleNamespace(point=json.dumps(message))
        drawn[-1]["on_point_change"]()
    view("map", {"run": "r"}, key="seen", point=st.session_state["acted"].append)


def test_python_acts_once_on_what_is_told_twice_and_says_what_it_heard(monkeypatch):
    page = AppTest.from_function(script)
    page.session_state["acted"] = []
    monkeypatch.setattr(
        component,
        "_component",
        lambda name: lambda **given: page.session_state["drawn"].append(given),
    )
    page.run()
    page.session_state["messages"] = [[1.5, 7], [1.5, 7], [2.5, 7], [3.5, 8]]
    page.run()
    assert not page.exception
    assert page.session_state["acted"] == [7, 7, 8]
    told = [json.loads(given["data"]) for given in page.session_state["drawn"]]
    assert told == [{"run": "r", "heard": {}}, {"run": "r", "heard": {"point": 3.5}}]
