"""A weight map on a real Ray cluster of two nodes, one of which is lost in the middle."""

import subprocess
import sys

import pytest

from core import Engine, RunConfig, RunState
from core.engine import PROJECT
from tests.waiting import until

CONFIG = RunConfig(steps=400, seed=3)
POINTS = 66  # two tasks


@pytest.fixture
def cluster():
    """Two nodes of one core each, as processes of this machine."""
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
    )
    cluster.second = cluster.add_node(num_cpus=1)
    yield cluster
    cluster.shutdown()


def looks(engine, run):
    """Step and validation of each lane's newest look."""
    return {
        result.lane: [result.step, *result.val_loss, *result.val_accuracy]
        for result in engine.store.results(run)
    }


def test_a_map_survives_a_lost_node_and_is_the_local_one(cluster, tmp_path, engine):
    with Engine(tmp_path / "runs.sqlite", ray_address=cluster.address) as remote:
        run = remote.start_map(CONFIG)
        # Both tasks are on their way, one on each node.
        until(lambda: len(looks(remote, run)) == POINTS, timeout=90)
        assert all(step < CONFIG.steps for step, *_ in looks(remote, run).values())
        cluster.remove_node(cluster.second, allow_graceful=False)
        ended = remote.wait(run, timeout=150)
        assert (ended.state, ended.message) == (RunState.FINISHED, "")
        assert (ended.parts_done, len(ended.parts)) == (2, 2)
        found = looks(remote, run)
        records = list(remote.store.records(run))
    local = engine.start_map(CONFIG)
    assert engine.wait(local, timeout=120).state is RunState.FINISHED
    expected = looks(engine, local)
    assert set(found) == set(expected) == set(range(POINTS))
    for lane, values in expected.items():
        assert found[lane] == pytest.approx(values, rel=1e-4, abs=1e-6)
    wanted = {(record.lane, record.step) for record in engine.store.records(local)}
    assert sorted((record.lane, record.step) for record in records) == sorted(wanted)


def test_a_cluster_that_is_not_there_is_told(tmp_path):
    with Engine(tmp_path / "runs.sqlite", ray_address="127.0.0.1:1") as engine:
        run = engine.start_map(RunConfig(steps=20), resolution=1)
        ended = engine.wait(run, timeout=120)
        assert ended.state is RunState.FAILED
        assert "No Ray cluster answers at 127.0.0.1:1" in ended.message
        other = engine.start(RunConfig(steps=20))
        assert engine.wait(other, timeout=60).state is RunState.FINISHED


def test_without_an_address_nothing_of_ray_is_imported():
    script = "import core.worker, sys; print('ray' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "False"
