"""The charts of the page Learn, and the route of the worker's memory."""

import math
import os

import httpx
import psutil
import pytest

from core.problems.siamese.heads import HEAD_NAMES
from dashboard.api.memory import after_runs, resident
from dashboard.learn.figures.charts import FIGURES, curve, figure_json
from dashboard.theme import colours_of


@pytest.mark.parametrize("name", FIGURES)
def test_every_trace_tells_what_it_is_and_has_two_colours(name):
    figure = figure_json(name, 100)
    assert figure["layout"]["title"]["text"]
    for trace in figure["data"]:
        assert trace["meta"]["role"]
        assert len(trace["meta"]["colours"]) == 2


@pytest.mark.parametrize("name", ["curve", "total", "start", "weights"])
def test_heads_have_their_colours(name):
    found = {
        trace["meta"]["head"]: tuple(trace["meta"]["colours"])
        for trace in figure_json(name, 100)["data"]
        if trace["meta"].get("head")
    }
    assert found == colours_of(HEAD_NAMES)


def test_the_curve_is_minus_the_logarithm():
    trace = next(one for one in curve(100).data if one.meta["role"] == "curve")
    assert min(trace.x) == 0.001
    assert max(trace.x) == 1
    for p, loss in zip(trace.x, trace.y, strict=True):
        assert loss == pytest.approx(-math.log(p), abs=0.006)  # p is rounded to 5 places


@pytest.mark.parametrize("n_classes", [2, 10, 1000])
def test_guesses_are_on_the_curve(n_classes):
    trace = next(one for one in curve(n_classes).data if one.meta["role"] == "guess")
    assert set(trace.x) == {1 / 2, 1 / n_classes}
    assert list(trace.y) == pytest.approx([math.log(1 / p) for p in trace.x])


# Memory


def test_memory_is_that_which_psutil_tells():
    assert resident(os.getpid()) == pytest.approx(psutil.Process().memory_info().rss, rel=0.05)
    assert resident(2**22 + 1) is None, "no such process: Linux has 2^22 at most"


def test_memory_by_runs_is_the_last_before_the_next_run():
    looks = [(1.0, 7, 100e6), (2.0, 7, 110e6), (3.0, 7, 120e6), (9.0, 7, 130e6), (9.5, 7, 140e6)]
    assert after_runs(looks, [2.5, 4.0, 9.2]) == {
        "runs": [0, 1, 2, 3],
        "megabytes": [110, 120, 130, 140],
    }
    assert after_runs([], []) == {"runs": [], "megabytes": []}


def test_the_route_tells_the_memory_of_the_worker(server):
    server.wait(lambda: server.worker is not None, 60, "the worker")
    answer = httpx.get(f"{server.url}/api/memory").json()
    assert answer["told"] == ""
    assert len(answer["runs"]) == len(answer["megabytes"]) >= 1
    held = server.worker.memory_info().rss / 1e6
    assert 0.3 * held < answer["megabytes"][-1] < 1.5 * held  # it may be loading just now
