"""What an address asks for that cannot be used: told on every page, with what is taken instead."""

import pytest
from streamlit.testing.v1 import AppTest

from core.places import PROJECT
from tests.dashboard.reading import read

pytestmark = pytest.mark.usefixtures("page_engine")


def told(page="", **parameters):
    """What the page, opened by a link with these query parameters, says of it; the page as well."""
    test = AppTest.from_file(PROJECT / "dashboard" / "main.py", default_timeout=60)
    for name, value in parameters.items():
        test.query_params[name] = value
    test.run()
    if page:
        test.switch_page(f"{page}/page.py").run()
    assert not test.exception
    return [read(warning) for warning in test.warning], test


@pytest.mark.parametrize(
    ("name", "text", "allowed", "taken"),
    [
        ("bin_out", "1e6", "a finite number from 0 to 1,000", "0.5"),
        ("bin_out", "nan", "a finite number from 0 to 1,000", "0.5"),
        ("bin_out", "0,5", "a finite number from 0 to 1,000", "0.5"),
        ("steps", "0", "a whole number from 1 to 1,000,000 steps", "1500"),
        ("seed", "99999999999", "a whole number from 0 to 2,147,483,647", "0"),
        ("trunk", "resnet", "'dense' or 'conv'", "dense"),
        ("learning_rate", "-1", "a finite number from 1e-07 to 100", "0.05"),
        ("lanes", "1,1,x;1,1,0", "2 to 4 lanes", "one lane"),
        ("x", "hours", "", "step"),
        ("log_loss", "maybe", "", "False"),
        ("smoothing", "7", "", "0.6"),
    ],
)
def test_each_is_named_with_what_is_allowed_and_what_is_taken(name, text, allowed, taken):
    (sentence,), page = told(**{name: text})
    assert sentence.startswith(f"The address asks for what cannot be used: {name} = {text!r}")
    assert allowed in sentence
    assert sentence.endswith(f"taken is {taken}.")
    if name == "bin_out":
        assert str(page.session_state["lanes"][0].bin_out) == taken
    elif name != "lanes":
        assert str(page.session_state[name]) == taken


def test_all_are_in_one_sentence_which_stays_until_another_run_is_shown():
    (sentence,), page = told(bin_out="1e6", steps="0", seed="7")
    assert "steps = '0'" in sentence
    assert "; bin_out = '1e6'" in sentence
    assert "seed" not in sentence
    page.run()
    assert [read(warning) for warning in page.warning] == [sentence]


@pytest.mark.parametrize(
    ("problem", "name", "heads"),
    [
        ("siamese", "weight.nosuch", "ctg_out_1, ctg_out_2, bin_out"),
        ("siamese", "weight.bin_out", "ctg_out_1, ctg_out_2, bin_out"),
        ("autoencoder", "bin_out", "weight.reconstruction, weight.kl, weight.class"),
        ("autoencoder", "weight.nosuch", "weight.reconstruction, weight.kl, weight.class"),
    ],
)
def test_a_weight_of_a_head_that_the_problem_has_not_is_told(problem, name, heads):
    (sentence,), page = told(problem=problem, **{name: "3"})
    assert f"{name} = '3' (the heads are {heads}), left out" in sentence
    assert 3 not in page.session_state["lanes"][0].as_tuple()


def test_a_lane_that_is_not_there_is_told():
    (sentence,), _ = told(lanes="1,1,0.5;0,0,1", lane="7")
    assert "lane = '7' (allowed is 1 to 2), taken is 1" in sentence


def test_what_can_be_used_is_not_told():
    for parameters in (
        {},
        {"bin_out": "0.50", "steps": "20", "log_loss": "true", "x": "seconds"},
        {"lanes": "1,1,0.5;0,0,1", "lane": "2", "bin_out": "0.5"},
        {"unheard_of": "1"},
    ):
        assert told(**parameters)[0] == []
