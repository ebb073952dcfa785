"""A refused question: which parameter is at fault, what came, what was expected, what to do."""

import ast
import json
import re
from importlib import import_module

import pytest

from core import RunConfig, RunState
from core.export.formats import FORMATS
from core.places import PROJECT
from core.run.config import EVALUATION_PAIRS
from core.run.weights import MAX_LANES
from dashboard.client.scripts import scripts_path
from tests.siamese import weighted

DASHBOARD = PROJECT / "dashboard"
ANY = 10**18 - 1  # a number of 18 digits: SQLite would hold a little more
RECORDS, INSIDE = "/api/runs/{run}/records", "/api/runs/{run}/inside"
START, EXPORT, CURVES = "/api/start", "/api/export", "/api/lanes/curves"
# The parameters that are whole numbers, and the greatest one that is allowed.
NUMBERS = {
    RECORDS: {"after": ANY, "lane": ANY, "hints": ANY},
    INSIDE: {"lane": MAX_LANES - 1, "pair": EVALUATION_PAIRS - 1, "after": ANY, "watch": 1},
    EXPORT: {"lane": ANY},
}
OTHERS = {START: {"config"}, EXPORT: {"runs", "format"}, CURVES: {"runs"}}
ANY_TEXT = {"token", "seen", "known"}  # of an earlier answer; for anything else all is told
WITHOUT = {  # routes that have no parameter but the run
    *("/api/runs", "/api/runs/{run}", "/api/runs/{run}/pictures", "/api/runs/{run}/map"),
    *("/api/runs/{run}/map.csv", "/api/lanes", "/api/memory", "/api/{path:path}"),
    *("/api/runs/{run}/lanes", "/scripts/{version}/{name:path}"),
}
WITH_BODY = {"/api/runs/{run}/weights"}  # see test_steer_api.py
NO_NUMBERS = {
    "negative": "-1",
    "text": "abc",
    "empty": "",
    "fraction": "1.5",
    "superscript": "²",
    "huge": "9" * 400,
    "several": ["1", "2"],
}


@pytest.fixture(scope="module")
def runs(recorded):
    """Ids of two runs that have ended before they began, of two lanes and of one."""
    runs = [recorded.add_run(RunConfig(), [weighted()] * n, "1-test") for n in (2, 1)]
    for run in runs:
        recorded.set_state(run, RunState.STOPPED)
    return runs


def refusal(client, path, query=None, status=400):
    """The sentences of an answer that is none."""
    answer = client.get(path, params=query)
    assert answer.status_code == status, answer.text[:200]
    error = answer.json()["error"]
    assert len(error) < 600
    assert error.endswith(".")
    return error


def sources_with_routes():
    """The modules that have routes: path and source."""
    sources = {path: path.read_text(encoding="utf-8") for path in DASHBOARD.rglob("*.py")}
    return {path: source for path, source in sources.items() if "\nROUTES = [" in source}


def names_asked_for():
    """The names of all parameters that the sources ask a query for."""
    found = set()
    for source in sources_with_routes().values():
        for node in ast.walk(ast.parse(source)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            if called == "whole_number" or "query_params" in called:
                found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return {name for name in found if re.fullmatch(r"[a-z]+", str(name))}


def test_no_route_and_no_parameter_is_left_out():
    paths = set()
    for path in sources_with_routes():
        parts = path.relative_to(PROJECT).with_suffix("").parts
        paths |= {route.path for route in import_module(".".join(parts)).ROUTES}
    assert paths == {*NUMBERS, *OTHERS, *WITHOUT, *WITH_BODY}
    named = {name for table in (NUMBERS, OTHERS) for names in table.values() for name in names}
    assert names_asked_for() == named | ANY_TEXT


@pytest.mark.parametrize("came", NO_NUMBERS.values(), ids=NO_NUMBERS)
@pytest.mark.parametrize(
    ("path", "name"), [(path, name) for path, names in NUMBERS.items() for name in names]
)
def test_what_is_no_whole_number(client, runs, path, name, came):
    check_number(client, runs, path, name, came, NUMBERS[path][name])


@pytest.mark.parametrize(
    ("path", "name", "most"),
    [(path, *row) for path, names in NUMBERS.items() for row in names.items()],
)
def test_a_number_beyond_the_last_one_that_is_allowed(client, runs, path, name, most):
    check_number(client, runs, path, name, str(most + 1), most)
    query = {"runs": runs[0], "format": "csv", name: most}
    answer = client.get(path.format(run=runs[0]), params=query)
    if path == EXPORT:  # where it goes on to be compared with the lanes that there are
        assert "the lanes 0 to 1" in answer.json()["error"]
    else:
        assert answer.status_code == 200


def check_number(client, runs, path, name, came, most):
    query = {"runs": runs[0], "format": "csv", name: came}
    error = refusal(client, path.format(run=runs[0]), query)
    text = " and ".join(came) if isinstance(came, list) else came
    span = "of at most 18 digits" if most == ANY else f"to {most:,}"
    wrong = f"{name} = {text[:40]!r} is refused: expected one whole number from 0 {span}. "
    assert error.startswith(wrong)
    assert error.removeprefix(wrong), "what to do"
    for other in NUMBERS[path].keys() - {name}:
        assert f"`{other}`" not in error, "it is not at fault"


@pytest.mark.parametrize("run", ["nosuchrun", "²", "a b", "x" * 3000])
@pytest.mark.parametrize("path", sorted(path for path in [*NUMBERS, *WITHOUT] if "{run}" in path))
def test_a_run_that_is_not_there(client, path, run):
    error = refusal(client, path.format(run=run), status=404)
    assert f"No run has the id {run!r:.80}" in error
    assert "expected" in error
    assert "/api/runs" in error


@pytest.mark.parametrize("path", ["/api/runs/{run}/map", "/api/runs/{run}/map.csv"])
def test_a_run_that_is_no_weight_map(client, runs, path):
    error = refusal(client, path.format(run=runs[0]))
    assert f"Run {runs[0]} is not a weight map: expected" in error
    assert "start" in error


@pytest.mark.parametrize("text", ["{", "[]", "1", '"x"', "", "null", "[" * 20_000, "9" * 5000])
def test_settings_that_are_no_object(client, text):
    error = refusal(client, START, {"config": text})
    assert error.startswith(f"config = {text[:40]!r} is refused: expected ")
    assert '{"seed": 1}' in error, "an example to go by"


@pytest.mark.parametrize("depth", [900, 980, 990, 1000, 2000])
@pytest.mark.parametrize(("begin", "end"), [("[", "]"), ('{"seed": ', "}")])
def test_settings_that_lie_in_one_another_too_deeply(client, depth, begin, end):
    config = f'{{"seed": {begin * depth}1{end * depth}}}'
    assert "is refused: " in refusal(client, START, {"config": config})


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"steps": -1}, ["steps = -1 is refused", "from 1 to 1,000,000", "default is 1500"]),
        ({"seed": "x"}, ["seed = 'x' is refused", "from 0 to 2,147,483,647", "default is 0"]),
        ({"dropout": float("inf")}, ["dropout = inf is refused", "from 0 to 0.9"]),
        ({"trunk": ["conv"]}, ["trunk = ['conv'] is refused", "'dense' or 'conv'"]),
        ({"dataset": "\ud800"}, ["dataset = '\\ud800' is refused", "digits", "default"]),
        ({"training_pairs": 10**6}, ["training_pairs = 1000000 is refused", "to 100,000"]),
        ({"what": 1}, ["what is not a setting", "There are: dataset, "]),
        ({"self": 1}, ["self is not a setting", "There are: dataset, "]),
        ({"\ud800": 1}, ["'\\ud800' is not a setting", "There are: dataset, "]),
        ({"x" * 3000: 1}, ["xxx is not a setting", "There are: dataset, "]),
    ],
    ids=lambda part: str(part)[:30] if isinstance(part, dict) else "",
)
def test_a_setting_that_is_none_or_out_of_its_range(client, config, told):
    error = refusal(client, START, {"config": json.dumps(config)})
    for part in told:
        assert part in error


def test_what_cannot_be_exported(client, runs):
    first, other = runs

    def told(status=400, **query):
        return refusal(client, EXPORT, query, status)

    for form in ("exe", "", "²", "x" * 3000):
        error = told(runs=first, format=form)
        assert error.startswith(f"format = {form!r:.40} is refused: allowed are ")
        assert all(name in error for name in FORMATS)
    for none in ("", ",", ",,"):
        assert re.match(
            r"No run is named: expected .* `runs`.*/api/runs", told(runs=none, format="csv")
        )
    error = told(404, runs="nobody", format="csv")
    assert re.match(r"No run has the id 'nobody': expected .*/api/runs", error)
    error = told(runs=f"{first},{other}", format="keras")
    assert re.match(r"The format keras holds one run, and 2 were named in `runs`\. Take", error)
    error = told(runs=",".join(map(str, range(1001))), format="csv")
    assert re.match(r"1001 runs are refused: at most 1000 .* `runs`\. Take", error)
    assert re.match(
        rf"lane = 2 is refused: run {first} has the lanes 0 to 1, no lane 2\. Leave",
        told(runs=first, format="csv", lane=2),
    )
    assert re.match(
        rf"lane = 1 is refused: run {other} has lane 0 alone, no lane 1\. Leave",
        told(runs=other, format="script", lane=1),
    )


@pytest.mark.parametrize("path", ["/api/nosuch", "/api/runs/a/b", "/api/²", f"/api/{'x' * 3000}"])
def test_a_route_that_is_not_there(client, path):
    error = refusal(client, path, status=404)
    assert re.match(
        re.escape(f"There is no route {path!r:.80}: expected ") + r".*/api/runs.*", error
    )


@pytest.mark.parametrize(
    "name", ["nosuch.js", "charts/figures-1.js", "charts/figures-0123456789ab.js"]
)
def test_a_script_that_is_not_there(client, name):
    error = refusal(client, f"{scripts_path()}/{name}", status=404)
    assert re.match(rf"There is no script {name!r}: expected one that a page loads", error)
