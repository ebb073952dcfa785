"""Two browsers at one server: whose run it is, a fork of one's own, the teacher's link, the token.

Both are one Chromium: what it keeps of 127.0.0.1 it does not send to localhost, which is another
site to it.
"""

import re

import pytest
from playwright.sync_api import expect

from core import Store
from tests.browser.explorer import LONG, Explorer
from tests.browser.server import Server

TEACHER, TOKEN = "the-teachers-own", "the-token"
STEERING = ("Pause", "Resume", "Step", "Fork here", "Stop")


def make_server(folder, **environment):
    return Server(folder, EXPLORER_OPEN="", EXPLORER_TEACHER=TEACHER, **environment)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A server where each has their own runs."""
    server = make_server(tmp_path_factory.mktemp("people"))
    yield server
    server.close()


@pytest.fixture
def open_at(new_tab):
    """Opens the page Explore of a server in a tab, under a host name."""
    tabs = []

    def open_at(server, host, query):
        explorer = Explorer(new_tab())
        tabs.append(explorer.page)
        explorer.page.goto(f"http://{host}:{server.port}/?{query}")
        expect(explorer.page.locator(".desk-said")).not_to_be_empty()
        return explorer

    yield open_at
    for tab in tabs:
        tab.close()


def test_others_see_a_run_and_fork_it_and_the_teacher_steers_it(shared, open_at):
    a = open_at(shared, "127.0.0.1", LONG)
    run = a.train()
    a.slide("bin_out", +2)
    a.wait_for_x(600)  # beyond a checkpoint: there is one each second
    store = Store(shared.store)

    b = open_at(shared, "localhost", f"run={run}")
    b.wait_for_x(600)
    expect(b.slider("bin_out")).to_have_value("0.6")
    expect(b.slider("bin_out")).to_be_disabled()
    expect(b.page.get_by_role("spinbutton", name="bin_out, exact")).to_be_disabled()
    said = b.page.locator(".desk-said")
    expect(said).to_have_text(
        re.compile(r"^Run #1 is somebody else's: it is steered by them alone")
    )
    for name in STEERING:
        expect(b.button(name)).to_have_count(0)
    a.slide("bin_out", +4)
    expect(b.slider("bin_out")).to_have_value("0.8")  # moves as A moves it
    answer = b.page.evaluate(
        """run => fetch(`./api/runs/${run}/weights`, {
            method: "POST", body: JSON.stringify({lane: 0, weights: {bin_out: 0}}),
        }).then(async (answer) => [answer.status, (await answer.json()).error])""",
        run,
    )
    assert answer[0] == 403
    assert answer[1] == said.text_content()
    assert 0 not in {lane.loss_weights.bin_out for lane in store.lanes(run)}

    b.press("Fork into a run of your own")
    b.page.wait_for_function("run => !location.href.includes(run)", arg=run)
    own = store.run(b.run)
    assert 0 < own.step < store.run(run).step
    assert own.person not in ("", store.run(run).person)
    expect(b.button("Resume")).to_be_enabled()
    expect(b.slider("bin_out")).to_be_enabled()
    b.slide("bin_out", +2)
    b.press("Resume")
    b.wait_for_x(own.step + 100)
    b.press("Stop")
    expect(b.button("Train")).to_be_enabled()
    assert not store.run(run).is_finished
    b.page.goto(f"http://localhost:{shared.port}/runs")
    rows = b.page.locator(".runs-table tbody tr")
    expect(rows).to_have_count(2)
    for whose, number in (("mine", 2), ("others'", 1)):
        b.page.get_by_label("Whose").select_option(whose)
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text(f"#{number}")

    teacher = open_at(shared, "localhost", f"teacher={TEACHER}&run={run}")
    assert "teacher" not in teacher.page.url
    expect(teacher.page.get_by_text("Opened with the teacher's link")).to_be_visible()
    expect(teacher.slider("bin_out")).to_be_enabled()
    teacher.press("Stop")
    expect(a.button("Train")).to_be_enabled()
    expect(a.slider("bin_out")).to_be_enabled()
    store.close()


def test_who_has_the_link_is_let_in_also_from_another_site(open_at, new_tab, tmp_path):
    server = make_server(tmp_path, EXPLORER_TOKEN=TOKEN)
    tab = new_tab()
    answer = tab.goto(server.url)
    assert answer.status == 401
    expect(tab.get_by_role("heading")).to_have_text("Not let in")
    open_at(server, "127.0.0.1", f"token={TOKEN}&seed=9")
    # A page of another site, which links here: the cookies are not sent along.
    tab.route("http://localhost/", lambda route: route.fulfill(body=LINK.format(server.url)))
    for name in ("back", "with the token"):
        tab.goto("http://localhost/")
        tab.get_by_role("link", name=name, exact=True).click()
        tab.wait_for_url(re.compile(rf"^{server.url}/\?(.*&)?seed=8"))
        expect(tab.locator(".desk-said")).not_to_be_empty()
    tab.close()
    server.close()


LINK = '<a href="{0}/?seed=8">back</a> <a href="{0}/?token=the-token&seed=8">with the token</a>'
