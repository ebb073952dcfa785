"""The page while a run or a map trains: how soon it shows, and what that costs."""

import bisect
import statistics
import time

import psutil
from playwright.sync_api import expect

from core import Store
from tests.benchmarks.bench import Bench, Records, percentile_95, tell
from tests.benchmarks.goals import Measurement
from tests.benchmarks.memory import MB
from tests.benchmarks.opening import TIMEOUT, opened
from tests.benchmarks.tasks import MAP_DRAWN
from tests.browser.explorer import LONG, Explorer

PRESSES = 5
WATCHED = 20.0  # s
SETTLE = 5.0  # s
MAP_UPDATES = 12
# An update gives cells of the triangle other colours.
COUNT_UPDATES = """() => {
    window.n = 0
    const how = {subtree: true, attributeFilter: ["fill"]}
    new MutationObserver(() => window.n++).observe(document.querySelector(".map-cells"), how)
}"""
ASKED_EVERY = 100  # ms
POLL = 0.004  # s

# Of another run than the one before, whose curves stay until then.
ALL_CURVES = """before => {
    const run = new URLSearchParams(location.search).get("run")
    const curves = [...document.querySelectorAll(".live-chart")]
        .flatMap(chart => chart.data ?? []).filter(trace => trace.showlegend !== false)
        .filter(trace => !trace.name.includes("(val)"))
    return run && run !== before && curves.length === 6
        && curves.every(trace => trace.x.length > 0)
}"""

# A point counts as drawn after the frame that follows Plotly's drawing: timers run behind it.
NOTE_POINTS = """() => {
    window.drawn = []
    const chart = document.querySelector(".live-chart[data-quantity=loss]")
    const trace = () => chart.data.find(trace => trace.name === "ctg_out_1")
    chart.on("plotly_afterplot", () => {
        const step = trace().x.at(-1)
        requestAnimationFrame(() => setTimeout(() => window.drawn.push([step, Date.now() / 1000])))
    })
}"""


def curves(bench: Bench) -> dict[str, Measurement]:
    """From pressing Train, in a worker that is warm, to a first point on each of the six curves."""
    took, before = [], None
    with opened(bench, LONG) as (_, page, _):
        explorer = Explorer(page)
        for _ in range(1 + PRESSES):
            expect(explorer.button("Train")).to_be_enabled()
            began = time.perf_counter()
            explorer.button("Train").click()
            page.wait_for_function(ALL_CURVES, arg=before)
            took.append(time.perf_counter() - began)
            before = explorer.run
            explorer.press("Stop")
    warm = took[1:]  # the first one may have waited for TensorFlow
    tell(f"Train to curves, s: {' '.join(f'{seconds:.3f}' for seconds in warm)}")
    return {"curves": Measurement(statistics.median(warm))}


def map_updates(bench: Bench) -> dict[str, Measurement]:
    """What an update of the map costs the main thread of a page that watches 66 settings train.

    All that it does while the map trains, asking and reading answers included, less what it does
    in the same time once the map has ended and nothing is asked any more, by update.
    """
    with opened(bench) as (_, page, _):
        page.goto("/map?map_steps=2000")
        page.get_by_role("button", name="Train map", exact=True).click()
        page.wait_for_function(MAP_DRAWN)
        page.evaluate(COUNT_UPDATES)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")

        def busy_until(condition: str) -> float:
            """Seconds of the main thread until then; to ask costs as much in both cases."""
            before = busy_seconds(session)
            page.wait_for_function(condition, polling=ASKED_EVERY, timeout=5 * TIMEOUT)
            return busy_seconds(session) - before

        busy_until("() => window.n >= 1")  # from the end of an update to the end of another
        first, began = page.evaluate("() => [window.n, performance.now()]")
        live = busy_until(f"() => window.n >= {first + MAP_UPDATES}")
        last, ended = page.evaluate("() => [window.n, performance.now()]")
        page.get_by_role("button", name="Cancel", exact=True).click()
        expect(page.locator(".map-status")).to_contain_text("Stopped")
        time.sleep(SETTLE)
        until = page.evaluate("() => performance.now()") + ended - began
        resting = busy_until(f"() => performance.now() >= {until}")
    updates = last - first
    tell(
        f"map, main thread: {1000 * live:.0f} ms with {updates} updates in "
        f"{(ended - began) / 1000:.1f} s, {1000 * resting:.0f} ms in the same time without"
    )
    return {"map-update": Measurement(1000 * (live - resting) / updates)}


def busy_seconds(session) -> float:
    """Seconds that the main thread of a page has been busy so far, with whatever it was."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def watch(bench: Bench) -> dict[str, Measurement]:
    """One page watches a run at the speed that the page proposes."""
    with opened(bench, LONG) as (server, page, _):
        explorer = Explorer(page)
        run = explorer.train()
        explorer.wait_for_x(10, timeout=TIMEOUT)
        page.evaluate(NOTE_POINTS)
        time.sleep(SETTLE)
        process, worker = psutil.Process(server.process.pid), server.worker
        store = Store(server.store)
        made, sizes, used, seconds = follow(Records(store, run), process, worker)
        store.close()
        time.sleep(1)  # for the last of them to be drawn
        late = delays(made, page.evaluate("() => window.drawn"))
        files, control = tensorflow_files(process), tensorflow_files(worker)
        assert control, "the worker's memory map names no TensorFlow file: this way finds nothing"
    tell(f"record to point, s: median {statistics.median(late):.3f}, worst {max(late):.3f}")
    return {
        "tensorflow": Measurement(len(files)),
        "seen": Measurement(percentile_95(late)),
        "cpu": Measurement(100 * used / seconds),
        "server-rss": Measurement(max(size for size, _ in sizes) / MB),
        "worker-rss": Measurement(max(size for _, size in sizes) / MB),
    }


def follow(records: Records, server: psutil.Process, worker: psutil.Process):
    """Note for a while when each step comes into the store, and what the processes take.

    Returns:
        Steps with the time each was first there; sizes of server and worker in bytes; seconds
        of CPU that the server used; and seconds that passed.
    """
    records.read()
    made, sizes = {}, []
    before, began = cpu_seconds(server), time.perf_counter()
    while (seconds := time.perf_counter() - began) < WATCHED:
        now = time.time()
        made |= {row["step"]: now for row in records.read()}
        if seconds > len(sizes):
            sizes.append((server.memory_info().rss, worker.memory_info().rss))
        time.sleep(POLL)
    return made, sizes, cpu_seconds(server) - before, seconds


def cpu_seconds(process: psutil.Process) -> float:
    """Seconds of CPU of the process itself, its children not counted."""
    times = process.cpu_times()
    return times.user + times.system


def delays(made: dict[int, float], drawn: list[list[float]]) -> list[float]:
    """Seconds from each step's record to the first drawing that goes as far."""
    steps = [step for step, _ in drawn]
    return [drawn[bisect.bisect_left(steps, step)][1] - then for step, then in made.items()]


def tensorflow_files(process: psutil.Process) -> list[str]:
    """TensorFlow's files that a process has mapped.

    Whoever has `tensorflow` in `sys.modules` has its shared libraries mapped; so this tells from
    outside, with nothing in the product to ask.
    """
    return [one.path for one in process.memory_maps() if "tensorflow" in one.path]
