"""The page and its server: how soon it is there, how soon it shows, what it costs."""

import bisect
import statistics
import time
from contextlib import contextmanager

import psutil

from core import Store
from tests.benchmarks.bench import Bench, Records, percentile_95, tell
from tests.benchmarks.goals import Measurement
from tests.benchmarks.memory import MB
from tests.browser.explorer import Explorer
from tests.browser.server import Server

STARTS = 3
WATCHED = 20.0  # s
SETTLE = 5.0  # s
MAP_UPDATES = 12
TRIANGLE = "document.querySelector('.map-triangle')"
POLL = 0.004  # s
TIMEOUT = 60_000  # ms

INTERACTIVE = """() => {
    const train = [...document.querySelectorAll("button")].find(b => b.innerText.includes("Train"))
    const charts = [...document.querySelectorAll(".live-chart")]
    return train && !train.disabled && charts.length === 2
        && charts.every(chart => chart.querySelector(".main-svg"))
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


@contextmanager
def opened(bench: Bench, query: str = ""):
    """A new server and a page of it in an empty browser, and the seconds that both took."""
    browser, folder = bench.browser, bench.folder()
    began = time.perf_counter()
    server = Server(folder)
    context = browser.new_context(base_url=server.url, viewport={"width": 1400, "height": 1000})
    try:
        page = context.new_page()
        page.set_default_timeout(TIMEOUT)
        page.goto(f"/?{query}")
        page.wait_for_function(INTERACTIVE)
        yield server, page, time.perf_counter() - began
    finally:
        context.close()
        server.close()


def start(bench: Bench) -> dict[str, Measurement]:
    """From starting the server to a page whose Train button can be pressed."""
    took = []
    for _ in range(STARTS):
        with opened(bench) as (_, _, seconds):
            took.append(seconds)
    tell(f"start, s: {' '.join(f'{seconds:.2f}' for seconds in took)}")
    return {"start": Measurement(statistics.median(took))}


def map_updates(bench: Bench) -> dict[str, Measurement]:
    """One page watches a map of 66 settings: all that its main thread does, by update."""
    with opened(bench) as (_, page, _):
        page.goto("/map?map_steps=2000")
        page.get_by_role("button", name="Train map", exact=True).click()
        page.wait_for_function(f"() => {TRIANGLE}?.data?.some(t => t.marker?.showscale)")
        page.evaluate(
            f"() => {{ window.n = 0; {TRIANGLE}.on('plotly_afterplot', () => window.n++) }}"
        )
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        before = busy_seconds(session)
        page.wait_for_function(f"() => window.n >= {MAP_UPDATES}")
        busy, updates = busy_seconds(session) - before, page.evaluate("() => window.n")
        page.get_by_role("button", name="Cancel", exact=True).click()
    tell(f"map: {updates} updates, {1000 * busy:.0f} ms of the main thread")
    return {"map-update": Measurement(1000 * busy / updates)}


def busy_seconds(session) -> float:
    """Seconds that the main thread of a page has been busy so far, with whatever it was."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration")


def watch(bench: Bench) -> dict[str, Measurement]:
    """One page watches a run at the speed that the page proposes."""
    with opened(bench, "steps=100000") as (server, page, _):
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
