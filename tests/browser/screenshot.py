"""`python3 -m tests.browser.screenshot`: take the README's picture of the page anew."""

import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser import chromium
from tests.browser.explorer import Explorer
from tests.browser.server import PROJECT, Server

PICTURE = PROJECT / "dashboard" / "assets" / "explore.png"
GREATEST_SIZE = 300_000


def main() -> None:
    """Train the default run, turn `bin_out` up on the way, and take the picture near its end."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.OPTIONS)
        viewport = {"width": 1400, "height": 930}
        explorer = Explorer(browser.new_page(base_url=server.url, viewport=viewport))
        explorer.open()
        explorer.train()
        explorer.wait_for_x(500)
        explorer.slide("bin_out", +10)
        explorer.wait_for_x(1100)
        explorer.page.mouse.move(700, 5)
        PICTURE.parent.mkdir(exist_ok=True)
        explorer.page.screenshot(path=PICTURE)
        expect(explorer.status).to_contain_text("Finished")
        browser.close()
        server.close()
    size = PICTURE.stat().st_size
    assert size < GREATEST_SIZE, f"{PICTURE} has {size} bytes; at most {GREATEST_SIZE} are meant."
    print(f"{PICTURE}: {size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
