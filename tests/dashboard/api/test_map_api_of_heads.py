"""The routes of weight maps of heads that are not alike, over real HTTP."""

import csv
import io
import math

import pytest

from core import RunConfig, RunState
from core.run.heads import Head
from core.run.records import Record
from core.run.simplex import MapConfig
from tests.dashboard.api.answers import strict

HEADS = (
    Head(name="kind", loss="categorical_crossentropy", chance=0.25, chance_loss=1.4),
    Head(name="dose", loss="huber", metric="mae", better="lower", chance=3.0),
    Head(name="box", loss="huber", metric=None),
    Head(name="time", loss="huber", metric="mae", better="lower"),
)
NAMES = tuple(head.name for head in HEADS)
# Losses and metrics of three settings.
LOOKS = [
    ([1.0, 5, 0.3, 4], [0.5, 2, math.nan, 7]),
    ([0.5, 3, 0.2, 2], [0.8, 1, math.nan, 9]),
    ([2.0, 9, 0.1, 8], [0.3, 4, math.nan, 8]),
]


@pytest.fixture(scope="module")
def run(recorded, trainer):
    """A map of three of four heads that has ended."""
    over = MapConfig(resolution=1, heads=("kind", "dose", "box"), others={"time": 0.5})
    over = over.complete(HEADS)
    config = RunConfig(steps=30)
    run = recorded.add_run(config, [], trainer.owner, map_config=over, lanes_at_once=9, heads=HEADS)
    for lane, (look, weights) in enumerate(zip(LOOKS, over.points(NAMES), strict=True)):
        recorded.append(
            run, [Record.of(30, lane, 0, 1.0, [0.0] * 4, [0.0] * 4, look, weights, 0.1)]
        )
    recorded.set_state(run, RunState.FINISHED)
    return run


def test_the_answer_says_what_varies_and_ranks_the_settings(client, run):
    told = strict(client.get(f"/api/runs/{run}/map"))
    assert told["run"]["map"]["heads"] == ["kind", "dose", "box"]
    assert told["run"]["map"]["others"] == {"time": 0.5}
    assert told["weights"] == [[2.5, 0, 0, 0.5], [0, 2.5, 0, 0.5], [0, 0, 2.5, 0.5]]
    metric = told["values"]["val_metric"]
    assert metric["mean"]["dose"] == [2, 1, 4]
    assert metric["mean"]["box"] == [0.3, 0.2, 0.1], "it has no metric, and counts by its loss"
    # By hand: kind 2 1 3, dose 2 1 3, box 3 2 1, time 1 3 2.
    assert metric["mean"]["mean rank"] == pytest.approx([2, 1.75, 2.25])
    assert {column: metric["best"][column] for column in metric["best"]} == {
        "kind": 1,
        "dose": 1,
        "box": 2,
        "time": 0,
        "mean rank": 1,
    }
    assert list(metric["error"]) == ["kind"], "no other is an accuracy"
    assert "error" not in told["values"]["val_loss"]


def test_fronts_have_each_heads_direction(client, run):
    fronts = strict(client.get(f"/api/runs/{run}/map"))["fronts"]
    assert len(fronts) == 6
    assert fronts["kind and dose"] == [1]
    assert fronts["dose and time"] == [0, 1]
    assert fronts["kind and box"] == [1, 2]


def test_noise_of_what_has_no_known_one_is_told(client, run):
    values = strict(client.get(f"/api/runs/{run}/map"))["values"]
    assert "standard error" in values["val_metric"]["noise"]["kind"]
    assert "how much of that is noise" in values["val_metric"]["noise"]["dose"]
    assert "how much of a rank is noise" in values["val_metric"]["noise"]["mean rank"]
    assert "how much of a loss is noise" in values["val_loss"]["noise"]["dose"]


def test_csv_calls_values_as_records_do_and_has_each_once(client, run):
    text = client.get(f"/api/runs/{run}/map.csv").text
    titles = next(csv.reader(io.StringIO(text)))
    assert len(titles) == len(set(titles))
    values = [title for title in titles if title.startswith("val_") and "spread" not in title]
    assert values == [
        *("val_accuracy.kind", "val_mae.dose", "val_loss.box", "val_mae.time"),
        *("val_metric.mean rank", "val_loss.kind", "val_loss.dose", "val_loss.time"),
        "val_loss.mean rank",
    ]
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["val_mae.dose"]) for row in rows] == [2, 1, 4]
    assert [float(row["loss_weights.time"]) for row in rows] == [0.5] * 3
    assert [float(row["val_loss.box"]) for row in rows] == [0.3, 0.2, 0.1]
