"""`python3 -m tests.browser.screenshot`: take the README's pictures of the pages anew."""

import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser import chromium
from tests.browser.explorer import Explorer
from tests.browser.server import PROJECT, Server
from tests.browser.widgets import button

FOLDER = PROJECT / "dashboard" / "assets"
GREATEST_SIZE = 300_000  # bytes of a picture


def explore(page: Page) -> None:
    """Train the default run, turn `bin_out` up on the way, and stop near its end."""
    explorer = Explorer(page)
    explorer.open()
    explorer.train()
    explorer.wait_for_x(500)
    explorer.slide("bin_out", +10)
    explorer.wait_for_x(1100)


def inside(page: Page) -> None:
    """Look inside the run of before, once it has ended."""
    expect(Explorer(page).status).to_contain_text("Finished")
    page.get_by_role("link", name="Inside", exact=True).first.click()
    expect(page.locator(".inside-seen canvas").first).to_be_visible(timeout=60_000)
    page.wait_for_timeout(3000)  # what is measured at rest comes in parts
    button(page, "Pairs").click()
    page.wait_for_timeout(1000)  # it scrolls there


def weight_map(page: Page) -> None:
    """Train the default map, and pick one of its points."""
    page.goto("/map")
    expect(page.locator(".map-drawing")).to_be_visible()
    button(page, "Train map").click()
    expect(page.locator(".map-status")).to_contain_text("Finished", timeout=120_000)
    page.goto(f"{page.url}&point=41")
    expect(page.locator(".map-point .main-svg").first).to_be_visible()
    page.wait_for_timeout(2000)  # the point's curves are drawn


def main() -> None:
    """Take them one after the other, at one server."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder))
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.OPTIONS)
        viewport = {"width": 1400, "height": 1000}
        page = browser.new_page(base_url=server.url, viewport=viewport)
        for name, show in (("explore", explore), ("inside", inside), ("map", weight_map)):
            show(page)
            page.mouse.move(700, 5)
            picture = FOLDER / f"{name}.png"
            page.screenshot(path=picture)
            size = picture.stat().st_size
            assert size < GREATEST_SIZE, f"{picture} has {size} bytes; at most {GREATEST_SIZE}."
            print(f"{picture}: {size / 1000:.0f} kB")
        browser.close()
        server.close()


if __name__ == "__main__":
    main()
