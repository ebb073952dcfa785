"""The run that comes with the program: its routes tell of it as of any other."""

from core import RunConfig
from dashboard.service import EXAMPLE
from tests.dashboard.api.answers import strict
from tests.waiting import until

RECORDS, INSIDE = f"/api/runs/{EXAMPLE}/records", f"/api/runs/{EXAMPLE}/inside"


def shape(value):
    """What there is in an answer, without the values."""
    return {name: shape(one) for name, one in value.items()} if isinstance(value, dict) else None


def test_it_is_told_in_the_form_of_any_other_run(client, trainer):
    """If this fails, make its file anew: `python3 -m dashboard.api.make_example`."""
    run = trainer.start(RunConfig(steps=20))
    trainer.wait(run, 60)
    inside = f"/api/runs/{run}/inside"
    until(lambda: strict(client.get(inside, params={"watch": 1}))["columns"]["step"], 60)
    for name in ("records", "inside"):
        example, other = (strict(client.get(f"/api/runs/{one}/{name}")) for one in (EXAMPLE, run))
        for kept in (example, other):
            kept.pop("snapshot", None)
            kept["run"].pop("config"), kept.pop("broke", None)
        assert shape(example) == shape(other), name


def test_it_is_the_default_run_to_its_end(client):
    told = strict(client.get(RECORDS))
    assert RunConfig(**told["run"]["config"]) == RunConfig(steps_per_second=300)
    assert told["run"]["id"] == EXAMPLE
    assert told["run"]["is_finished"]
    columns = told["columns"]
    assert columns["step"][-1] == 1500
    assert min(columns[f"val_accuracy.{head}"][-1] for head in ("ctg_out_1", "bin_out")) > 0.9
    assert not any(told["run"]["can"].values())


def test_after_its_cursor_there_is_nothing_more(client):
    for path in (RECORDS, f"{INSIDE}?lane=0&pair=0"):
        told = strict(client.get(path))
        again = strict(client.get(path, params={"after": told["cursor"]}))
        assert told["columns"]["step"]
        assert {name: [] for name in told["columns"]} == again["columns"]


def test_its_snapshot_is_told_once_and_other_pairs_are_not_kept(client):
    told = strict(client.get(INSIDE))
    assert len(told["snapshot"]["labels"]) == 512
    assert told["told"] == ""
    again = strict(client.get(INSIDE, params={"seen": told["token"], "pair": 3}))
    assert again["snapshot"] is None
    assert "the first pair alone" in again["told"]
    pictures = client.get(f"/api/runs/{EXAMPLE}/pictures")
    assert pictures.content.startswith(b"\x89PNG")
