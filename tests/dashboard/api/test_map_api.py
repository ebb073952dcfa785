"""The routes of a weight map, over real HTTP, against its records."""

import csv
import io
import math
import statistics
from types import SimpleNamespace

import numpy as np
import pytest

from core import RunConfig
from core.analysis.maps import WeightMap, pareto_front
from core.problems.siamese.heads import HEAD_NAMES
from core.run.run import Run
from core.run.simplex import MapConfig, grid
from core.run.states import RunState
from dashboard.api import maps as map_api
from tests.dashboard.api.answers import strict
from tests.siamese import HEADS, MAP_COLUMNS, MAP_QUANTITIES, weighted

CONFIG = RunConfig(steps=100, batch_size=8, embedding_size=8, seed=5)
RESOLUTION = 2
N = 6


@pytest.fixture(scope="module")
def finished(trainer):
    """A map with two seeds that is over."""
    run = trainer.start_map(CONFIG, resolution=RESOLUTION, total=3, seeds=2)
    assert trainer.wait(run, 120).state == "finished"
    return run


@pytest.fixture(scope="module")
def waiting(recorded, trainer):
    """A map of which nothing is measured."""
    over = MapConfig(resolution=3)
    run = recorded.add_run(CONFIG, [], trainer.owner, map_config=over, lanes_at_once=10)
    yield run
    recorded.set_state(run, RunState.STOPPED)


@pytest.fixture(scope="module")
def told(client, finished):
    return strict(client.get(f"/api/runs/{finished}/map"))


def test_who_knows_all_that_is_measured_is_told_the_rest_alone(client, finished, waiting, told):
    def asked(run, known):
        return strict(client.get(f"/api/runs/{run}/map", params={"known": known}))

    rest = asked(finished, told["edition"])
    measured = {"places", "weights", "n_seeds", "step", "diverged", "fronts", "values"}
    assert rest.keys() == told.keys() - measured
    assert rest["model_steps"] == told["model_steps"]
    assert rest["run"]["state"] == "finished"
    # Another map, another edition or nonsense: all of it.
    assert measured <= asked(waiting, told["edition"]).keys()
    assert measured <= asked(finished, "nonsense").keys()


def test_whatever_is_told_of_a_map_makes_another_edition():
    facts = {"id": "a", "state": RunState.RUNNING, "n_seeds": [1, 1], "step": [5, 5]}
    others = {"id": "b", "state": RunState.PAUSED, "n_seeds": [1, 2], "step": [5, 6]}

    def edition(**given):
        given = facts | given
        arrays = {name: np.array(given[name]) for name in ("n_seeds", "step")}
        run = SimpleNamespace(id=given["id"], state=given["state"])
        return map_api.edition(SimpleNamespace(run=run, **arrays))

    assert edition() == edition()
    assert len({edition(), *(edition(**{name: other}) for name, other in others.items())}) == 5


def last_looks(recorded, run):
    """The last validation of each lane, (quantity, head) by lane."""
    found = {}
    for record in recorded.records(run):
        if record.val_loss is not None:
            found[record.lane] = {"val_loss": record.val_loss, "val_accuracy": record.val_accuracy}
    return found


def expected(looks, quantity, column):
    """Mean and standard deviation over both seeds of each setting, from the records."""
    worst = min if quantity == "val_accuracy" else max
    rule = {"worst": worst, "mean": statistics.fmean}
    of_lane = {
        lane: rule[column](look[quantity].values()) if column in rule else look[quantity][column]
        for lane, look in looks.items()
    }
    pairs = [(of_lane[i], of_lane[N + i]) for i in range(N)]
    return [statistics.fmean(pair) for pair in pairs], [statistics.stdev(pair) for pair in pairs]


@pytest.mark.parametrize("quantity", MAP_QUANTITIES)
def test_means_and_spreads_are_those_of_the_records(told, recorded, finished, quantity):
    looks = last_looks(recorded, finished)
    assert len(looks) == 2 * N
    for column in MAP_COLUMNS:
        mean, spread = expected(looks, quantity, column)
        assert told["values"][quantity]["mean"][column] == pytest.approx(mean)
        assert told["values"][quantity]["spread"][column] == pytest.approx(spread)
        best = (max if quantity == "val_accuracy" else min)(mean)
        assert mean[told["values"][quantity]["best"][column]] == pytest.approx(best)
        assert told["values"][quantity]["best"][column] in told["values"][quantity]["ties"][column]


def test_what_the_map_is_comes_with_it(told, finished):
    assert told["run"]["id"] == finished
    assert told["run"]["state"] == "finished"
    assert told["run"]["map"] == {"resolution": 2, "total": 3, "spacing": "even", "seeds": 2}
    assert told["places"] == [list(place) for place in grid(RESOLUTION)]
    assert told["weights"] == [[3 * i / 2 for i in place] for place in grid(RESOLUTION)]
    assert told["model_steps"] == told["all_model_steps"] == 2 * N * 100
    assert told["parts"] == told["parts_done"] == 2  # of each seed one
    assert told["n_seeds"] == [2] * N
    assert told["step"] == [100] * N
    assert told["diverged"] == []


def test_fronts_are_of_each_pair_of_heads(told):
    assert len(told["fronts"]) == 3
    accuracy = told["values"]["val_accuracy"]["mean"]
    for name, front in told["fronts"].items():
        x, y = name.split(" and ")
        assert front == pareto_front(list(zip(accuracy[x], accuracy[y], strict=True)))


def test_sampling_errors_are_binomial(told):
    accuracy = told["values"]["val_accuracy"]
    for column in MAP_COLUMNS:
        wanted = [math.sqrt(p * (1 - p) / 512) for p in accuracy["mean"][column]]
        assert accuracy["error"][column] == pytest.approx(wanted)
    assert "error" not in told["values"]["val_loss"]


def test_a_map_of_which_nothing_is_measured_is_null_not_nan(client, waiting):
    told = strict(client.get(f"/api/runs/{waiting}/map"))
    assert told["run"]["state"] == "queued"
    assert told["model_steps"] == 0 < told["all_model_steps"]
    assert told["n_seeds"] == told["step"] == [0] * 10
    for of in told["values"].values():
        assert of["mean"]["worst"] == of["spread"]["worst"] == [None] * 10
        assert of["best"]["worst"] is None
        assert of["ties"]["worst"] == []
        assert of["noise"]["worst"] == ""
    assert set(map(tuple, told["fronts"].values())) == {()}


def test_csv_has_the_numbers_of_the_json(client, told, finished):
    answer = client.get(f"/api/runs/{finished}/map.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    disposition = answer.headers["content-disposition"]
    assert disposition == f'attachment; filename="weight-map-{finished}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(rows) == N
    for i, row in enumerate(rows):
        assert [float(row[f"loss_weights.{name}"]) for name in HEAD_NAMES] == told["weights"][i]
        assert (int(row["seeds"]), int(row["step"])) == (2, 100)
        for quantity in MAP_QUANTITIES:
            for column in MAP_COLUMNS:
                of = told["values"][quantity]
                assert float(row[f"{quantity}.{column}"]) == of["mean"][column][i]
                assert float(row[f"{quantity}.{column}.spread"]) == of["spread"][column][i]


def test_csv_leaves_empty_what_is_not_measured(client, waiting):
    rows = list(csv.DictReader(io.StringIO(client.get(f"/api/runs/{waiting}/map.csv").text)))
    assert len(rows) == 10
    assert {row["val_accuracy.worst"] for row in rows} == {""}


@pytest.mark.parametrize("path", ["map", "map.csv"])
def test_what_is_no_map_is_refused_in_json(client, trainer, path):
    unknown = client.get(f"/api/runs/nosuchrun/{path}")
    assert unknown.status_code == 404
    assert "nosuchrun" in strict(unknown)["error"]
    run = trainer.start(RunConfig(steps=1, batch_size=4))
    trainer.wait(run, 60)
    other = client.get(f"/api/runs/{run}/{path}")
    assert other.status_code == 400
    assert "not a weight map" in strict(other)["error"]


def found_of(state=RunState.FINISHED, seeds=1, step=(100, 100, 50), spread=math.nan):
    """A map of three settings with accuracies 0.9, 0.89 and 0.5 in every column."""
    over = MapConfig(resolution=1, seeds=seeds)
    run = Run(
        "a", state, CONFIG, CONFIG, over.points(HEAD_NAMES), 0, 100, "", heads=HEADS, map=over
    )
    mean = np.repeat([[0.9], [0.89], [0.5]], len(MAP_COLUMNS), axis=1)
    spreads = np.full_like(mean, spread)
    return WeightMap(
        run=run,
        over=over,
        points=tuple(weighted() for _ in range(3)),
        n_seeds=np.full(3, seeds),
        step=np.array(step),
        mean=dict.fromkeys(MAP_QUANTITIES, mean),
        spread=dict.fromkeys(MAP_QUANTITIES, spreads),
        model_steps=int(np.sum(step)),
    )


def test_diverged_is_known_at_the_end_only():
    assert map_api.diverged(found_of()) == [2]
    assert map_api.diverged(found_of(RunState.RUNNING)) == []
    assert map_api.diverged(found_of(RunState.STOPPED)) == []


def test_noise_of_one_seed_is_the_binomial_error_of_the_best():
    told = map_api.noise(found_of(), "val_accuracy", "worst")
    assert told.startswith("One seed:")
    assert map_api.noise(found_of(seeds=2), "val_accuracy", "worst").startswith("One seed so far:")
    assert f"{100 * math.sqrt(0.9 * 0.1 / 512):.1f} points" in told
    assert "1 of 2 other settings" in told
    assert "not known" in map_api.noise(found_of(), "val_loss", "worst")


def test_noise_of_several_seeds_is_their_spread():
    told = map_api.noise(found_of(seeds=3, spread=0.004), "val_accuracy", "worst")
    assert "3 seeds" in told
    assert "0.4 points" in told
    assert "0 of 2 other settings" in told
    assert "0.02 nats" in map_api.noise(found_of(seeds=2, spread=0.02), "val_loss", "mean")
