"""How soon a slider that is dragged shows: in the records, in the curves; and what that costs."""

import bisect
import time

import psutil

from core import Store
from tests.benchmarks.bench import Bench, Records, percentile_95, tell
from tests.benchmarks.goals import Measurement
from tests.benchmarks.opening import TIMEOUT, opened
from tests.benchmarks.page import NOTE_POINTS, POLL, SETTLE, cpu_seconds
from tests.browser.explorer import LONG, Explorer

HEAD = "bin_out"
SWEEPS = 4
PLACES = 60  # of the pointer, from one end of the slider to the other
PAUSE = 0.05  # s between two of them

# What the pointer made of the slider, and when.
NOTE_MOVES = """head => {
    window.moved = []
    const slider = document.querySelector(`.desk-range[aria-label=${head}]`)
    slider.addEventListener("input", () => {
        if (moved.at(-1)?.[0] !== Number(slider.value))
            moved.push([Number(slider.value), Date.now() / 1000])
    })
}"""


def drag(bench: Bench) -> dict[str, Measurement]:
    """A pointer goes up and down over a slider while a run trains at the page's own speed."""
    with opened(bench, LONG) as (server, page, _):
        explorer = Explorer(page)
        run = explorer.train()
        explorer.wait_for_x(10, timeout=TIMEOUT)
        page.evaluate(NOTE_POINTS)
        page.evaluate(NOTE_MOVES, HEAD)
        time.sleep(SETTLE)
        store = Store(server.store)
        records = Records(store, run)
        records.read()
        process = psutil.Process(server.process.pid)
        before, began = cpu_seconds(process), time.perf_counter()
        changed = sweep(page, explorer.slider(HEAD).bounding_box(), records)
        used, seconds = cpu_seconds(process) - before, time.perf_counter() - began
        time.sleep(1)  # for the last of them to be drawn
        moved, drawn = page.evaluate("() => [window.moved, window.drawn]")
        store.close()
    recorded, shown = delays(changed, moved, drawn)
    tell(f"drag: {len(moved)} moves in {seconds:.0f} s, {len(recorded)} came into force")
    return {
        "drag-record": Measurement(percentile_95(recorded)),
        "drag-curve": Measurement(percentile_95(shown)),
        "drag-cpu": Measurement(100 * used / seconds),
    }


def sweep(page, box, records: Records) -> list[tuple[float, int, float]]:
    """Drag; each change of the weight in the records: the weight, its first step, when it came."""
    changed: list[tuple[float, int, float]] = []
    there = [i / PLACES for i in range(PLACES + 1)]
    page.mouse.move(box["x"] + 0.02 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    for n in range(SWEEPS):
        for share in there if n % 2 == 0 else reversed(there):
            x = box["x"] + (0.02 + 0.96 * share) * box["width"]
            page.mouse.move(x, box["y"] + box["height"] / 2)
            until = time.perf_counter() + PAUSE
            while time.perf_counter() < until:
                for row in records.read():
                    weight = row[f"loss_weights.{HEAD}"]
                    if not changed or changed[-1][0] != weight:
                        changed.append((weight, row["step"], time.time()))
                time.sleep(POLL)
    page.mouse.up()
    return changed[1:]  # the first is what was in force before


def delays(changed, moved, drawn) -> tuple[list[float], list[float]]:
    """Seconds from the pointer's move to the record, and to the drawing that goes as far.

    A slider that is moved faster than ten times a second sends the newest value, so each change in
    the records is of one move, and not each move has a change.
    """
    recorded, shown = [], []
    steps = [step for step, _ in drawn]
    for weight, step, then in changed:
        began = max(at for value, at in moved if value == weight and at <= then)
        recorded.append(then - began)
        if (k := bisect.bisect_left(steps, step)) < len(drawn):
            shown.append(drawn[k][1] - began)
    return recorded, shown
