"""What axe-core finds on a page."""

from axe_playwright_python.sync_playwright import Axe

from tests.colours import GROUNDS

GRAVE = ("serious", "critical")


def violations(page, passes: int = 20) -> list[str]:
    """What axe-core finds: all in what this project draws, the grave ones in all the page.

    `passes` is the number of rules of which it must say more than that something keeps them; of a
    page behind a dialog it sees the dialog alone.

    Streamlit's own widgets have none at present. If they come to have one that cannot be mended
    from here, leave it out by its rule and selector, and say why.
    """
    found = Axe().run(page).response
    assert len(found["passes"]) > passes, "axe-core has looked at the page"
    return [
        f"{violation['impact']}: {violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
        if violation["impact"] in GRAVE or is_ours(page, node["target"])
    ]


def violations_on_both_grounds(page, passes: int = 20) -> list[str]:
    """What axe-core finds while the page is light, and then while it is dark."""
    found = []
    for scheme in GROUNDS:
        put_into(page, scheme)
        found += violations(page, passes)
    return found


def put_into(page, scheme: str, *more: str) -> None:
    """Have the page, and `more` parts of it by their test ids, light or dark."""
    page.emulate_media(color_scheme=scheme)
    for name in ("stApp", *more):
        page.wait_for_function(
            r"""([name, grounds]) => {
                const node = document.querySelector(`[data-testid=${name}]`)
                const parts = getComputedStyle(node).backgroundColor.match(/\d+/g).slice(0, 3)
                const hex = parts.map((part) => Number(part).toString(16).padStart(2, "0"))
                return grounds.includes(`#${hex.join("")}`)
            }""",
            arg=[name, list(GROUNDS[scheme])],
        )
    # Some colours change in a moment of time, others at once: until then they do not match.
    page.wait_for_function(
        """() => document.getAnimations().every((one) => one.playState === "finished" ||
            one.effect?.getComputedTiming().iterations === Infinity)"""
    )


def is_ours(page, target) -> bool:
    """Whether an element is in one of our views."""
    return page.locator(target[-1]).first.evaluate(
        "n => !!n.closest('.explore-view, .map-view, .compare-view, .runs-view, .inside-view, "
        ".learn-view, .steering-view')"
    )
