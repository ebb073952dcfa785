"""The routes of the weights desk, over the engine that the page has."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from starlette.applications import Starlette

from core import RunConfig, RunState
from dashboard.api import steer
from tests.waiting import until


class Desk:
    """A client of these routes alone, in the process of the engine."""

    def __init__(self, threads):
        self.threads = threads  # one of another test may have an event loop in this thread

    def get(self, path):
        return self.threads.submit(asyncio.run, self.ask("GET", path)).result()

    def post(self, path, **body):
        return self.threads.submit(asyncio.run, self.ask("POST", path, **body)).result()

    async def ask(self, method, path, **body):
        app = httpx.ASGITransport(Starlette(routes=steer.ROUTES))
        async with httpx.AsyncClient(transport=app, base_url="http://localhost") as client:
            return await client.request(method, path, **body)


@pytest.fixture(scope="module")
def desk(page_engine):
    with ThreadPoolExecutor(1) as threads:
        yield Desk(threads)


@pytest.fixture(scope="module")
def run(page_engine):
    """A run that waits."""
    run = page_engine.start(RunConfig(steps=10_000))
    page_engine.pause(run)
    until(lambda: page_engine.store.run(run).state is RunState.PAUSED)
    return run


def weights(desk, run):
    """The loss weights in force, as the desk is told."""
    answer = desk.get(f"/api/runs/{run}/lanes").json()
    assert answer["run"]["can"]["steer"] is True
    return [lane["weights"] for lane in answer["lanes_now"]]


def test_what_is_moved_comes_into_force_and_nothing_else(desk, run):
    before = weights(desk, run)[0]
    for name, weight in (("bin_out", 0.9), ("ctg_out_1", 0), ("bin_out", 0.75)):
        answer = desk.post(f"/api/runs/{run}/weights", json={"lane": 0, "weights": {name: weight}})
        assert answer.status_code == 200
        assert answer.json() == {"sent": True}
    wanted = {**before, "ctg_out_1": 0, "bin_out": 0.75}
    until(lambda: weights(desk, run) == [wanted])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("", "expected JSON such as"),
        ("[1]", "expected JSON such as"),
        ('{"lane": "0", "weights": {"bin_out": 1}}', "expected JSON such as"),
        ('{"lane": 0}', "expected JSON such as"),
        ('{"lane": 0, "weights": {}}', "expected JSON such as"),
        ('{"lane": 0, "weights": ' + "[" * 2000, "expected JSON such as"),
        ('{"lane": 1, "weights": {"bin_out": 1}}', "has the lanes 0 to 0"),
        ('{"lane": -1, "weights": {"bin_out": 1}}', "has the lanes 0 to 0"),
        ('{"lane": 0, "weights": {"bin_out": -1}}', "bin_out = -1"),
        ('{"lane": 0, "weights": {"bin_out": NaN}}', "bin_out = nan"),
        ('{"lane": 0, "weights": {"bin_out": "much"}}', "bin_out = 'much'"),
        ('{"lane": 0, "weights": {"steps": 3}}', "steps"),
        ('{"lane": 0, "weights": {"run": 1}}', "run"),
        ('{"lane": 0, "weights": {"lane": 1, "self": 1}}', "lane"),
        ('{"lane": false, "weights": {"bin_out": 1}}', "expected JSON such as"),
    ],
)
def test_what_cannot_be_carried_out_is_told_and_changes_nothing(desk, run, body, told):
    before = weights(desk, run)
    answer = desk.post(f"/api/runs/{run}/weights", content=body)
    assert answer.status_code == 400
    assert told in answer.json()["error"]
    assert weights(desk, run) == before


def test_a_body_that_is_too_long_is_not_read(desk, run):
    body = json.dumps({"lane": 0, "weights": {"bin_out": 1}, "more": "x" * 10_000})
    answer = desk.post(f"/api/runs/{run}/weights", content=body)
    assert answer.status_code == 413
    assert "over 4,096 bytes" in answer.json()["error"]


def test_an_unknown_run(desk):
    assert desk.get("/api/runs/nosuchrun/lanes").status_code == 404
    answer = desk.post("/api/runs/nosuchrun/weights", json={"lane": 0, "weights": {"bin_out": 1}})
    assert answer.status_code == 404


def test_looking_at_the_route_moves_nothing(desk, run):
    assert desk.get(f"/api/runs/{run}/weights").status_code == 405


def test_a_run_that_has_ended_keeps_its_weights_and_says_so(desk, page_engine):
    run = page_engine.start(RunConfig(steps=2, batch_size=4))
    page_engine.wait(run, 60)
    answer = desk.post(f"/api/runs/{run}/weights", json={"lane": 0, "weights": {"bin_out": 2}})
    assert answer.json() == {"sent": False}
    assert desk.get(f"/api/runs/{run}/lanes").json()["lanes_now"][0]["weights"]["bin_out"] == 0.5
