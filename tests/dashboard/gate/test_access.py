"""Who is let in, and as whom: over real HTTP and WebSockets, with and without cookies."""

import re
import socket

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from core import Engine, RunConfig, RunState, Store
from dashboard.client.scripts import scripts_path
from dashboard.gate.access import PERSON, PERSON_MARK, visitor_of
from tests.browser.server import Server
from tests.siamese import weighted
from tests.waiting import until

TOKEN, TEACHER = "the-token-of-the-link", "the-teachers-own"
PAGE = {"Accept": "text/html,*/*"}


def make_server(folder, **environment):
    return Server(folder, EXPLORER_OPEN="", EXPLORER_TEACHER=TEACHER, **environment)


@pytest.fixture(scope="module")
def closed(tmp_path_factory):
    """A server as on an address that others reach: it asks for a token."""
    server = make_server(tmp_path_factory.mktemp("closed"), EXPLORER_TOKEN=TOKEN)
    yield server
    server.close()


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    """A server as on the loopback address."""
    server = make_server(tmp_path_factory.mktemp("local"))
    yield server
    server.close()


def browser(server, **headers):
    """A client that keeps cookies, as a browser does."""
    headers = {**PAGE, **headers}
    return httpx.Client(base_url=server.url, trust_env=False, timeout=30, headers=headers)


@pytest.fixture
def a(local):
    with browser(local) as a:
        a.get("/")
        yield a


@pytest.fixture
def b(local):
    with browser(local) as b:
        b.get("/map")
        yield b


def handshake(server, **headers):
    """The status with which a WebSocket is answered."""
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    url = f"ws://127.0.0.1:{server.port}/_stcore/stream"
    options = {"subprotocols": ["streamlit"], "proxy": None, "additional_headers": headers}
    try:
        with connect(url, sock=raw, origin=server.url, **options):
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


def cookies_of(client):
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


# A browser's own cookie


def test_the_first_page_gives_a_cookie_that_no_script_and_no_other_site_has(local):
    with browser(local) as client:
        told = client.get("/").headers.get_list("set-cookie")
    (own,) = (cookie for cookie in told if cookie.startswith(f"{PERSON}="))
    assert re.search(r"=[\w-]{43}; ", own)  # 32 random bytes
    attributes = own.lower().split("; ")
    assert {"httponly", "samesite=strict", "max-age=31536000"} <= set(attributes)
    assert not [part for part in attributes if part.startswith(("path", "domain"))]


def test_it_is_given_once_and_with_the_page_alone(local):
    paths = ["/api/runs", f"{scripts_path()}/explore/view.js", "/_stcore/health", "/favicon.png"]
    with browser(local) as client:
        for path in paths:
            assert client.get(path).status_code == 200
        for into in ("script", "empty", "image"):
            client.get("/", headers={"Sec-Fetch-Dest": into})
        assert PERSON not in client.cookies
        client.get("/", headers={"Sec-Fetch-Dest": "document"})
        assert PERSON in client.cookies
        assert client.get("/runs").headers.get_list("set-cookie") == []
        with browser(local) as another:
            another.get("/")
            assert another.cookies[PERSON] != client.cookies[PERSON]


def test_a_link_on_another_site_makes_nobody_of_a_browser(local):
    """It has the page asked for without the cookie, and a new one would take its place."""
    with browser(local) as client:
        client.cookies.set(PERSON_MARK, "1")
        assert "set-cookie" not in client.get("/").headers


def test_a_person_is_a_digest_that_does_not_give_the_cookie_away():
    person = visitor_of({PERSON: "secret"}).person
    # echo -n secret | sha256sum
    assert person == "2bb80d537b1da3e38bd30361aa855686"
    assert visitor_of({PERSON: person}).person != person
    assert visitor_of({}).person == visitor_of({PERSON: ""}).person == ""


# Whose run it is, at the routes


@pytest.fixture
def waiting(local, a):
    """A run of `a` that waits at the server."""
    store = Store(local.store)
    person = visitor_of(a.cookies).person
    run = store.add_run(RunConfig(), [weighted()], "1-test", person=person)
    yield run
    store.set_state(run, RunState.STOPPED)
    store.close()


def post(client, run, **headers):
    body = {"lane": 0, "weights": {"bin_out": 0.7}}
    return client.post(f"/api/runs/{run}/weights", json=body, headers=headers)


def test_weights_are_moved_by_the_owner_and_the_teacher_alone(local, a, b, waiting):
    with browser(local) as nobody:
        for client in (b, nobody):
            refused = post(client, waiting)
            assert refused.status_code == 403
            assert "is somebody else's: it is steered by them alone" in refused.json()["error"]
            can = client.get(f"/api/runs/{waiting}/lanes").json()["run"]["can"]
            assert (can["steer"], can["pause"], can["delete"]) == (False, False, False)
            assert can["why"] == refused.json()["error"]
        assert post(nobody, waiting, Authorization="Bearer wrong").status_code == 403
        assert post(nobody, waiting, Cookie=f"{PERSON}=wrong").status_code == 403
        # The engine of the run is a made-up one: that it is told of is beyond the rule.
        assert post(nobody, waiting, Authorization=f"Bearer {TEACHER}").status_code == 400
        assert "by another program" in post(a, waiting).json()["error"]
    assert a.get(f"/api/runs/{waiting}").json()["can"]["steer"]
    for path in ("", "/records", "/lanes"):
        assert visitor_of(a.cookies).person not in a.get(f"/api/runs/{waiting}{path}").text


def test_a_run_of_a_script_is_steered_by_the_teacher_alone(local, a):
    with Engine(local.store) as engine:
        run = engine.start(RunConfig(steps=10))
        assert "was not started here" in post(a, run).json()["error"]
        assert a.get(f"/api/runs/{run}").json()["can"]["steer"] is False
        assert a.get("/", params={"teacher": TEACHER}).status_code == 303
        assert a.get(f"/api/runs/{run}").json()["can"]["steer"] is True


def test_the_teachers_link_leads_to_the_address_without_it(local):
    with browser(local) as client:
        answer = client.get("/map?map=abc&teacher=the-teachers-own&metric=loss")
        assert (answer.status_code, answer.headers["location"]) == (
            303,
            "./map?map=abc&metric=loss",
        )
        assert answer.headers["cache-control"] == "no-store"
        (cookie,) = answer.headers.get_list("set-cookie")
        assert "httponly" in cookie.lower()
        assert "samesite=strict" in cookie.lower()
        assert client.get(answer.headers["location"]).status_code == 200
        assert client.get("/?teacher=the-teachers-owN").status_code == 401
        assert "each start makes new ones" in client.get("/?teacher=").text


# The token


@pytest.fixture(scope="module")
def paths(local):
    """One path of each kind, ours and Streamlit's."""
    with browser(local) as client:
        static = re.search(r'src="\.(/static/js/[^"]+\.js)"', client.get("/").text)[1]
    ours = ["/", "/map", "/any-page", "/api/runs", f"{scripts_path()}/explore/view.js"]
    streamlits = ["/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", "/favicon.png"]
    return [*ours, *streamlits, static]


WRONG = [
    {},
    {"Authorization": "Bearer wrong"},
    {"Authorization": f"Basic {TOKEN}"},
    {"Authorization": "Bearer"},
    {"Authorization": TOKEN},
    {"Cookie": f"{PERSON}={TOKEN}"},
    {"Cookie": "explorer_token_{port}="},
    {"Cookie": "explorer_token_{port}=the-token-of-the-linK"},
    {"Cookie": "explorer_teacher_{port}=the-token-of-the-link"},
    {"Cookie": "explorer_token_1=the-token-of-the-link"},
    {"Host": "localhost"},
]


@pytest.mark.parametrize("headers", WRONG, ids=str)
def test_without_the_token_no_route_answers(closed, paths, headers):
    headers = {name: text.replace("{port}", str(closed.port)) for name, text in headers.items()}
    with browser(closed) as client:
        for path in paths:
            answer = client.get(path, headers=headers)
            assert (path, answer.status_code) == (path, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "set-cookie" not in answer.headers
            if answer.headers["content-type"].startswith("text/html"):
                assert "<p>This server asks for its token. Open the link" in answer.text
            else:
                assert answer.json()["error"].startswith("This server asks for its token.")
        for method in ("POST", "PUT", "HEAD", "OPTIONS", "DELETE"):
            assert client.request(method, "/api/runs", headers=headers).status_code == 401
        assert client.get("/").headers["content-type"].startswith("text/html")
    if "Host" not in headers:
        assert handshake(closed, **headers) == 401


@pytest.mark.parametrize("query", ["token=wrong", "token=", f"token={TOKEN}x", "teacher=wrong"])
def test_a_wrong_link_is_told(closed, query):
    with browser(closed) as client:
        answer = client.get(f"/?{query}")
        assert answer.status_code == 401
        assert "each start makes new ones" in answer.text
        assert client.get(f"/api/runs?token={TOKEN}").status_code == 401, "a cursor has that name"


@pytest.mark.parametrize("query", [f"token={TOKEN}", f"teacher={TEACHER}"])
def test_with_the_link_all_is_there(closed, paths, query):
    with browser(closed) as client:
        came = client.get(f"/?run=1&{query}")
        assert (came.status_code, came.headers["location"]) == (303, "./?run=1")
        for path in paths:
            assert (path, client.get(path).status_code) == (path, 200)
        assert handshake(closed, **cookies_of(client)) == 101
        assert PERSON in client.cookies


@pytest.mark.parametrize("token", [TOKEN, TEACHER])
def test_programs_send_it_with_each_request(closed, paths, token):
    told = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=closed.url, trust_env=False, headers=told, timeout=30) as client:
        for path in paths:
            assert (path, client.get(path).status_code) == (path, 200)
        assert post(client, "nobody").status_code == 404
    assert handshake(closed, **told) == 101


def test_a_link_on_another_site_is_asked_for_once_more(closed):
    """A browser sends its cookies with it then, but not for ever if it does not."""
    with browser(closed) as client:
        client.get(f"/?token={TOKEN}")
        mark = f"explorer_in_{closed.port}"
        marked = {"Cookie": f"{mark}={client.cookies[mark]}"}
    with browser(closed, **marked) as client:
        answer = client.get('/map?a="><b>')
        assert answer.status_code == 200
        assert 'content="0; url=./map?a=%22%3E%3Cb%3E"' in answer.text
        assert client.get("/map", headers={"Referer": f"{closed.url}/map"}).status_code == 401
        assert client.get("/api/runs").status_code == 401
        assert client.get("/", headers={"Cookie": f"{mark}=another"}).status_code == 401
    assert handshake(closed, **marked) == 401


def test_where_no_token_is_asked_a_link_with_one_is_as_good(local):
    with browser(local) as client:
        assert client.get("/?token=of-yesterday").status_code == 200


def test_streamlit_run_by_hand_where_others_reach_it_makes_links_too(tmp_path):
    command = ("-m", "streamlit", "run", "dashboard/app.py", "--server.address=0.0.0.0")
    server = Server(tmp_path, (*command, "--server.port"))
    try:
        with browser(server) as client:
            assert client.get("/").status_code == 401
            for name in ("token", "teacher"):
                link = re.search(
                    rf"http://localhost:{server.port}(/\?{name}=\S+)", server.log.read_text()
                )
                client.cookies.clear()
                assert client.get(link[1]).status_code == 303
                assert client.get("/").status_code == 200
    finally:
        server.close()


def test_the_server_stays_up_through_what_strangers_send(closed):
    """Neither a traceback on the terminal, nor an answer of 500."""
    odd = ["\xff" * 50, "a=b=c;;;=", f'{PERSON}="\\377"', "explorer_token_=\x7f"]
    with httpx.Client(base_url=closed.url, trust_env=False) as client:
        for text in odd:
            for headers in (
                {"Cookie": text.encode("latin-1")},
                {"Authorization": text.encode("latin-1")},
            ):
                assert client.get("/", headers=headers).status_code in (400, 401)
        assert client.get("/?token=%ff%00&teacher=%ed%a0%80").status_code == 401
        assert client.get("/%0d%0aSet-Cookie:x?teacher=%F0%9F%98%80").status_code == 401
    until(lambda: closed.process.poll() is None)
    assert "Traceback" not in closed.log.read_text()
