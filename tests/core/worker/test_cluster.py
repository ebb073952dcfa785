"""A weight map on a real Ray cluster of two nodes, one of which is lost in the middle."""

import psutil
import pytest

from core import Engine, RunConfig, RunState
from tests.waiting import until

CONFIG = RunConfig(steps=200, seed=3)
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

        def is_on_both_nodes():
            found = remote.store.run(run)
            assert not found.state.is_finished, found.message
            return len(looks(remote, run)) == POINTS

        until(is_on_both_nodes, timeout=90)
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


def uses_ray(engine):
    """Whether the worker of an engine has loaded Ray's library."""
    return any("_raylet" in f.path for f in psutil.Process(engine.worker_pid).memory_maps())


def test_a_cluster_that_is_not_there_is_told_and_without_an_address_ray_is_not_imported(
    tmp_path, engine
):
    with Engine(tmp_path / "runs.sqlite", ray_address="127.0.0.1:1") as remote:
        run = remote.start_map(RunConfig(steps=20), resolution=1)
        ended = remote.wait(run, timeout=120)
        assert ended.state is RunState.FAILED
        assert "No Ray cluster answers at 127.0.0.1:1" in ended.message
        other = remote.start(RunConfig(steps=20))
        assert remote.wait(other, timeout=60).state is RunState.FINISHED
        assert uses_ray(remote)
    local = engine.start(RunConfig(steps=20))
    assert engine.wait(local, timeout=60).state is RunState.FINISHED
    assert not uses_ray(engine)
