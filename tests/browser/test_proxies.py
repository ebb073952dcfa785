"""The page through real proxies, each configured by a file that the README names."""

import json
from contextlib import contextmanager
from urllib.parse import urlsplit

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import chromium, proxies
from tests.browser.complaints import complaints_of
from tests.browser.explorer import Explorer
from tests.browser.server import Server
from tests.browser.widgets import WAIT

pytestmark = pytest.mark.browser


@contextmanager
def browser_at(playwright, url, port):
    """A page of a browser for which the name in an address is that of a proxy here."""
    at = urlsplit(url)
    names = f"MAP {at.hostname}:{443 if at.scheme == 'https' else 80} 127.0.0.1:{port}"
    browser = playwright.chromium.launch(
        executable_path=chromium.needed(),
        args=[*chromium.OPTIONS, f"--host-resolver-rules={names}"],
    )
    context = browser.new_context(
        base_url=url, ignore_https_errors=True, viewport={"width": 1400, "height": 1000}
    )
    context.set_default_timeout(WAIT)
    try:
        yield context.new_page()
    finally:
        browser.close()


def use(page, url, folder):
    """All that a proxy could break: scripts, WebSocket, routes, a POST, an upload, a download."""
    complaints = complaints_of(page)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    explorer = Explorer(page).open("steps=100000")
    run = explorer.train()
    explorer.wait_for_x(20)
    explorer.slide("bin_out", 5)
    page.wait_for_function(
        """run => fetch(`api/runs/${run}/records`).then((answer) => answer.json()).then(
            ({columns}) => columns["loss_weights.bin_out"].at(-1) > 0.5)""",
        arg=run,
    )
    explorer.press("Stop")
    expect(explorer.status).to_contain_text("Stopped")

    rng = np.random.default_rng(4)
    np.savez(folder / "noise.npz", x=rng.random((160, 9, 9)), y=np.arange(160) % 4)
    page.get_by_text("New run: its data").click()
    page.locator("input[type=file]").set_input_files(folder / "noise.npz")
    expect(page.get_by_text("160 images of 4 classes were added as noise-4c")).to_be_visible()

    page.get_by_role("link", name="Runs").click()
    page.wait_for_url(lambda address: urlsplit(address).path == f"{urlsplit(url).path}runs")
    expect(page.locator(".runs-table tbody tr")).to_have_count(1)
    page.go_back()
    expect(explorer.status).to_contain_text("Stopped")

    page.goto(f"{url}runs?runs={run}")
    explorer.press("Take away")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Settings, JSON", exact=True).click()
    taken = json.loads(downloading.value.path().read_text())
    assert run in json.dumps(taken)
    page.goto(f"{url}inside?run={run}")
    expect(page.locator(".inside-view .main-svg").first).to_be_visible()
    assert complaints == []
    assert [one for one in asked if not one.startswith((url, "blob:", "data:"))] == []


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("nginx_tls", ""),
        ("nginx_forwarded_host", ""),
        ("nginx_path", "lab/"),
        ("nginx_base_path", "lab/"),
    ],
)
def test_the_page_is_whole_behind_nginx(playwright, name, path, tmp_path):
    if not proxies.nginx():
        pytest.skip("There is no nginx: on Debian, as root, apt-get install nginx.")
    text = (proxies.FOLDER / f"{name}.conf").read_text()
    store = ["--no-browser", "--store", str(tmp_path / "runs.sqlite"), "--port"]
    server = Server(tmp_path, (*proxies.command_of(text), *store))
    try:
        with proxies.nginx_before(server, text, tmp_path) as port:
            url = f"https://lab.example.org/{path}"
            with browser_at(playwright, url, port) as page:
                use(page, url, tmp_path)
    finally:
        server.close()


def test_the_page_is_whole_behind_jupyter(playwright, tmp_path):
    with proxies.jupyter(tmp_path) as port:
        url = f"http://hub.example.org{proxies.PERSON}/explorer/"
        with browser_at(playwright, url, port) as page:
            use(page, url, tmp_path)


def test_the_page_is_whole_at_a_port_whose_path_jupyter_passes_on(playwright, tmp_path):
    path = f"{proxies.PERSON}/proxy/absolute/{{port}}"
    command = ["-m", "dashboard", "--no-browser", "--store", str(tmp_path / "runs.sqlite")]
    command += ["--allow-host", "hub.example.org", "--base-path", path, "--port"]
    server = Server(tmp_path, tuple(command))
    try:
        with proxies.jupyter(tmp_path) as port:
            url = f"http://hub.example.org{path.format(port=server.port)}/"
            with browser_at(playwright, url, port) as page:
                use(page, url, tmp_path)
    finally:
        server.close()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A server that goes by the name lab.example.org."""
    folder = tmp_path_factory.mktemp("lab")
    command = ["-m", "dashboard", "--no-browser", "--store", str(folder / "runs.sqlite")]
    server = Server(folder, (*command, "--allow-host", "lab.example.org", "--port"))
    yield server
    server.close()


HOST = "proxy_set_header Host $http_host;"
UPGRADE = "proxy_set_header Upgrade $http_upgrade;"


@pytest.mark.parametrize(
    ("lacking", "instead", "said"),
    [
        (HOST, "", HOST),
        (UPGRADE, "", "proxy_set_header Upgrade"),
        (HOST, "proxy_set_header Host other.example.org;", "--allow-host other.example.org"),
    ],
    ids=["no name passed on", "no WebSocket", "a name not allowed"],
)
def test_what_a_proxy_lacks_is_told_on_the_page_and_once_on_the_terminal(
    playwright, lacking, instead, said, lab, tmp_path
):
    if not proxies.nginx():
        pytest.skip("There is no nginx: on Debian, as root, apt-get install nginx.")
    text = (proxies.FOLDER / "nginx_tls.conf").read_text()
    text = proxies.changed(text, {lacking: instead})
    url = "https://lab.example.org/"
    with (
        proxies.nginx_before(lab, text, tmp_path) as port,
        browser_at(playwright, url, port) as page,
    ):
        page.goto("./map")
        expect(page.get_by_text(said)).to_be_visible()
    assert len([line for line in lab.log.read_text().splitlines() if said in line]) == 1
