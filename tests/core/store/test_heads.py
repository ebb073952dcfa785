"""Runs with other heads than three: any number, and any names that Keras allows."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from core import LossWeights, RunConfig, RunState
from core.errors import ConfigError, ExportError
from core.export import formats
from core.export.bundle import import_run, write
from core.export.records import csv_chunks
from core.problems.siamese.heads import HEAD_NAMES
from core.run.commands import SetLossWeights
from core.run.heads import MOST_HEADS, Head, names_of
from core.run.records import Record
from core.run.weights import checked_lanes
from core.store import Store
from tests.siamese import weighted

PROJECT = Path(__file__).parents[3]
ODD = ("steps", "box.loss", "类别", 'a "quoted", name', "lane")
NAMES = [("one",), ("run", "seq"), ODD, tuple(f"head_{i}" for i in range(MOST_HEADS))]


def heads_of(names):
    return tuple(Head(name=name, default_weight=i + 0.5) for i, name in enumerate(names))


def record(names, step, value, looked=True, lane=0):
    values = [value + i for i in range(len(names))]
    shares = [(i + 1) / 100 for i in range(len(names))]
    look = [[v / 2 for v in values], [s / 2 for s in shares]] if looked else None
    weights = LossWeights().complete(heads_of(names))
    return Record.of(step, lane, 0, step / 10, values, shares, look, weights, 0.05)


@pytest.fixture(params=NAMES, ids=lambda names: f"{len(names)} heads")
def names(request):
    return request.param


@pytest.fixture
def run(store, names):
    run = store.add_run(RunConfig(), [LossWeights()] * 2, "1-test", heads=heads_of(names))
    store.append(run, [record(names, 1, 3.0), record(names, 10, 2.0, looked=False)])
    store.append(run, [record(names, 20, 1.0), record(names, 20, 4.0, lane=1)])
    return run


def test_records_come_back_as_they_were(store, run, names):
    found = list(store.records(run, lane=0))
    wanted = [record(names, 1, 3.0), record(names, 10, 2.0, looked=False), record(names, 20, 1.0)]
    for one, other in zip(found, wanted, strict=True):
        for field in ("step", "loss", "accuracy", "val_loss", "val_accuracy", "loss_weights"):
            assert getattr(one, field) == getattr(other, field)
        assert one.total_loss == pytest.approx(other.total_loss)
    assert store.last_validated(run).step == 20


def test_a_run_says_which_heads_it_has_also_to_another_process(store, run, names):
    again = Store(store.path)
    try:
        assert again.run(run).heads == heads_of(names)
        assert list(again.columns(run))[7:] == [
            f"{quantity}.{name}"
            for quantity in ("loss", "accuracy", "val_loss", "val_accuracy", "loss_weights")
            for name in names
        ]
    finally:
        again.close()


def test_results_and_curves_have_as_many_values_as_there_are_heads(store, run, names):
    first, second = store.results(run)
    last = record(names, 20, 1.0)
    assert first.val_loss == tuple(last.val_loss.values())
    assert first.best == tuple(last.val_accuracy.values())
    assert first.best_worst == min(last.val_accuracy.values())
    assert (first.step, second.step) == (20, 20)
    assert store.all_results()[run] == [first, second]
    assert [row[0] for row in store.metric_curves(run)[0]] == [1, 20]
    assert {len(row) for row in store.metric_curves(run)[0]} == {1 + len(names)}


def test_weights_are_completed_and_moved_by_name(store, run, names):
    moved = store.run(run).lanes[0].moved({names[-1]: 7})
    assert store.run(run).lanes[0].as_tuple() == tuple(i + 0.5 for i in range(len(names)))
    command = SetLossWeights(run=run, lane=1, loss_weights=moved)
    store.add_change(run, 20, command, RunConfig())
    assert store.run(run).lanes_now[1].loss_weights[names[-1]] == 7
    with pytest.raises(ConfigError, match="'nobody' is refused: there is no such head"):
        store.run(run).lanes[0].moved({"nobody": 1})
    with pytest.raises(ConfigError, match="'nobody' is refused"):
        checked_lanes([LossWeights(nobody=1)], heads_of(names))


def test_the_csv_has_their_names(store, run, names):
    rows = list(csv.DictReader(io.StringIO("".join(csv_chunks(store, [run])))))
    assert len(rows) == 4
    for i, name in enumerate(names):
        assert float(rows[0][f"loss.{name}"]) == 3.0 + i


def test_the_order_in_which_a_record_names_its_heads_is_of_no_meaning(store, run, names):
    turned = record(names, 30, 5.0)
    by_head = ("loss", "metric", "val_loss", "val_metric", "loss_weights")
    backwards = {name: dict(reversed(getattr(turned, name).items())) for name in by_head}
    store.append(run, [replace(turned, **backwards)])
    *_, found = store.records(run, lane=0)
    for name in by_head:
        assert getattr(found, name) == getattr(turned, name)
    assert store.results(run)[0].val_loss == tuple(turned.val_loss[name] for name in names)


MIXED = (
    Head(name="priority", metric="AUC"),
    Head(name="dose", metric="mae", better="lower"),
    Head(name="kl", metric=None),
)


def mixed(step, auc, mae, looked=True):
    """A record of heads of which one has no metric, and one is better where it has less."""
    metrics = [auc, mae, float("nan")]
    look = ([1.0, 2.0, -3.0], metrics) if looked else None
    weights = LossWeights().complete(MIXED)
    return Record.of(step, 0, 0, step / 10, [1.0, 2.0, -3.0], metrics, look, weights, 0.1, 0.25)


def test_metrics_have_their_own_names_and_directions_and_may_be_missing(store):
    run = store.add_run(RunConfig(), [LossWeights()], "1-test", heads=MIXED)
    store.append(run, [mixed(10, 0.75, 4.0), mixed(20, 0.5, 5.0), mixed(21, 0.9, 1, looked=False)])
    metrics = ("AUC.priority", "mae.dose")
    titles = [title for title in store.columns(run) if "loss" not in title]
    assert [*titles[-4:]] == [*metrics, *(f"val_{metric}" for metric in metrics)]
    record, _, third = store.records(run)
    assert record.metric == record.val_metric == {"priority": 0.75, "dose": 4.0}
    assert record.loss["kl"] == record.val_loss["kl"] == -3
    assert record.total_loss == 0.25  # 1 + 2 - 3, and what the model itself adds
    assert (third.val_loss, third.val_metric) == (None, None)
    (result,) = store.results(run)
    assert result.val_metric == (0.5, 5.0, None)
    assert result.best == (0.75, 4.0, None)
    assert result.best_worst is None


def test_the_worst_head_is_that_with_most_where_less_is_better(store):
    heads = tuple(Head(name=name, metric="mae", better="lower") for name in ("a", "b"))
    run = store.add_run(RunConfig(), [LossWeights()], "1-test", heads=heads)
    weights = LossWeights().complete(heads)
    for step, values in ((10, [1.0, 4.0]), (20, [2.0, 3.0]), (30, [0.5, 6.0])):
        look = ([0.0, 0.0], values)
        record = Record.of(step, 0, 0, 1, [0.0, 0.0], values, look, weights, 0.1)
        store.append(run, [record])
    assert store.results(run)[0].best_worst == 3
    assert store.results(run)[0].best == (0.5, 3.0)


def test_a_metric_that_was_no_number_once_leaves_the_best_as_it_is(store):
    run = store.add_run(RunConfig(), [LossWeights()], "1-test", heads=MIXED)
    nan = float("nan")
    store.append(run, [mixed(10, nan, 4.0), mixed(20, 0.5, nan), mixed(30, nan, nan)])
    assert store.results(run)[0].best == (0.5, 4.0, None)
    assert store.results(run)[0].val_metric == (None, None, None)


def test_a_record_of_other_heads_is_not_taken(store, run, names):
    with pytest.raises(KeyError):
        store.append(run, [record(("another", *names[1:]), 30, 5.0)])
    assert store.run(run).step == 20


def test_tensorboard_has_their_names_whole(store, run, names, tmp_path):
    formats.write("tensorboard", store, [run], tmp_path)
    told = EventAccumulator(str(tmp_path / run / "lane-0")).Reload()
    tags = {tag for tag in told.Tags()["scalars"] if tag.startswith("loss/")}
    assert tags == {f"loss/{name}" for name in names}


def test_runs_with_other_heads_do_not_fit_into_one_table(store, run):
    other = store.add_run(RunConfig(), [weighted()], "1-test")
    with pytest.raises(ExportError, match="other heads than each other"):
        list(csv_chunks(store, [run, other]))


def test_a_bundle_with_other_heads_than_its_problem_has_is_refused(store, run, tmp_path):
    """Pages know what to show of a problem; this one names the siamese network's settings."""
    store.set_state(run, RunState.FINISHED)
    write(store, [run], tmp_path / "one.run.zip")
    with pytest.raises(ExportError, match="other heads than its problem"):
        import_run(store, tmp_path / "one.run.zip")


def test_gradients_of_so_many_heads_come_back(store, run, names):
    n = len(names)
    grams = np.arange(3 * n * n, dtype=np.float32).reshape(3, n, n)
    store.inside.add_gradients(run, 0, 0, 20, tuple(range(n)), grams)
    (found,) = store.inside.gradients(run)
    assert found.loss_weights == tuple(range(n))
    assert (found.grams == grams).all()


def test_a_bundle_of_version_1_opens_with_the_three_heads_that_there_were(store):
    """The file was written by the program of that version, of the run in `version_4.sqlite`."""
    arrived = import_run(store, PROJECT / "tests" / "stores" / "bundle_1.run.zip").run
    run = store.run(arrived)
    assert (run.name, run.step, names_of(run.heads)) == ("before persons", 20, HEAD_NAMES)
    assert [head.chance for head in run.heads] == [0.01, 0.01, 0.5]
    assert len(list(store.records(arrived))) == 6
    assert store.last_checkpoint(arrived)[0] == 20
