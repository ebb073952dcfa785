"""How long one task of the browser holds a page up: while it shows a training, and at rest."""

import json
import time

from playwright.sync_api import Page

from tests.benchmarks.bench import Bench, tell
from tests.benchmarks.goals import Measurement
from tests.benchmarks.opening import TIMEOUT, opened

SHOWN = 10.0  # s of each page
SETTLE = 3.0  # s
MAP_DRAWN = """() => [...document.querySelectorAll(".map-cells path")]
    .some((cell) => cell.getAttribute("fill") !== "none")"""
PAGES = {  # of a run in training, each once it has drawn something
    "/": "() => document.querySelector('.live-chart .main-svg')",
    "/inside": "() => document.querySelector('.inside-view .main-svg')",
    "/map?map_steps=4000": MAP_DRAWN,
}
OF_A_TASK = ["toplevel", "disabled-by-default-devtools.timeline", "v8", "__metadata"]
# What Chromium calls the threads of pages, what they do from one moment to the next, and V8 then.
MAIN_THREAD, TASK, FREEING = "CrRendererMain", "RunTask", "V8.GCFinalizeMCReduceMemory"

NOTE = """() => {
    window.longest = 0 // ms; the browser tells of tasks over 50 ms
    new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) longest = Math.max(longest, duration)
    }).observe({ type: "longtask" })
}"""


def tasks(bench: Bench) -> dict[str, Measurement]:
    """The longest task of each page, while what it shows trains and once that has ended."""
    training, resting = {}, {}
    with opened(bench, "steps=1000000") as (_, page, _):
        page.get_by_role("button", name="Train", exact=True).click()
        page.wait_for_function("() => new URLSearchParams(location.search).has('run')")
        run = page.evaluate("() => new URLSearchParams(location.search).get('run')")
        for path, drawn in PAGES.items():
            is_map = path.startswith("/map")
            page.goto(path if is_map else f"{path}?run={run}")
            if is_map:
                page.get_by_role("button", name="Train map", exact=True).click()
            page.wait_for_function(drawn, timeout=TIMEOUT)
            time.sleep(SETTLE)
            page.evaluate(NOTE)
            time.sleep(SHOWN)
            training[path] = page.evaluate("() => longest")
            page.get_by_role("button", name="Cancel" if is_map else "Pause", exact=True).click()
            time.sleep(SETTLE)
            resting[path] = longest_task(bench, page)
            if not is_map:
                page.get_by_role("button", name="Resume", exact=True).click()
    for called, found in (("in training", training), ("at rest", resting)):
        told = ", ".join(f"{path}: {milliseconds:.0f}" for path, milliseconds in found.items())
        tell(f"longest task {called}, ms: {told}")
    return {
        "long-task": Measurement(max(training.values())),
        "rest": Measurement(max(resting.values())),
    }


def longest_task(bench: Bench, page: Page) -> float:
    """Milliseconds of the longest task of a page's main thread while nothing is done there.

    V8 gives memory back some seconds after any page has come to rest: that is left out.
    """
    bench.browser.start_tracing(page=page, categories=OF_A_TASK)
    time.sleep(SHOWN)
    events = json.loads(bench.browser.stop_tracing())["traceEvents"]
    threads = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == MAIN_THREAD
    }
    spans = [e for e in events if "dur" in e and (e["pid"], e["tid"]) in threads]
    freed = [event["ts"] for event in spans if event["name"] == FREEING]
    took = [
        task["dur"] / 1000
        for task in spans
        if task["name"].endswith(TASK)
        and not any(task["ts"] <= at <= task["ts"] + task["dur"] for at in freed)
    ]
    assert took, "the trace names no task of a page"
    return max(took)
