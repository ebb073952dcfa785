"""What a shared machine needs: whom the server answers, and what it tells browsers to refuse."""

import ast
import asyncio
import base64
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import psutil
import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from core.places import PROJECT
from dashboard.client.scripts import names, scripts_path
from dashboard.gate.proxy import BehindProxy
from tests.browser.server import Server

FOREIGN_HOSTS = [
    "evil.example",
    "evil.example:{port}",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "localhost@evil.example",
    "evil.example#localhost",
    "localhost,evil.example",
    "192.168.0.1",
    "0.0.0.0",
    "[",
    "",
]
FOREIGN_ORIGINS = [
    "http://evil.example",
    "http://127.0.0.1",
    "http://127.0.0.1:1",
    "http://localhost:{port}",  # while the host is 127.0.0.1
    "http://127.0.0.1:{port}.evil.example",
    "http://evil.example/127.0.0.1:{port}",
    "127.0.0.1:{port}",
    "null",
    "",
    "http://[",
    "://",
]


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def static_file(client):
    """A script of Streamlit's own."""
    return re.search(r'src="\.(/static/js/[^"]+\.js)"', client.get("/").text)[1]


@pytest.fixture(scope="module")
def paths(static_file):
    """One path of each kind, ours and Streamlit's, that answers with 200."""
    return [
        "/",
        "/any-page",
        "/api/runs",
        f"{scripts_path()}/explore/view.js",
        static_file,
        "/_stcore/health",
        "/_stcore/host-config",
        "/_stcore/metrics",
    ]


def open_socket(server, host="127.0.0.1", origin=None, path=""):
    """The WebSocket of a page at the server, asked for under another host name."""
    raw = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    return connect(
        f"ws://{host}:{server.port}{path}/_stcore/stream",
        sock=raw,
        origin=origin,
        subprotocols=["streamlit"],
        proxy=None,
    )


def refused(server, **how):
    """The status with which a WebSocket is refused."""
    with pytest.raises(InvalidStatus) as refusal, open_socket(server, **how):
        pass
    return refusal.value.response.status_code


# Host


def test_foreign_hosts_are_refused_on_every_route(client, server, paths):
    for path in paths:
        assert client.get(path).status_code == 200, path
        for host in FOREIGN_HOSTS:
            host = host.format(port=server.port)
            response = client.get(path, headers={"Host": host})
            assert (path, host, response.status_code) == (path, host, 400)
            assert len(response.json()["error"]) < 400


def test_a_request_without_host_is_refused(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as raw:
        raw.sendall(b"GET /api/runs HTTP/1.0\r\n\r\n")
        assert raw.recv(100).split()[1] == b"400"


def test_foreign_hosts_are_refused_on_the_websocket(server):
    for host in ("evil.example", "127.0.0.1.evil.example", "0.0.0.0"):
        assert refused(server, host=host) == 400
        assert refused(server, host=host, origin=f"http://{host}:{server.port}") == 400


def test_local_hosts_are_answered(client, server, paths):
    for host in ("localhost", "LOCALHOST", "127.0.0.1", "[::1]", f"localhost:{server.port}"):
        for path in paths:
            assert client.get(path, headers={"Host": host}).status_code == 200, (path, host)
    for host in ("localhost", "127.0.0.1"):
        with open_socket(server, host=host, origin=f"http://{host}:{server.port}") as page:
            assert page.subprotocol == "streamlit"


@pytest.fixture(scope="module")
def classroom(tmp_path_factory):
    """A server opened to others as the README says, but for the address."""
    folder = tmp_path_factory.mktemp("classroom")
    command = ["-m", "dashboard", "--no-browser", "--store", str(folder / "runs.sqlite")]
    command += ["--allow-host", "lab.example.org", "--allow-host", "10.1.2.3", "--port"]
    server = Server(folder, command)
    yield server
    server.close()


def test_a_class_is_answered_under_the_names_given_and_no_others(classroom):
    with httpx.Client(base_url=classroom.url, trust_env=False) as client:
        for path in ("/", "/api/runs", "/_stcore/health"):
            for host in ("lab.example.org", f"lab.example.org:{classroom.port}", "10.1.2.3"):
                assert client.get(path, headers={"Host": host}).status_code == 200
            for host in ("example.org", "www.lab.example.org", "10.1.2.4"):
                assert client.get(path, headers={"Host": host}).status_code == 400
    for host in ("lab.example.org", "10.1.2.3", "127.0.0.1"):
        origin = f"http://{host}:{classroom.port}"
        with open_socket(classroom, host=host, origin=origin) as page:
            assert page.subprotocol == "streamlit"
    assert refused(classroom, host="example.org") == 400
    assert refused(classroom, host="lab.example.org", origin="http://example.org") == 403


# Origin


def test_foreign_origins_are_refused_on_every_route(client, server, paths):
    for path in paths:
        for origin in FOREIGN_ORIGINS:
            origin = origin.format(port=server.port)
            response = client.get(path, headers={"Origin": origin})
            assert (path, origin, response.status_code) == (path, origin, 403)
        assert "access-control-allow-origin" not in response.headers
        assert client.get(path, headers={"Origin": server.url}).status_code == 200


def test_foreign_origins_are_refused_on_the_websocket(server):
    for origin in FOREIGN_ORIGINS:
        assert refused(server, origin=origin.format(port=server.port)) == 403, origin


def test_the_same_origin_gets_the_websocket(server):
    with open_socket(server, origin=server.url) as page:
        assert page.subprotocol == "streamlit"


def test_no_answer_lets_other_origins_read(client, paths):
    for path in paths:
        headers = client.get(path).headers
        assert not [name for name in headers if name.startswith("access-control-")], path


# A refusal says what to set


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server behind a proxy that tells for whom it asks, below a path."""
    folder = tmp_path_factory.mktemp("lab")
    command = ["-m", "dashboard", "--no-browser", "--store", str(folder / "runs.sqlite")]
    command += ["--behind-proxy", "--base-path", "/lab", "--allow-host", "lab.example.org"]
    server = Server(folder, [*command, "--port"])
    yield server
    server.close()


def told(server, words):
    """The lines of the terminal that have these words."""
    return [line for line in server.log.read_text().splitlines() if words in line]


def test_a_refusal_is_a_page_for_a_person_json_for_a_program_and_told_once(lab):
    document = {"Accept": "text/html,*/*", "Host": "<b>.example.org"}
    with httpx.Client(base_url=lab.url, trust_env=False) as client:
        for _ in range(2):
            page = client.get("/lab/map", headers={**document, "Host": "other.example.org:80"})
            assert page.status_code == 400
            assert page.headers["content-type"].startswith("text/html")
            assert "--allow-host other.example.org" in page.text
            answer = client.get("/lab/api/runs", headers={"Host": "other.example.org"})
            assert answer.json()["error"] in page.text
        assert "<b>" not in client.get("/", headers=document).text

        origin = "https://third.example.org"
        page = client.get("/lab/", headers={"Accept": "text/html", "Origin": origin})
        assert page.status_code == 403
        answer = client.get("/lab/api/runs", headers={"Origin": origin}).json()["error"]
        for word in ("proxy_set_header Host", "--allow-host third.example.org", "--behind-proxy"):
            assert word in answer
    assert refused(lab, origin="https://fourth.example.org") == 403
    for name in ("--allow-host other.", "--allow-host third.", "--allow-host fourth."):
        assert len(told(lab, name)) == 1, name


def test_the_terminal_is_not_filled_by_strangers(lab):
    with httpx.Client(base_url=lab.url, trust_env=False) as client:
        for k in range(200):
            client.get("/api/runs", headers={"Host": f"{k}.example.org"})
    assert 10 < len(told(lab, "was refused")) <= 50


def test_what_a_proxy_says_is_believed_of_this_computer_alone(lab):
    proxied = {"X-Forwarded-Host": "lab.example.org", "X-Forwarded-Proto": "https"}
    origin = {"Origin": "https://lab.example.org"}
    with httpx.Client(base_url=lab.url, trust_env=False) as client:
        assert client.get("/lab/api/runs", headers={**proxied, **origin}).status_code == 200
        assert client.get("/lab/api/runs", headers=origin).status_code == 403
        other = {"X-Forwarded-Host": "evil.example"}
        assert client.get("/lab/api/runs", headers=other).status_code == 400
        own = {"Host": "lab.example.org:443", **origin}  # as some proxies have it
        assert client.get("/lab/api/runs", headers=own).status_code == 200


@pytest.mark.parametrize(
    ("peer", "believed"), [("127.0.0.1", True), ("::1", True), ("10.0.0.9", False), ("", False)]
)
def test_the_address_of_who_asks_is_that_of_the_proxys_word_only_if_it_is_here(peer, believed):
    seen = {}

    async def app(scope, receive, send):
        seen.update(scope)

    headers = [(b"host", b"127.0.0.1:8501"), (b"x-forwarded-host", b"lab.example.org")]
    headers += [(b"x-forwarded-for", b"6.6.6.6, 10.1.1.1"), (b"x-forwarded-proto", b"https")]
    scope = {"type": "http", "headers": headers, "client": (peer, 1), "scheme": "http"}
    with ThreadPoolExecutor(1) as thread:  # where no browser's loop runs
        thread.submit(asyncio.run, BehindProxy(app)(scope, None, None)).result()
    host, client = dict(seen["headers"])[b"host"], seen["client"][0]
    if believed:
        # The last address is the one that the proxy itself saw.
        assert (host, client, seen["scheme"]) == (b"lab.example.org", "10.1.1.1", "https")
    else:
        assert (host, client, seen["scheme"]) == (b"127.0.0.1:8501", peer, "http")


# Nothing that is sent brings a traceback to the terminal


def widget(name, **value):
    """A wish for a run of the script, with the state of a widget."""
    message = BackMsg()
    message.rerun_script.widget_states.widgets.add(id=name, **value)
    return message.SerializeToString()


def plain():
    """The same without states of widgets."""
    message = BackMsg()
    message.rerun_script.query_string = "steps=\0&run=%ff"
    return message.SerializeToString()


@pytest.mark.parametrize(
    "frames",
    [
        (b"\xff\xfe\xfd",),
        ("text",),
        (b"",),
        (plain(), plain()),
        (widget("nosuch", string_value="x"),),
        (widget("$$ID-0123456789abcdef0123456789abcdef-steps", string_value="x"), plain()),
        (
            BackMsg(stop_script=True).SerializeToString(),
            BackMsg(clear_cache=True).SerializeToString(),
        ),
    ],
    ids=["garbage", "text", "empty", "no widgets", "no such widget", "wrong widget", "commands"],
)
def test_what_a_websocket_is_sent_brings_no_traceback_to_the_terminal(lab, frames):
    before = len(lab.log.read_text())
    with open_socket(lab, origin=lab.url) as page, suppress(ConnectionClosed):
        for frame in frames:
            page.send(frame)
        page.ping().wait(10)
        with suppress(TimeoutError):
            while page.recv(timeout=1):
                pass
    said = lab.log.read_text()[before:]
    assert "Traceback" not in said
    assert "\x1b" not in said
    assert len(said.splitlines()) <= 2 * len(frames), said


# Below a path


def test_all_is_found_below_the_path_whether_a_proxy_takes_it_away_or_not(lab, static_file):
    assert f"{lab.url}/lab/" in lab.log.read_text()
    with httpx.Client(base_url=lab.url, trust_env=False) as client:
        for path in ("/", "/map", "/api/runs", "/_stcore/health", static_file):
            assert client.get(path).status_code == client.get(f"/lab{path}").status_code == 200
        script = f"{scripts_path()}/explore/view.js"
        assert "immutable" in client.get(f"/lab{script}").headers["cache-control"]
        assert script in client.get("/lab/").text
        for path, place in (
            ("/lab", "lab/"),
            ("/lab?run=a", "lab/?run=a"),
            ("/lab/map/?run=a", "../../lab/map?run=a"),
            ("/map/", "../map"),
        ):
            assert client.get(path).headers["location"] == place
        assert client.get("/laboratory").status_code == 200  # a page of Streamlit's, not below it
    with open_socket(lab, origin=lab.url, path="/lab") as page:
        assert page.subprotocol == "streamlit"


# What browsers are told


def answers(client, paths):
    """An answer of every kind: found, moved, refused, missing."""
    for path in paths:
        yield client.get(path), 200
        yield client.get(path, headers={"Host": "evil.example"}), 400
        yield client.get(path, headers={"Origin": "http://evil.example"}), 403
    yield client.get("/any-page/"), 301
    yield client.get("/api/runs/nosuchrun"), 404
    yield client.get("/api/runs/nosuchrun/records?after=x"), 400
    yield client.get("/media/nosuch"), 404
    yield client.get("/%00"), 400
    yield client.post("/api/runs"), 405
    yield client.put("/_stcore/upload_file/session/file"), 403


def test_every_answer_has_the_headers(client, paths):
    policy = client.get("/").headers["content-security-policy"]
    for response, status in answers(client, paths):
        assert response.status_code == status, response.url
        assert response.headers.get_list("content-security-policy") == [policy], response.url
        assert response.headers.get_list("x-content-type-options") == ["nosniff"]
        assert response.headers.get_list("referrer-policy") == ["same-origin"]


@pytest.fixture(scope="module")
def policy(client):
    """The content security policy: sources by directive."""
    directives = client.get("/").headers["content-security-policy"].split("; ")
    return {name: sources for name, *sources in map(str.split, directives)}


def test_the_policy_names_no_foreign_source_and_allows_no_eval(policy):
    everywhere = {"'self'", "'none'", "blob:"}
    also = {"style-src": {"'unsafe-inline'"}, "img-src": {"data:"}, "font-src": {"data:"}}
    for directive, sources in policy.items():
        for source in set(sources) - everywhere - also.get(directive, set()):
            assert directive == "script-src", (directive, source)
            assert re.fullmatch(r"'sha256-[\w+/]{43}='", source)
    assert policy["default-src"] == ["'self'"]
    for directive in ("object-src", "frame-ancestors"):
        assert policy[directive] == ["'none'"]
    # These do not fall back to default-src.
    assert policy["base-uri"] == policy["form-action"] == ["'self'"]


def test_only_streamlits_own_inline_scripts_may_run(policy, client):
    inline = re.findall(r"<script>(.*?)</script>", client.get("/").text, re.DOTALL)
    assert inline
    digests = [hashlib.sha256(script.encode()).digest() for script in inline]
    allowed = {source for source in policy["script-src"] if source.startswith("'sha256-")}
    assert allowed == {f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests}


# Settings

READ_SETTINGS = """
import json, sys
from streamlit import config
config._main_script_path = sys.argv[1]  # as `streamlit run` does
config.get_config_options(force_reparse=True)
print(json.dumps({name: config.get_option(name) for name in sys.argv[2:]}))
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """Streamlit's settings as `streamlit run dashboard/app.py` has them, started anywhere, with
    other wishes in the user's home."""
    names = {
        "browser.gatherUsageStats",
        "client.showErrorDetails",
        "client.showErrorLinks",
        "server.address",
        "server.allowedHosts",
        "server.maxUploadSize",
        "server.enableXsrfProtection",
        "server.enableCORS",
        "server.enableStaticServing",
        "server.enableAgentApi",
        "server.fileWatcherType",
        "runner.postScriptGC",
    }
    home = tmp_path_factory.mktemp("home")
    (home / ".streamlit").mkdir()
    (home / ".streamlit" / "config.toml").write_text(
        '[browser]\ngatherUsageStats = true\n[server]\naddress = "0.0.0.0"\n'
        "enableXsrfProtection = false\nenableStaticServing = true\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", READ_SETTINGS, str(PROJECT / "dashboard" / "app.py"), *names],
        cwd=home,
        env={**os.environ, "HOME": str(home), "USERPROFILE": str(home)},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(answer.stdout)


def test_settings_are_fit_for_a_shared_machine(settings):
    assert settings.pop("server.maxUploadSize") <= 50  # MB
    assert settings == {
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "server.address": "127.0.0.1",
        "server.allowedHosts": ["localhost", "127.0.0.1", "::1"],
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
        "server.enableStaticServing": False,
        "server.enableAgentApi": False,
        "server.fileWatcherType": "none",
        "runner.postScriptGC": False,
    }


def test_the_page_is_told_to_send_no_usage_statistics(server):
    with open_socket(server, origin=server.url) as page:
        hello = BackMsg()
        hello.rerun_script.query_string = ""
        page.send(hello.SerializeToString())
        first = ForwardMsg.FromString(page.recv(timeout=30))
    assert first.WhichOneof("type") == "new_session"
    assert first.new_session.config.gather_usage_stats is False


def test_an_upload_without_token_is_refused(client):
    response = client.put("/_stcore/upload_file/session/file", files={"f": b"x"})
    assert response.status_code == 403
    assert "XSRF" in response.text


def test_agents_are_not_served(client):
    assert client.post("/_stcore/agent/interact", json={}).status_code == 403


def test_files_are_not_served(client):
    """Where nothing is to be found Streamlit sends its page, for the page's own addresses."""
    for path in ("/app/static/app.py", "/dashboard/app.py", "/.streamlit/config.toml"):
        assert "<title>Streamlit</title>" in client.get(path).text


def test_the_server_listens_to_this_computer_alone(server, classroom):
    for one in (server, classroom):
        listening = [
            connection.laddr
            for connection in psutil.Process(one.process.pid).net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        assert [(address.ip, address.port) for address in listening] == [("127.0.0.1", one.port)]


# The source

SOURCES = [path for part in ("core", "dashboard") for path in (PROJECT / part).rglob("*.py")]
PICKLERS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}


@pytest.mark.parametrize("path", SOURCES, ids=[str(path.relative_to(PROJECT)) for path in SOURCES])
def test_nothing_is_pickled(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert PICKLERS.isdisjoint(name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert (node.module or "").split(".")[0] not in PICKLERS
        elif isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False


@pytest.mark.parametrize("name", names())
def test_our_scripts_fetch_from_this_server_alone_and_parse_no_text_as_code(name):
    source = (PROJECT / "dashboard" / name).read_text(encoding="utf-8")
    source = source.replace('"http://www.w3.org/2000/svg"', "")  # a name: nothing is fetched by it
    assert not re.findall(r"\b(?:https?|wss?):|[\"'`]//\w", source)
    for risk in ("eval(", "new Function", "innerHTML", "outerHTML", "insertAdjacentHTML", "write("):
        assert risk not in source
