"""The route of the list of runs, and that no question breaks it or that of the exports."""

from hypothesis import given, settings
from hypothesis import strategies as some

from core import RunConfig, RunState
from core.export.formats import FORMATS
from core.problems.siamese.heads import HEAD_NAMES
from core.run.commands import Fork, Rewind, SetLossWeights
from core.run.simplex import MapConfig
from core.run.visitor import Visitor
from dashboard.api.lanes import MOST_POINTS, problems_of, rows_of
from tests.core.store.rows import looked
from tests.own_runs import DOSE, DOSES, KIND, REST, own_run
from tests.siamese import weighted

OTHER = weighted(ctg_out_1=0.25, ctg_out_2=0, bin_out=2)


def rows(store, run, person=""):
    return rows_of(store.run(run), store.results(run), Visitor(person))


def test_a_row_has_what_its_lane_began_with_and_what_it_reached(store):
    run = store.add_run(RunConfig(seed=7), [weighted(), OTHER], "1-test")
    store.append(run, [looked(10, (0.9, 0.1, 0.5)), looked(10, (0.2, 0.3, 0.4), lane=1)])
    store.append(run, [looked(20, (0.3, 0.4, 0.6))])
    moved = SetLossWeights(run=run, lane=1, loss_weights=weighted())
    fork = Fork(run=run, lane=0, new_lane=2, loss_weights=OTHER)
    for command in (moved, fork):
        store.add_change(run, 15, command, RunConfig(seed=7))
    first, second, third = rows(store, run)
    assert first["result"] == {
        "last": (0.3, 0.4, 0.6),
        "best": (0.9, 0.4, 0.6),
        "best_worst": 0.3,
    }
    assert [row["lane"] for row in (first, second, third)] == [0, 1, 2]
    assert [row["moved"] for row in (first, second, third)] == [
        (False, False, False),
        (True, True, True),
        (False, False, False),
    ]
    assert [row["began"] for row in (second, third)] == [OTHER.as_tuple()] * 2
    assert [row["weights"] for row in (second, third)] == [
        weighted().as_tuple(),
        OTHER.as_tuple(),
    ]
    assert [row["label"] for row in (first, second)] == [
        "#1 lane 1 · 1, 1, 0.5 · seed 7",
        "#1 lane 2 · 0.25, 0, 2 · seed 7",
    ]
    assert third["result"] is None
    (problem,) = problems_of(store.runs())
    assert dict(zip(problem["settings"], first["settings"], strict=True))["seed"] == 7
    assert "total" not in " ".join(first), "no total loss to sort by"


def test_a_row_says_whether_the_run_is_that_of_whoever_asks(store):
    run = store.add_run(RunConfig(), [weighted()], "1-test", person="anna")
    of_nobody = store.add_run(RunConfig(), [weighted()], "1-test")
    told = {
        person: [rows(store, one, person)[0]["mine"] for one in (run, of_nobody)]
        for person in ("anna", "ben", "")
    }
    assert told == {"anna": [True, False], "ben": [False, False], "": [False, False]}


def test_a_weight_map_is_one_row(store):
    over = MapConfig(resolution=3)
    run = store.add_run(RunConfig(), [], "1-test", map_config=over, lanes_at_once=7)
    (row,) = rows(store, run)
    assert (row["points"], row["weights"], row["lane"]) == (10, None, None)


def test_a_weight_that_was_moved_alone_is_the_one_that_is_marked(store):
    run = store.add_run(RunConfig(), [weighted()], "1-test")
    for step, weight in ((10, 3), (20, 0.5)):
        command = SetLossWeights(run=run, lane=0, loss_weights=weighted(bin_out=weight))
        store.add_change(run, step, command, RunConfig())
    (row,) = rows(store, run)
    assert row["moved"] == (False, False, True), "it was another one, and came back"
    assert row["weights"] == row["began"] == weighted().as_tuple()


def test_small_curves_have_the_looks_in_force_and_not_too_many_of_them(client, recorded):
    run = recorded.add_run(RunConfig(), [weighted(), OTHER], "1-test")
    recorded.append(run, [looked(step, (step / 1000, 0.5, 1)) for step in range(10, 1000, 10)])
    recorded.append(run, [looked(10, (0.1, 0.2, 0.3), lane=1)])
    asked = {"runs": f"{run},nobody"}
    curves = client.get("/api/lanes/curves", params=asked).json()["curves"]
    assert list(curves) == [run]
    assert curves[run]["1"] == [[10, 0.1, 0.2, 0.3]]
    steps = [row[0] for row in curves[run]["0"]]
    assert (len(steps), steps[0], steps[-1]) == (MOST_POINTS, 10, 990)
    assert steps == sorted(set(steps))
    assert [row[1] for row in curves[run]["0"]] == [step / 1000 for step in steps]
    recorded.rewind(run, 990, Rewind(run=run, step=500, branch=1))
    rewound = client.get("/api/lanes/curves", params=asked).json()["curves"][run]
    assert rewound["0"][-1][0] == 500
    assert client.get(
        "/api/lanes/curves", params={"runs": ",".join(map(str, range(101)))}
    ).json() == {
        "error": "101 runs are refused: at most 100 at once are allowed in `runs`. Ask for the "
        "others with another request."
    }


def test_only_what_may_have_changed_is_told_again(client, recorded):
    run = recorded.add_run(RunConfig(), [weighted()], "1-test")
    first = client.get("/api/lanes").json()
    assert first["all"]
    assert first["rows"][0]["run"] == run
    assert first["rows"][0]["heads"] == list(HEAD_NAMES)
    again = client.get("/api/lanes", params={"token": first["token"]}).json()
    assert not again["all"]
    assert run in [row["run"] for row in again["rows"]], "it has not ended"
    recorded.set_state(run, RunState.STOPPED)
    ended = client.get("/api/lanes", params={"token": first["token"]}).json()
    assert ended["all"]
    quiet = client.get("/api/lanes", params={"token": ended["token"]}).json()
    assert run not in [row["run"] for row in quiet["rows"]]
    recorded.rename(run, "named")
    named = client.get("/api/lanes", params={"token": ended["token"]}).json()
    assert named["rows"][0]["name"] == "named"
    recorded.delete([run], "1-test")
    gone = client.get("/api/lanes", params={"token": named["token"]}).json()
    assert gone["all"]
    assert run not in [row["run"] for row in gone["rows"]]


def test_a_row_says_of_which_problem_and_heads_its_values_are(store):
    run = own_run(
        store,
        looks=[
            (10, {"dose": 0.5, "kind": 0.25, "rest": 3}),
            (20, {"dose": 0.75, "kind": 0.5, "rest": 2}),
        ],
        seed=7,
    )
    (row,) = rows(store, run)
    assert (row["problem"], row["heads"]) == ("doses", ("dose", "kind", "rest"))
    assert row["metrics"] == ["mean_absolute_error", "accuracy", None]
    assert row["weights"] == (0.3, 1, 0.1)
    # Less of an error is better; the head that has no metric tells its loss, and no best one.
    assert row["result"] == {"last": (0.75, 0.5, 2), "best": (0.5, 0.5, None), "best_worst": None}
    (problem,) = problems_of(store.runs())
    told = dict(zip(problem["settings"], row["settings"], strict=True))
    assert (told["source"], told["seed"], told["optimizer"]) == ("abc", 7, "rmsprop")
    assert not {"trunk", "steps"} & told.keys()


def test_a_metric_that_a_look_has_no_number_of_is_no_loss(store):
    run = own_run(store, looks=[(10, {"dose": float("nan"), "kind": 0.25, "rest": 3})])
    assert rows(store, run)[0]["result"]["last"] == (None, 0.25, 3)


def test_problems_are_told_with_all_heads_that_their_runs_have(store):
    assert [(one["name"], len(one["heads"])) for one in problems_of([])] == [("siamese", 3)]
    renamed = KIND.model_copy(update={"name": "sort"})
    of_area = KIND.model_copy(update={"metric": "AUC"})
    own_run(store, heads=(DOSE, of_area, renamed))
    store.add_run(RunConfig(), [weighted()], "1-test")
    own_run(store, problem="other", heads=(REST,))
    own_run(store, seed=3)
    found = {one["name"]: one for one in problems_of(store.runs())}
    assert list(found) == ["doses", "other", "siamese"], "that of the newest run is the first"
    assert [(head["name"], head["metric"], head["better"]) for head in found["doses"]["heads"]] == [
        *[(head.name, head.metric, head.better) for head in DOSES],
        ("kind", "AUC", "higher"),
        ("sort", "accuracy", "higher"),
    ]
    assert [head["name"] for head in found["siamese"]["heads"]] == list(HEAD_NAMES)
    assert "trunk" in found["siamese"]["settings"]
    assert "trunk" not in found["doses"]["settings"]


def test_the_small_curve_of_a_head_without_metric_is_of_its_loss(client, recorded):
    looks = [(step, {"dose": step, "kind": 0.5, "rest": 100 - step}) for step in (10, 20)]
    run = own_run(recorded, looks=looks)
    curves = client.get("/api/lanes/curves", params={"runs": run}).json()["curves"]
    assert curves[run]["0"] == [[10, 10, 0.5, 90], [20, 20, 0.5, 80]]
    recorded.delete([run], "1-test")


@settings(max_examples=60, deadline=None)
@given(
    query=some.lists(
        some.tuples(
            some.sampled_from(["runs", "format", "lane", "token"]),
            some.text(max_size=20) | some.sampled_from([*FORMATS, "0", "-1", "nobody", ","]),
        ),
        max_size=4,
    )
)
def test_no_question_breaks_the_server(client, query):
    query = [(name, text.encode("utf-8", "ignore").decode()) for name, text in query]
    for route in ("/api/export", "/api/lanes", "/api/lanes/curves"):
        response = client.get(route, params=query)
        assert response.status_code in (200, 400, 404)
        if response.status_code != 200:
            assert response.json()["error"]
