"""The page Inside as a person has it: what is read off it."""

from playwright.sync_api import expect

from tests.browser.server import OF_A_PAGE

# How many values a chart shows, and the last of its curves.
FILLED = """name => {
    const chart = document.querySelector(`.inside-chart[data-quantity="${name}"]`)
    const count = ({x = [], z}) => z ? z.flat().filter((one) => one !== null).length : x.length
    return (chart?.data ?? []).reduce((sum, trace) => sum + count(trace), 0)
}"""


class Inside:
    """The page in a tab.

    Args:
        page: The tab.
    """

    def __init__(self, page):
        self.page = page
        self.status = page.locator(".inside-status")

    def open(self, query=""):
        """Open the page and wait until it says something."""
        self.page.goto(f"/inside?{query}")
        expect(self.status).not_to_be_empty()
        return self

    def chart(self, name):
        """A chart, scrolled to."""
        chart = self.page.locator(f'.inside-chart[data-quantity="{name}"]')
        chart.scroll_into_view_if_needed()
        return chart

    def filled(self, name):
        """Number of values that a chart shows, once it has some."""
        # What is drawn above it may push it out of sight, where nothing is drawn.
        self.page.wait_for_function(
            f"""name => {{
                const chart = document.querySelector(`.inside-chart[data-quantity="${{name}}"]`)
                chart?.scrollIntoView({{block: "nearest"}})
                return ({FILLED})(name) > 0
            }}""",
            arg=name,
        )
        return self.page.evaluate(FILLED, name)

    def trace(self, name, role, what):
        """Something of a trace of a chart."""
        return self.chart(name).evaluate(
            f"(chart, role) => {{ const trace = chart.data.find(({{meta}}) => meta.role === role);"
            f" return JSON.parse(JSON.stringify({what})) }}",
            role,
        )

    def answer(self, run, pair=0):
        """What the server tells."""
        asked = self.page.request.get(
            f"/api/runs/{run}/inside?watch=1&pair={pair}", headers=OF_A_PAGE
        )
        return asked.json()
