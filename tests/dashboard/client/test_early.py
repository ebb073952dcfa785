"""Scripts that come with the page: all that its view imports, each where it is served."""

import re

import httpx
import pytest

from dashboard.client import early
from dashboard.client.scripts import names, scripts_path

PAGES = ("explore", "map", "runs", "compare", "inside", "learn")


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        yield client


def page_of(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response


@pytest.mark.parametrize("page", PAGES)
def test_a_page_comes_with_all_that_its_view_imports(client, page):
    text = page_of(client, f"/{page if page != 'explore' else ''}").text
    ours = re.findall(r'<link rel="modulepreload" href="\.(/scripts/[^"]+)">', text)
    assert f"{scripts_path()}/{page}/view.js" in ours
    for path in ours:
        assert client.get(path).status_code == 200, path
    # What a script imports and is not listed would be asked for late.
    listed = {path.removeprefix(f"{scripts_path()}/") for path in ours}
    for name in listed & set(names()):
        assert set(early.modules(page)) >= {name}
    assert text.index("modulepreload") < text.index("</head>")


def test_the_length_is_that_of_the_page_with_them(client):
    response = page_of(client, "/map")
    assert int(response.headers["content-length"]) == len(response.content)
    assert scripts_path() in response.text


def test_a_browser_asks_for_the_page_again_since_only_ours_knows_of_our_scripts(client):
    headers = page_of(client, "/").headers
    assert "etag" not in headers
    assert "last-modified" not in headers


def test_other_paths_come_as_they_are(client):
    for path in ("/api/runs", "/nosuch"):
        assert scripts_path() not in client.get(path).text
    assert early.tags("nosuch") == b""


def test_plotly_comes_with_a_page_that_draws_with_it(client):
    tag = f'<link rel="preload" as="script" href=".{scripts_path()}/plotly.min.js">'
    assert tag in page_of(client, "/").text
    assert tag not in page_of(client, "/runs").text


@pytest.mark.parametrize("path", ["/", "/map"])
def test_what_streamlit_would_fetch_late_comes_with_the_page(client, path):
    text = page_of(client, path).text
    for name in early.LATE:
        assert re.search(rf'"modulepreload" href="\./static/js/{name}\.[\w-]+\.js"', text), name
    for path in early.late_modules():
        assert client.get(f"/{path}").status_code == 200, path


def test_a_script_that_is_imported_over_several_lines_counts(tmp_path, monkeypatch):
    (tmp_path / "client").mkdir()
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "view.js").write_text(
        'import {\n  one,\n  two,\n} from "../client/a.js"\nexport { three } from "./b.js"\n'
        'const url = new URL("../client/c.js", import.meta.url)\n'
    )
    for name in ("client/a.js", "map/b.js"):
        (tmp_path / name).write_text("")
    monkeypatch.setattr(early, "DASHBOARD", tmp_path)
    expected = ("client/a.js", "map/b.js", "map/view.js")
    assert early.modules.__wrapped__("map") == expected
