"""Finding widgets as a person does: by their name, or with the key Tab."""

from playwright.sync_api import Locator, Page

WAIT = 30_000  # ms; only a machine busy with other things needs so long


def button(page: Page, name: str):
    """The button of exactly that name."""
    return page.get_by_role("button", name=name, exact=True)


def all_of(locator: Locator) -> list[Locator]:
    """All that there are of it, once there are any: a page may still be filling."""
    locator.first.wait_for(state="attached")
    return locator.all()


def texts_of(locator: Locator) -> list[str]:
    """What stands in all that there are of it, once there are any."""
    locator.first.wait_for(state="attached")
    return locator.all_inner_texts()


def overflow(page: Page) -> int:
    """Pixels by which a page is wider than its window."""
    return page.evaluate(
        """() => Math.max(...[
            document.documentElement, document.querySelector("[data-testid=stMain]"),
        ].map((node) => node.scrollWidth - node.clientWidth))"""
    )


def tab_to(locator: Locator) -> None:
    """Press Tab until this, or something in it, has the focus."""
    for _ in range(80):
        locator.page.keyboard.press("Tab")
        if locator.evaluate("node => node.contains(document.activeElement)"):
            return
    raise AssertionError(f"Tab does not reach {locator}.")
