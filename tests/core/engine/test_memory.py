"""How many lanes fit: the size of a lane against the real model, and what is free."""

import psutil
import pytest

from core import ConfigError, RunConfig
from core.engine.memory import (
    COPIES,
    SHARE,
    check_memory,
    free_in_group,
    free_memory,
    lanes_that_fit,
)
from core.problems.siamese.model import build_model
from core.problems.siamese.size import n_parameters
from core.run.weights import MAX_LANES

CONFIGS = [
    RunConfig(trunk=trunk, distance=distance, embedding_size=size, dataset=dataset)
    for trunk in ("dense", "conv")
    for distance, size, dataset in (
        *(("square", 2, "digits"), ("euclidean", 64, "digits")),
        *(("square", 64, "cifar100"), ("euclidean", 2, "own-7c-10x15x4-0123456789")),
    )
]


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_parameters_are_those_of_the_model(config):
    model = build_model(config, config.facts.image_shape)
    assert n_parameters(config) == sum(
        v.value.shape.num_elements() for v in model.trainable_variables
    )


def test_free_memory_is_about_what_another_library_says():
    if free_in_group() == float("inf"):
        assert free_memory() == pytest.approx(psutil.virtual_memory().available, rel=0.2)
    assert free_memory() <= 1.2 * psutil.virtual_memory().available


def test_a_part_takes_no_more_than_its_share(monkeypatch):
    config = RunConfig(optimizer="adam")
    bytes_a_lane = 4 * n_parameters(config) * 3 * COPIES
    monkeypatch.setattr("core.engine.memory.free_memory", lambda: 200 * bytes_a_lane / SHARE)
    assert lanes_that_fit(config) == 200
    monkeypatch.setattr("core.engine.memory.free_memory", lambda: 0.0)
    assert lanes_that_fit(config) == 1  # slow, not refused
    monkeypatch.setattr("core.engine.memory.free_memory", lambda: 1e15)
    assert lanes_that_fit(config) == MAX_LANES


def test_the_limit_of_a_container_counts(tmp_path):
    assert free_in_group(tmp_path / "none") == float("inf")
    (tmp_path / "memory.current").write_text("300\n")
    (tmp_path / "memory.max").write_text("max\n")
    assert free_in_group(tmp_path) == float("inf")
    (tmp_path / "memory.max").write_text("1000\n")
    assert free_in_group(tmp_path) == 700


def test_more_lanes_than_fit_are_refused_and_it_is_said_how_many_would(monkeypatch):
    monkeypatch.setattr("core.engine.memory.free_memory", lambda: 1e8)
    most = lanes_that_fit(RunConfig())
    assert 1 < most < 100
    check_memory(RunConfig(), most)
    with pytest.raises(ConfigError, match=f"^{most + 1} lanes are refused: .* {most} would fit"):
        check_memory(RunConfig(), most + 1)
