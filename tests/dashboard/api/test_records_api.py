"""The read-only routes, over real HTTP."""

import gzip
import hashlib
import math
import time
from importlib.resources import files
from urllib.parse import quote

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from core import RunConfig
from core.places import PROJECT
from core.store.tables import row_of
from dashboard.api import scripts as scripts_api
from dashboard.api.records import ROWS_AT_ONCE
from dashboard.client import scripts
from dashboard.client.scripts import names, scripts_path
from tests.browser.server import Server
from tests.dashboard.api.answers import strict
from tests.siamese import COLUMNS, HEADS, weighted
from tests.waiting import until

WEIGHTS = [weighted(ctg_out_1=1, ctg_out_2=0.5, bin_out=2), weighted()]
# Two lanes and a row for each step: more rows than one answer holds.
LIVE = RunConfig(steps=4000, record_every=1, eval_every=500, batch_size=4, embedding_size=4)
SHORT = RunConfig(steps=60, seed=3, batch_size=8, embedding_size=8)


@pytest.fixture(scope="module")
def polled(client, trainer):
    """A run followed by its cursor from before its first row to its last; all answers in order."""
    run = trainer.start(LIVE, WEIGHTS)
    answers, after = [], 0
    deadline = time.monotonic() + 120
    while True:
        answers.append(strict(client.get(f"/api/runs/{run}/records?after={after}")))
        after = answers[-1]["cursor"]
        if answers[-1]["run"]["state"] == "finished" and not answers[-1]["more"]:
            return run, answers
        assert time.monotonic() < deadline, answers[-1]["run"]
        time.sleep(0.05)


@pytest.fixture(scope="module")
def finished(trainer, polled):
    """A short run that is over, newer than the polled one."""
    run = trainer.start(SHORT, WEIGHTS[:1])
    trainer.wait(run, timeout=60)
    return run


@pytest.fixture(scope="module")
def diverged(trainer):
    """A run whose loss stops being a number."""
    run = trainer.start(RunConfig(steps=500, learning_rate=100, record_every=1))
    assert trainer.wait(run, timeout=60).state == "diverged"
    return run


def test_a_diverged_run_is_offered_no_way_back_to_where_it_was_lost(client, diverged, trainer):
    run = trainer.store.run(diverged)
    answer = client.get(f"/api/runs/{diverged}/records").json()
    assert answer["calmer"] == run.config.learning_rate / 10
    offered = answer["checkpoints"]
    assert offered == [step for step in trainer.store.checkpoints(diverged) if step < run.step]
    assert 0 in offered
    assert max(trainer.store.checkpoints(diverged)) >= run.step, "there is one to leave out"


def joined(answers):
    """The rows of several answers, as columns."""
    return {name: [x for a in answers for x in a["columns"][name]] for name in COLUMNS}


# Runs


def test_runs_come_newest_first_with_id_state_and_config(client, finished, polled):
    runs = strict(client.get("/api/runs"))
    ids = [run["id"] for run in runs]
    assert ids.index(finished) < ids.index(polled[0])
    shown = runs[ids.index(finished)]
    assert shown["created"] > runs[ids.index(polled[0])]["created"]
    assert shown["state"] == "finished"
    assert RunConfig(**shown["config"]) == SHORT
    assert shown["lanes"] == [{"ctg_out_1": 1, "ctg_out_2": 0.5, "bin_out": 2}]
    assert shown["step"] == 60


def test_one_run_is_told_as_in_the_list(client, finished):
    runs = {run["id"]: run for run in strict(client.get("/api/runs"))}
    assert strict(client.get(f"/api/runs/{finished}")) == runs[finished]


def test_answers_are_never_kept(client, finished):
    for path in ("/api/runs", f"/api/runs/{finished}", f"/api/runs/{finished}/records"):
        assert client.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/api/runs/nosuchrun", "/api/runs/nosuchrun/records?after=0"])
def test_an_unknown_run_is_404_and_told_in_json(client, path):
    response = client.get(path)
    assert response.status_code == 404
    assert "nosuchrun" in strict(response)["error"]


@pytest.mark.parametrize("path", ["/api/", "/api/nosuch", "/api/runs/a/b", "/api/runs/"])
def test_a_path_without_a_route_is_404_not_the_page(client, path):
    response = client.get(path, follow_redirects=True)
    assert response.status_code == 404
    assert "/api/runs" in strict(response)["error"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "NONSENSE"])
def test_routes_only_read(client, finished, method):
    for path in ("/api/runs", f"/api/runs/{finished}", f"/api/runs/{finished}/records"):
        assert client.request(method, path).status_code == 405
    assert client.get(f"/api/runs/{finished}").status_code == 200


# Records


def test_records_are_the_columns_of_the_store(client, recorded, finished):
    answer = strict(client.get(f"/api/runs/{finished}/records"))
    columns = {name: list(values) for name, values in recorded.columns(finished).items()}
    seq = columns.pop("seq")
    assert len(seq) > 5
    assert list(answer["columns"]) == [*COLUMNS, "validated"]
    is_validated = [record.is_validated for record in recorded.records(finished)]
    assert answer["columns"] == {**columns, "validated": is_validated}
    assert answer["cursor"] == seq[-1]
    assert answer["more"] is False
    assert answer["run"]["id"] == finished


def test_columns_mean_what_the_script_api_says(client, recorded, finished):
    columns = strict(client.get(f"/api/runs/{finished}/records"))["columns"]
    for i, record in enumerate(recorded.records(finished)):
        assert columns["step"][i] == record.step
        assert columns["time"][i] == record.time
        assert columns["total_loss"][i] == record.total_loss
        for head, loss in record.loss.items():
            assert columns[f"loss.{head}"][i] == loss
            assert columns[f"accuracy.{head}"][i] == record.accuracy[head]
            assert columns[f"loss_weights.{head}"][i] == record.loss_weights[head]
            looked = record.val_accuracy and record.val_accuracy[head]
            assert columns[f"val_accuracy.{head}"][i] == looked


def test_a_cursor_followed_while_a_run_trains_loses_and_doubles_nothing(polled, recorded):
    run, answers = polled
    filled = [answer for answer in answers if answer["columns"]["step"]]
    assert len(filled) > 3, "The run was over before it could be followed."
    assert answers[0]["run"]["state"] != "finished"
    followed = list(zip(*joined(answers).values(), strict=True))
    assert followed == [row_of(record, HEADS) for record in recorded.records(run)]
    for lane in (0, 1):
        assert [row[0] for row in followed if row[1] == lane] == list(range(1, LIVE.steps + 1))


def test_a_cursor_never_goes_back(polled):
    cursors = [answer["cursor"] for answer in polled[1]]
    assert cursors == sorted(cursors)


def test_an_answer_is_bounded_and_says_that_there_is_more(client, polled, recorded):
    run, _ = polled
    first = strict(client.get(f"/api/runs/{run}/records?after=0"))
    assert first["more"] is True
    assert len(first["columns"]["step"]) == ROWS_AT_ONCE
    second = strict(client.get(f"/api/runs/{run}/records?after={first['cursor']}"))
    assert second["more"] is False
    assert len(second["columns"]["step"]) == 2 * LIVE.steps - ROWS_AT_ONCE
    assert second["cursor"] == recorded.columns(run)["seq"][-1]


def test_at_the_end_the_cursor_stays(client, finished, recorded):
    end = recorded.columns(finished)["seq"][-1]
    for after in (end, end + 1, 10**17):
        answer = strict(client.get(f"/api/runs/{finished}/records?after={after}"))
        assert answer["cursor"] == after
        assert answer["more"] is False
        assert all(column == [] for column in answer["columns"].values())


def test_a_lane_can_be_had_alone(client, polled):
    run, answers = polled
    both = joined(answers)
    for lane in (0, 1):
        answer = strict(client.get(f"/api/runs/{run}/records?lane={lane}&after=0"))
        assert set(answer["columns"]["lane"]) == {lane}
        assert answer["columns"]["step"] == list(range(1, LIVE.steps + 1))
        expected = [x for x, of in zip(both["total_loss"], both["lane"], strict=True) if of == lane]
        assert answer["columns"]["total_loss"] == expected
    assert strict(client.get(f"/api/runs/{run}/records?lane=2"))["columns"]["step"] == []


def test_records_of_one_run_hold_none_of_another(client, finished, polled):
    first = strict(client.get(f"/api/runs/{finished}/records"))
    assert max(first["columns"]["step"]) == SHORT.steps
    assert set(first["columns"]["lane"]) == {0}


def test_a_diverged_run_is_still_json(client, diverged, recorded):
    answer = strict(client.get(f"/api/runs/{diverged}/records"))
    assert answer["run"]["state"] == "diverged"
    assert "smaller learning rate" in answer["run"]["message"]
    assert answer["columns"]["step"], "it was recorded until it diverged"
    for name, column in answer["columns"].items():
        if not name.startswith("val_"):
            assert all(math.isfinite(value) for value in column), name


def test_a_store_that_cannot_be_opened_is_503_and_a_sentence(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    server = Server(tmp_path, EXPLORER_STORE=str(tmp_path / "file" / "runs.sqlite"))
    try:
        for path in ("/api/runs", "/api/runs/x", "/api/runs/x/records"):
            response = httpx.get(f"{server.url}{path}", trust_env=False)
            assert response.status_code == 503
            assert "cannot be opened" in strict(response)["error"]
    finally:
        server.close()
    said = server.log.read_text()
    assert "cannot be opened" in said
    assert "Traceback" not in said


# Lanes, forks and rewinds


@pytest.fixture(scope="module")
def forked(trainer):
    """A race of two lanes, paused, the second of them forked."""
    config = SHORT.model_copy(update={"steps": 1_000_000, "eval_every": 20})
    run = trainer.start(config, WEIGHTS)
    until(lambda: trainer.store.last_validated(run, 1), 60)
    trainer.pause(run)
    assert trainer.fork(run, weighted(bin_out=0), lane=1) == 2
    copy = trainer.store.lanes(run)[2]
    assert trainer.store.run(run).branches == (0,)
    yield run, copy
    trainer.stop(run)
    trainer.wait(run, 60)


def records_of(client, run, query=""):
    return strict(client.get(f"/api/runs/{run}/records?after=0{query}"))


def test_lanes_as_they_are_now_forks_checkpoints_and_branches_are_told(client, trainer, forked):
    run, copy = forked
    answer = records_of(client, run)
    weights = [lane.model_dump() for lane in (*WEIGHTS, weighted(bin_out=0))]
    assert answer["lanes_now"] == [
        {"weights": weights[0], "source": None, "since": 0},
        {"weights": weights[1], "source": None, "since": 0},
        {"weights": weights[2], "source": 1, "since": copy.since},
    ]
    assert copy.since > 0
    assert answer["run"]["lanes"] == weights[:2], "those it began with"
    assert answer["checkpoints"] == trainer.store.checkpoints(run)
    assert (answer["run"]["branches"], answer["run"]["map"]) == ([0], None)
    trainer.set_loss_weights(run, weighted(bin_out=2), lane=0)
    until(lambda: records_of(client, run)["lanes_now"][0]["weights"]["bin_out"] == 2, 60)
    trainer.rewind(run, 0)
    answer = records_of(client, run)
    assert [lane["weights"] for lane in answer["lanes_now"]] == weights[:2]
    assert answer["run"]["branches"] == [0, 0]
    assert answer["run"]["state"] == "paused"
    assert answer["columns"]["step"], "the abandoned future is kept"
    assert set(answer["columns"]["branch"]) == {0}


def test_checkpoints_are_steps_that_it_can_be_rewound_to(client, finished, trainer):
    assert records_of(client, finished)["checkpoints"] == [0, *range(6, 61, 6)]


def test_hints_are_those_of_the_lane_asked_for(client, trainer):
    config = SHORT.model_copy(update={"steps": 400, "eval_every": 100})
    run = trainer.start(config, [weighted(), weighted(bin_out=0)])
    trainer.wait(run, timeout=60)
    of_first = records_of(client, run)["hints"]
    assert not any("weight 0" in hint for hint in of_first)
    assert any(
        "`bin_out` has weight 0" in hint for hint in records_of(client, run, "&hints=1")["hints"]
    )
    assert records_of(client, run, "&hints=0&lane=1")["hints"] == of_first
    assert (
        records_of(client, run, "&lane=1")["hints"] == records_of(client, run, "&hints=1")["hints"]
    )
    assert records_of(client, run, "&hints=9")["hints"] == []


def test_what_a_rewind_left_behind_gives_no_hints(client, trainer):
    config = SHORT.model_copy(update={"steps": 400, "eval_every": 100})
    run = trainer.start(config, [weighted(ctg_out_1=0)])
    trainer.wait(run, timeout=60)
    assert records_of(client, run)["hints"]
    trainer.rewind(run, 0)
    assert records_of(client, run)["hints"] == []
    trainer.stop(run)


def test_of_a_weight_map_neither_lanes_nor_checkpoints_are_told(client, trainer):
    run = trainer.start_map(SHORT, resolution=3)
    trainer.wait(run, timeout=60)
    answer = records_of(client, run)
    assert (answer["run"]["lanes"], answer["lanes_now"], answer["checkpoints"]) == ([], [], [])
    assert answer["run"]["map"] == {"resolution": 3, "total": 2.5, "spacing": "even", "seeds": 1}


# Bad questions

BAD = {
    "negative": "-1",
    "text": "abc",
    "empty": "",
    "fraction": "1.5",
    "exponent": "1e3",
    "plus sign": "%2B1",
    "space": "%201",
    "underscore": "1_000",
    "hexadecimal": "0x10",
    "Arabic digits": quote("١٢٣"),
    "superscript": quote("²"),
    "beyond 64 bits": str(2**63),
    "huge": "9" * 3000,
    "SQL": quote("0 OR 1=1"),
    "no UTF-8": "%ff",
}


NUMBERS = ("after", "lane", "hints")


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
@pytest.mark.parametrize("name", NUMBERS)
def test_a_bad_number_is_400_and_told_in_json(client, finished, name, text):
    response = client.get(f"/api/runs/{finished}/records?{name}={text}")
    assert response.status_code == 400
    error = strict(response)["error"]
    assert name in error
    assert "whole number" in error
    assert len(error) < 300


@pytest.mark.parametrize("query", ["after=1&after=2", "after=1&after=1", "after=abc&after=1"])
def test_a_repeated_cursor_is_400(client, finished, query):
    response = client.get(f"/api/runs/{finished}/records?{query}")
    assert response.status_code == 400
    assert "one whole number" in strict(response)["error"]


ODD = some.text(some.characters(codec="utf-8"), max_size=30)
ODD_BYTES = some.binary(max_size=20).map(lambda data: quote(data, safe=""))


@settings(max_examples=60, deadline=None)
@given(path=some.lists(ODD.map(lambda s: quote(s, safe="/%")) | ODD_BYTES, max_size=3))
@example(path=["..", "..", "dashboard", "app.py"])
@example(path=["%2e%2e%2f%2e%2e%2fcore%2fconfig.py"])
@example(path=["%00"])
@example(path=["a" * 5000])
def test_no_path_breaks_the_server(client, path):
    response = client.get(httpx.URL(client.base_url, raw_path=b"/api/runs/" + encoded(path)))
    if response.status_code == 200:  # the path led out of /api, where all is the page
        assert b"<title>Streamlit</title>" in response.content
    else:
        assert response.status_code in (301, 307, 400, 404)
    if response.headers.get("content-type") == "application/json":
        assert strict(response)["error"]


def encoded(path):
    return "/".join(path).encode("ascii", "ignore")


@settings(max_examples=60, deadline=None)
@given(
    query=some.lists(
        some.tuples(some.sampled_from([*NUMBERS, "x"]), ODD | some.integers().map(str)),
        max_size=4,
    )
)
@example(query=[("after", "\ud7ff\0"), ("lane", "9" * 18)])
def test_no_query_breaks_the_server(client, finished, query):
    response = client.get(f"/api/runs/{finished}/records", params=query)
    answer = strict(response)
    given = [[text for name, text in query if name == asked] for asked in NUMBERS]
    good = all(
        not texts or (len(texts) == 1 and texts[0].isascii() and texts[0].isdigit())
        for texts in given
    )
    if good and all(len(text) < 19 for texts in given for text in texts):
        assert response.status_code == 200
    else:
        assert response.status_code == 400
        assert answer["error"]


# Scripts


def test_scripts_are_ours_and_plotlys_to_be_kept_for_ever(client):
    sources = {name: (PROJECT / "dashboard" / name).read_bytes() for name in names()}
    whole = files("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    sources["plotly.min.js"] = scripts_api.plotly()
    assert sources["plotly.min.js"] in whole
    assert set(sources) > {
        "explore/view.js",
        "charts/live_chart.js",
        "map/view.js",
        "plotly.min.js",
    }
    sizes = {}
    for name, source in sources.items():
        with client.stream("GET", f"{scripts_path()}/{name}") as response:
            packed = b"".join(response.iter_raw())
        sizes[name] = len(packed)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/javascript")
        assert response.headers["content-encoding"] == "gzip"
        assert response.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert gzip.decompress(packed) == source
        if len(source) < 500:  # a few lines, of which packing makes nothing
            continue
        # In a small file little repeats; nor does it in the toolbar's path of a drawing.
        is_dense = len(source) < 2500 or name == "charts/toolbar.js"
        assert len(packed) < (0.7 if is_dense else 0.5) * len(source)
    # All of ours together, the small ones too: Plotly's would outweigh them.
    ours = [name for name in sources if name != "plotly.min.js"]
    assert sum(map(sizes.get, ours)) < 0.5 * sum(len(sources[name]) for name in ours)


def test_plotly_is_there_without_the_function_that_wraps_it():
    assert scripts_api.plotly().startswith(b'"use strict";var Plotly=')
    assert len(scripts_api.plotly()) > 4e6


def test_plotly_wrapped_in_another_way_is_left_as_it_is(monkeypatch, tmp_path):
    (tmp_path / "package_data").mkdir()
    (tmp_path / "package_data" / "plotly.min.js").write_bytes(b"window.Plotly = {}")
    monkeypatch.setattr(scripts_api, "files_of", lambda _: tmp_path)
    assert scripts_api.plotly() == b"window.Plotly = {}"


def test_the_scripts_path_changes_with_any_source(monkeypatch, tmp_path):
    """Those in Python count too, since the figures of the charts are made by them."""
    paths = {scripts_path()}
    for half, name in (("DASHBOARD", "a.js"), ("DASHBOARD", "b.py"), ("CORE", "c.py")):
        (tmp_path / half).mkdir(exist_ok=True)
        (tmp_path / half / name).write_text(name)
        monkeypatch.setattr(scripts, half, tmp_path / half)
        paths.add(scripts.scripts_path.__wrapped__())
    assert len(paths) == 4


def test_under_another_version_a_script_is_not_kept(client):
    """Or what an old page loads during an update would be taken for the new script later."""
    response = client.get("/scripts/000000000000/charts/live_chart.js")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["nosuch.js", "app.py", "%2e%2e%2fapp.py", "..%5capp.py"])
def test_no_other_file_is_served(client, name):
    response = client.get(f"{scripts_path()}/{name}")
    assert response.status_code in (400, 404)
    secret = hashlib.sha256((PROJECT / "dashboard" / "app.py").read_bytes()).hexdigest()
    assert hashlib.sha256(response.content).hexdigest() != secret
    assert len(response.content) < 200
