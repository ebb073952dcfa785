"""Which sliders follow a run: those that nothing was sent of, or that it has caught up with."""

from core import LossWeights
from dashboard.ahead import Ahead, followed

BEGAN = LossWeights()  # 1, 1, 0.5


def test_what_somebody_else_has_moved_is_followed():
    others = LossWeights(ctg_out_1=0.25, bin_out=2)
    assert followed(BEGAN, others, {}) == others


def test_a_slider_that_is_ahead_stays_and_the_others_follow():
    ahead = {"bin_out": Ahead(0.5, [0.9])}
    sliders = BEGAN.moved({"bin_out": 0.9})
    others = BEGAN.moved({"ctg_out_1": 0.25})
    assert followed(sliders, others, ahead) == others.moved({"bin_out": 0.9})
    assert set(ahead) == {"bin_out"}


def test_it_is_ahead_until_the_last_that_was_sent_is_in_force():
    ahead = {"bin_out": Ahead(0.5, [0.6, 0.7, 0.6, 0.8])}
    sliders = BEGAN.moved({"bin_out": 0.8})
    for in_force in (0.5, 0.6, 0.7, 0.7):
        assert followed(sliders, BEGAN.moved({"bin_out": in_force}), ahead) == sliders
    assert followed(sliders, sliders, ahead) == sliders
    assert ahead == {}
    elsewhere = BEGAN.moved({"bin_out": 0.1})
    assert followed(sliders, elsewhere, ahead) == elsewhere


def test_what_was_moved_again_elsewhere_before_it_was_seen_is_followed():
    ahead = {"bin_out": Ahead(0.5, [0.9])}
    elsewhere = BEGAN.moved({"bin_out": 0.1})
    assert followed(BEGAN.moved({"bin_out": 0.9}), elsewhere, ahead) == elsewhere
    assert ahead == {}


def test_what_was_moved_there_and_back_is_not_ahead_for_ever():
    ahead = {"bin_out": Ahead(0.5, [0.9, 0.5])}
    assert followed(BEGAN, BEGAN, ahead) == BEGAN
    assert ahead == {}
