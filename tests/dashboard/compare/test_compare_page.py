"""The script of the page Compare over a store with runs, run by Streamlit's own test harness."""

import json

import pytest
from streamlit.testing.v1 import AppTest

from core import RunConfig
from core.places import PROJECT
from core.run.simplex import MapConfig
from dashboard.client import component as views
from tests.dashboard.reading import read
from tests.own_runs import DOSES, KIND, own_run
from tests.siamese import weighted

pytestmark = pytest.mark.usefixtures("page_engine")

SCRIPT = PROJECT / "dashboard" / "main.py"
EQUAL = weighted(ctg_out_1=1, ctg_out_2=1, bin_out=1)


@pytest.fixture
def shown(monkeypatch):
    """What the browser is given, by the last script run."""
    given = {}

    def component(data, **_):
        given.clear()
        given.update(json.loads(data))

    monkeypatch.setattr(views, "_component", lambda page: component)
    return given


@pytest.fixture(scope="module")
def runs(page_store):
    """A plain run, one of another seed and dropout, and a race of two."""
    plain = page_store.add_run(RunConfig(), [weighted()], "an engine")
    other = page_store.add_run(RunConfig(seed=5, dropout=0), [weighted()], "an engine")
    race = page_store.add_run(RunConfig(), [weighted(), EQUAL], "an engine")
    return plain, other, race


def opened(**parameters):
    """The page as a link with these query parameters opens it, its script by itself."""
    page = AppTest.from_file(SCRIPT.parent / "compare" / "page.py", default_timeout=60)
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def address(page, name):
    value = page.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def test_runs_of_a_link_are_the_curves_in_their_order(runs, shown):
    plain, other, race = runs
    page = opened(runs=f"{race},{plain}")
    assert [one["key"] for one in shown["curves"]] == [f"{race}-1", f"{race}-2", f"{plain}-1"]
    assert page.multiselect[0].value == [f"{race}-1", f"{race}-2", f"{plain}-1"]
    assert shown["settings"] == {"weight bin_out": ["0.5", "1", "0.5"]}
    colours = [tuple(one["colours"]) for one in shown["curves"]]
    assert len({*colours}) == 3
    assert shown["curves"][0]["perEpoch"] == 20_000 / 64
    assert other not in json.dumps(shown)


def test_it_opens_with_the_newest_two_runs_and_stays_empty_where_all_were_taken_out(runs, shown):
    _, other, race = runs
    page = opened()
    assert address(page, "runs") == f"{race},{other}"
    assert [one["key"] for one in shown["curves"]] == [f"{race}-1", f"{race}-2", f"{other}-1"]
    page.multiselect[0].set_value([]).run()
    assert (address(page, "runs"), shown["curves"]) == ("none", [])
    opened(runs="none")
    assert shown["curves"] == []


def test_choosing_and_dropping_curves_keeps_the_address(runs, shown):
    plain, other, _ = runs
    page = opened()
    page.multiselect[0].set_value([f"{plain}-1", f"{other}-1"]).run()
    assert address(page, "runs") == f"{plain},{other}"
    assert shown["settings"] == {"dropout": ["0.5", "0"], "seed": ["0", "5"]}
    page.multiselect[0].set_value([f"{other}-1"]).run()
    assert address(page, "runs") == other


def test_lanes_are_chosen_one_by_one_and_all_of_a_run_by_its_id(runs, shown):
    plain, _, race = runs
    page = opened(runs=f"{race}-2,{plain}")
    assert [one["key"] for one in shown["curves"]] == [f"{race}-2", f"{plain}-1"]
    assert page.multiselect[0].value == [f"{race}-2", f"{plain}-1"]
    page.multiselect[0].set_value([f"{race}-2", f"{plain}-1", f"{race}-1"]).run()
    assert address(page, "runs") == f"{race},{plain}"
    assert [one["key"] for one in shown["curves"]] == [f"{race}-1", f"{race}-2", f"{plain}-1"]
    page.multiselect[0].set_value([f"{race}-1"]).run()
    assert address(page, "runs") == f"{race}-1"
    page = opened(runs=f"{race}-3,{plain}")
    assert [one["key"] for one in shown["curves"]] == [f"{plain}-1"]
    assert f"has 2 of them, so {race}-1 or {race}-2 is expected" in read(page.error[0])


def test_a_curve_is_called_by_what_it_is_or_by_the_name_of_its_run(shown, page_store):
    conv = RunConfig(trunk="conv", optimizer="adam", learning_rate=0.001)
    run = page_store.add_run(conv, [weighted(), EQUAL], "an engine")
    number = page_store.run(run).number
    opened(runs=f"{run}-2")
    assert shown["curves"][0]["name"] == f"#{number} lane 2 · 1, 1, 1 · conv · adam 0.001"
    page_store.rename(run, "baseline")
    opened(runs=f"{run}-2")
    assert shown["curves"][0]["name"] == f"#{number} lane 2 · baseline"
    assert shown["curves"][0]["label"] == f"#{number} lane 2 · baseline (1, 1, 1)"


def test_the_address_has_every_choice_and_a_link_brings_it_back(runs, shown):
    plain, other, _ = runs
    page = opened(runs=f"{plain},{other}")
    assert page.toggle(key="differences").disabled, "from what?"
    page.selectbox[0].set_value(f"{other}-1").run()
    page.segmented_control(key="by").set_value("epochs").run()
    page.slider(key="smooth").set_value(0.9).run()
    for key in ("log_x", "log_y", "outliers", "differences"):
        page.toggle(key=key).set_value(True).run()
    before = json.dumps(shown)
    assert shown["baseline"] == f"{other}-1"
    assert shown["options"] == {
        "x": "epochs",
        "logX": True,
        "logY": True,
        "smoothing": 0.9,
        "outliers": True,
        "differences": True,
    }
    bound = dict.fromkeys(("log_x", "log_y", "outliers", "differences"), "true")
    kept = {name: address(page, name) for name in ("runs", "baseline")}
    again = opened(**kept, **bound, by="epochs", smooth="0.9")
    assert json.dumps(shown) == before
    again.selectbox[0].set_value("none").run()
    assert address(again, "baseline") is None
    assert shown["options"]["differences"] is False


def test_a_run_that_is_not_there_is_told_and_the_others_stay(runs, shown, page_store):
    found = page_store.add_run(RunConfig(), [], "an engine", MapConfig(), 1)
    page = opened(runs=f"nosuchrun,{runs[0]},{found},{runs[0]}", baseline="nosuch-1")
    assert [one["run"] for one in shown["curves"]] == [runs[0]]
    assert shown["baseline"] is None
    missing, of_map = [read(error) for error in page.error]
    assert "no run 'nosuchrun'" in missing
    assert of_map.startswith(f"Run #{page_store.run(found).number} · map of ")
    assert "is a weight map" in of_map
    assert not [option for option in page.multiselect[0].options if "map of" in option]


def test_runs_of_another_problem_are_left_out_and_named(runs, shown, page_store):
    plain, other, _ = runs
    doses, more = (own_run(page_store, seed=seed) for seed in (1, 2))
    page = opened(runs=f"{plain},{doses},{other},{more}", baseline=f"{doses}-1")
    assert [one["run"] for one in shown["curves"]] == [plain, other]
    assert [one["name"] for one in shown["heads"]] == ["ctg_out_1", "ctg_out_2", "bin_out"]
    assert shown["baseline"] is None, "it is not drawn"
    (said,) = [read(warning) for warning in page.warning]
    labels = ", ".join(page_store.run(run).label for run in (doses, more))
    assert said.startswith(f"Runs {labels} are left out: they train doses, and run #")
    assert page.multiselect[0].value == [f"{run}-1" for run in (plain, doses, other, more)]
    assert all(", siamese, " in one or ", doses, " in one for one in page.multiselect[0].options)
    # Once the first ones are taken out, those are compared that were left out.
    page.multiselect[0].set_value([f"{doses}-1", f"{other}-1", f"{more}-1"]).run()
    assert address(page, "runs") == f"{doses},{other},{more}"
    assert [one["run"] for one in shown["curves"]] == [doses, more]
    assert "is left out: it trains siamese" in read(page.warning[0])
    assert shown["settings"] == {"seed": ["1", "2"]}
    assert [(one["quantity"], one["head"]) for one in shown["figures"]["curves"]] == [
        *(("loss", head.name) for head in DOSES),
        ("mean_absolute_error", "dose"),
        ("accuracy", "kind"),
    ]


def test_the_newest_two_runs_are_of_one_problem(shown, page_store):
    two = [own_run(page_store, problem="pairs", seed=seed) for seed in (1, 2)]
    page_store.add_run(RunConfig(), [weighted()], "an engine")
    newest = own_run(page_store, problem="pairs", seed=3)
    page = opened()
    assert address(page, "runs") == f"{newest},{two[1]}"
    assert not page.warning


def test_a_run_of_a_changed_file_is_left_out_where_it_has_other_losses_alone(shown, page_store):
    first = own_run(page_store)
    of_area = (DOSES[0], KIND.model_copy(update={"metric": "AUC"}), DOSES[2])
    other_metric = own_run(page_store, heads=of_area, source="def")
    fewer = own_run(page_store, heads=DOSES[:2], source="ghi")
    page = opened(runs=f"{first},{other_metric},{fewer}")
    assert [one["run"] for one in shown["curves"]] == [first, other_metric]
    (said,) = [read(warning) for warning in page.warning]
    assert "the file of doses was changed" in said
    assert "are dose (mean_squared_error), kind (sparse_categorical_crossentropy); those" in said
    assert shown["settings"] == {"source": ["abc", "def"]}


def test_epochs_that_are_not_known_are_not_made_up(shown, page_store):
    run = own_run(page_store)
    page = opened(runs=run)
    assert shown["curves"][0]["perEpoch"] is None
    assert not page.warning
    page.segmented_control(key="by").set_value("epochs").run()
    assert "it is not known how many examples an epoch has" in read(page.warning[0])


def test_no_more_curves_than_can_be_told_apart(shown, page_store):
    lanes = [EQUAL] * 4
    races = [page_store.add_run(RunConfig(), lanes, "an engine") for _ in range(4)]
    page = opened(runs=",".join(races))
    assert len(shown["curves"]) == 12
    assert f"last 4 of 16, from #{page_store.run(races[3]).number} lane 1 · " in read(
        page.warning[0]
    )
    ones = [page_store.add_run(RunConfig(), [EQUAL], "an engine") for _ in range(13)]
    page = opened(runs=",".join(ones))
    assert [one["run"] for one in shown["curves"]] == ones[:12]
    assert "Left out are the last 1 of 13" in read(page.warning[0])


def test_what_is_compared_is_there_again_after_a_look_at_another_page(runs):
    page = AppTest.from_file(SCRIPT, default_timeout=60)
    page.query_params.update(runs=f"{runs[0]},{runs[1]}", baseline=f"{runs[0]}-1")
    page.run()
    assert "runs" not in page.query_params, "it is for another page"
    page.switch_page("compare/page.py").run()
    assert page.multiselect[0].value == [f"{runs[0]}-1", f"{runs[1]}-1"]
    assert page.selectbox[0].value == f"{runs[0]}-1"
    assert not page.exception
