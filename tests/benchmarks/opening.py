"""How soon the page is there: from starting the server to a page that can be used."""

import subprocess
import sys
import time
from contextlib import contextmanager

import psutil

from core.places import PROJECT
from tests.benchmarks.bench import Bench, interleaved
from tests.benchmarks.goals import Measurement
from tests.browser.server import PLAIN, Server

STARTS = range(5)
TIMEOUT = 60_000  # ms
BARE = (
    *("-m", "streamlit", "run", "tests/benchmarks/bare.py"),
    *("--server.headless", "true", "--browser.gatherUsageStats", "false", "--server.port"),
)
DRAWN = """() => {
    const train = [...document.querySelectorAll("button")].find(b => b.innerText.includes("Train"))
    return train && !train.disabled && document.querySelector(".task svg")
        && document.querySelectorAll(".desk-range").length === 3
}"""
BARE_DRAWN = """() => {
    const train = [...document.querySelectorAll("button")].find(b => b.innerText.includes("Train"))
    return train && !train.disabled && document.querySelector(".js-plotly-plot .main-svg")
}"""


@contextmanager
def opened(bench: Bench, query: str = "", command: tuple[str, ...] = PLAIN, drawn: str = DRAWN):
    """A new server and a page of it in an empty browser, and the seconds that both took.

    All processes of the server have ended when it is left: they take nothing from what comes next.

    Args:
        bench: What has the browser.
        query: The page's.
        command: How the server is started, see `Server`.
        drawn: A JavaScript function that tells whether the page is ready.
    """
    browser, folder = bench.browser, bench.folder()
    began = time.perf_counter()
    server = Server(folder, command)
    context = browser.new_context(base_url=server.url, viewport={"width": 1400, "height": 1000})
    try:
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.goto(f"/?{query}")
        page.wait_for_function(drawn)
        yield server, page, time.perf_counter() - began
    finally:
        context.close()
        children = psutil.Process(server.process.pid).children(recursive=True)
        server.close()
        psutil.wait_procs(children, timeout=20)


def start(bench: Bench) -> dict[str, Measurement]:
    """From starting the server to a Train button, the desk and the task, against a bare page."""

    def seconds(*arguments) -> float:
        with opened(bench, *arguments) as (_, _, took):
            return took

    took = interleaved(
        "start, s",
        STARTS,
        ours=lambda _: seconds(),
        bare=lambda _: seconds("", BARE, BARE_DRAWN),
    )
    return {"start": Measurement(took["ours"], took["bare"])}


def explain(_: Bench) -> dict[str, Measurement]:
    """`python3 -m dashboard --help`, by a Python that has no libraries."""

    def seconds(_) -> float:
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-S", "-E", "-m", "dashboard", "--help"],
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return time.perf_counter() - began

    return {"help": Measurement(interleaved("--help, s", STARTS, ours=seconds)["ours"])}
