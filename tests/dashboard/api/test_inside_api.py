"""The routes to what is measured inside runs, on a real server with its worker."""

import io
import json
import sqlite3
import time

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from PIL import Image

from core import RunConfig, RunState
from core.analysis.gradients import columns
from core.problems.siamese.heads import HEAD_NAMES
from core.problems.siamese.layers import layers_of
from core.run.simplex import MapConfig
from tests.core.inside.scene import Scene
from tests.dashboard.api.answers import strict
from tests.siamese import HEADS, weighted

OTHER = weighted(ctg_out_1=0.2, bin_out=2)


@pytest.fixture(scope="module")
def ended(recorded, program_of):
    """A run that nobody has looked into."""
    here = Scene(recorded, program_of(), RunConfig(steps=50), [weighted(), OTHER])
    here.train(50)
    here.end()
    return here.run


def ask(client, run, condition, **query):
    """Look into a run until a condition on the answer holds."""
    deadline = time.monotonic() + 60
    while True:
        answer = strict(client.get(f"/api/runs/{run}/inside", params={"watch": 1, **query}))
        if condition(answer):
            return answer
        assert time.monotonic() < deadline, answer["told"]
        time.sleep(0.1)


def test_an_ended_run_is_measured_once_somebody_looks(client, ended):
    quiet = strict(client.get(f"/api/runs/{ended}/inside"))
    assert (quiet["columns"]["step"], quiet["token"], quiet["gram"]) == ([], None, None)
    assert quiet["told"]
    assert client.get(f"/api/runs/{ended}/pictures").status_code == 404
    answer = ask(client, ended, lambda told: told["columns"]["step"][-1:] == [50], lane=1, pair=3)
    assert answer["told"] == ""
    found = answer["columns"]
    assert list(found) == ["step", "lane", "branch", *columns(HEADS, layers_of(RunConfig()))]
    assert found["step"] == [0, *range(5, 51, 5)]
    assert set(found["lane"]) == {1}
    assert found["loss_weights.bin_out"] == [2] * 11
    for k in range(11):
        assert sum(found[f"share.{head}"][k] for head in HEAD_NAMES) == pytest.approx(1)
        norm = found["norm.ctg_out_1"][k]
        assert found["weighted.ctg_out_1"][k] == pytest.approx(0.2 * norm)
    assert [layer["name"] for layer in answer["layers"] if layer["trunk"]] == [
        "hidden",
        "embedding",
    ]
    gram = np.array(answer["gram"])
    assert found["norm.bin_out"][-1] == pytest.approx(gram[2, 2] ** 0.5)
    seen = answer["snapshot"]
    assert (seen["step"], seen["lane"], seen["pair"]["index"]) == (50, 1, 3)
    cells = {"per_row": 32, "height": 8, "width": 16}
    assert seen["image"] == {"height": 8, "width": 16, "cells": cells}
    assert len(seen["labels"]) == len(seen["same"]) == 512
    again = ask(client, ended, bool, lane=1, pair=3, seen=answer["token"], after=answer["cursor"])
    assert (again["snapshot"], again["columns"]["step"]) == (None, [])
    assert again["gram"] == answer["gram"]
    picture = client.get(f"/api/runs/{ended}/pictures")
    assert picture.headers["content-type"] == "image/png"
    assert Image.open(io.BytesIO(picture.content)).size == (512, 256)
    assert "immutable" in picture.headers["cache-control"]


def test_a_diverged_lane_is_told_with_its_last_sound_state(client, recorded, program_of):
    huge = weighted(ctg_out_1=1000, ctg_out_2=1000, bin_out=1000)
    here = Scene(recorded, program_of(), RunConfig(steps=60), [huge])
    here.train(60)
    here.end(RunState.DIVERGED)
    answer = ask(client, here.run, lambda told: told["broke"])
    assert answer["snapshot"]["step"] == here.session.diverged_at[0] - 1
    assert answer["broke"]["step"] == here.session.diverged_at[0]
    seen = ask(client, here.run, bool, seen=answer["token"])
    assert seen["broke"] == answer["broke"]


def test_a_collapse_is_told_with_each_answer(client, recorded, program_of):
    only_pairs = weighted(ctg_out_1=0, ctg_out_2=0, bin_out=1)
    # On any machine, since with this seed rates of 0.35 to 0.6 all do.
    settings = RunConfig(steps=150, learning_rate=0.45, seed=3)
    here = Scene(recorded, program_of(), settings, [only_pairs])
    here.train(150)
    here.end()
    answer = ask(client, here.run, lambda told: told["token"])
    assert answer["collapse"].startswith("All images get the same embedding")
    assert "class heads" in answer["collapse"]
    assert answer["snapshot"]["is_collapsed"]
    again = ask(client, here.run, bool, seen=answer["token"])
    assert (again["snapshot"], again["collapse"]) == (None, answer["collapse"])


def test_gradients_whose_layers_came_a_moment_too_late_are_told_the_next_time(
    client, recorded, program_of
):
    here = Scene(recorded, program_of(), RunConfig(steps=50))
    here.train(50)
    here.end()
    ask(client, here.run, lambda told: told["columns"]["step"])
    with sqlite3.connect(recorded.path) as store:
        (layers,) = store.execute("SELECT layers FROM layers WHERE run = ?", (here.run,)).fetchone()
        store.execute("DELETE FROM layers WHERE run = ?", (here.run,))
    answer = strict(client.get(f"/api/runs/{here.run}/inside"))
    assert (answer["columns"]["step"], answer["gram"], answer["cursor"]) == ([], None, 0)
    with sqlite3.connect(recorded.path) as store:
        store.execute("INSERT INTO layers VALUES (?, ?)", (here.run, layers))
    assert strict(client.get(f"/api/runs/{here.run}/inside"))["columns"]["step"]


def test_what_cannot_be_shown_is_said(client, recorded):
    over = recorded.add_run(RunConfig(), [], "1-x", map_config=MapConfig(), lanes_at_once=66)
    answer = strict(client.get(f"/api/runs/{over}/inside", params={"watch": 1}))
    assert "weight map" in answer["told"]
    assert not answer["is_coming"]
    bare = recorded.add_run(RunConfig(), [weighted()], "1-x")
    answer = strict(client.get(f"/api/runs/{bare}/inside"))
    assert "Nothing has been measured" in answer["told"]
    assert answer["is_coming"]
    for name in (over, bare):
        recorded.set_state(name, RunState.STOPPED)
    assert client.get("/api/runs/nobody/inside").status_code == 404
    assert client.get("/api/runs/nobody/pictures").status_code == 404
    assert client.get(f"/api/runs/{bare}/inside", params={"pair": 512}).status_code == 400


def test_only_a_page_of_this_server_has_something_measured(client, recorded, program_of):
    """Another site can have a browser ask, and a run that trains would pay for it."""
    here = Scene(recorded, program_of(), RunConfig(steps=20), [weighted()])
    here.train(20)
    here.end()
    config = json.dumps({"seed": 12345})
    for site in ("cross-site", "same-site", "none", ""):
        headers = {"Sec-Fetch-Site": site}
        told = strict(client.get("/api/start", params={"config": config}, headers=headers))
        assert told["gram"] is None
        assert "Sec-Fetch-Site: same-origin" in told["told"]
        query = {"watch": 1}
        strict(client.get(f"/api/runs/{here.run}/inside", params=query, headers=headers))
    time.sleep(1)
    assert recorded.inside.snapshot(here.run, 0) is None
    foreign = {"Origin": "http://evil.example", "Access-Control-Request-Method": "GET"}
    asked = client.options("/api/start", headers=foreign)  # as a browser would, for our header
    assert asked.status_code == 403
    # Over plain HTTP from another computer a browser says nothing by itself.
    plain = httpx.Client(base_url=client.base_url, headers={"X-Explorer-Page": "1"})
    with plain:
        ask(plain, here.run, lambda answer: answer["token"])


def test_the_start_of_a_run_is_told(client):
    config = json.dumps({"seed": 5})
    deadline = time.monotonic() + 60
    while (answer := strict(client.get("/api/start", params={"config": config})))["gram"] is None:
        assert answer["told"]
        assert time.monotonic() < deadline
        time.sleep(0.1)
    gram = np.array(answer["gram"])
    np.testing.assert_allclose(gram, gram.T, rtol=1e-5)
    assert (np.linalg.eigvalsh(gram) > 0).all()
    for text in ("[]", "{", '{"steps": -1}', '{"what": 1}'):
        response = client.get("/api/start", params={"config": text})
        assert response.status_code == 400
        assert response.json()["error"]


@settings(max_examples=40, deadline=None)
@given(
    some.dictionaries(
        some.sampled_from(["lane", "pair", "after", "seen", "watch", "config"]),
        some.text(max_size=20) | some.sampled_from(["0", "1", "511", "512", "-1", "9" * 18]),
        max_size=4,
    )
)
def test_no_question_breaks_the_server(client, ended, query):
    query = {name: text.encode("utf-8", "ignore").decode() for name, text in query.items()}
    for route in (f"/api/runs/{ended}/inside", "/api/start"):
        response = client.get(route, params=query)
        assert response.status_code in (200, 400)
        if response.status_code != 200:
            assert response.json()["error"]
