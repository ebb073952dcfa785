"""A small part of the hostile campaign; `python3 -m tests.benchmarks hostile` is all of it."""

import random

from tests.benchmarks.hostile import campaign, mutated


def test_hostile_requests_and_files_do_no_harm(tmp_path):
    # Frames to the WebSocket have a test of their own.
    answers, faults = campaign(tmp_path, seed=1, n_requests=400, n_files=80, n_frames=0)
    assert faults == []
    assert answers.total() == 401
    assert min(answers[status] for status in ("200", "400", "404")) > 20


def test_a_seed_settles_what_is_sent():
    one, other = (mutated(b"0123456789" * 9, random.Random(seed)) for seed in (3, 3))
    assert one == other != b"0123456789" * 9
