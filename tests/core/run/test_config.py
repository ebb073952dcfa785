"""Settings and loss weights: the defaults, and the refusal of everything else."""

import math
import typing
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import ConfigError, LossWeights, RunConfig
from core.problems.siamese.heads import HEAD_NAMES, OUTPUTS
from core.problems.siamese.settings import SiameseConfig
from core.run.config import EVALUATION_PAIRS, LIVE_SETTINGS
from core.run.settings import bounds
from core.run.weights import MAX_LANES, checked_lanes
from tests.siamese import HEADS, weighted

NUMBERS = [
    name for name, field in SiameseConfig.model_fields.items() if field.annotation in (int, float)
]
CHOICES = [name for name in SiameseConfig.names() if name not in (*NUMBERS, "dataset")]


# Defaults


def test_heads_and_weights_are_the_articles():
    assert HEAD_NAMES == ("ctg_out_1", "ctg_out_2", "bin_out")
    assert LossWeights().complete(HEADS).as_tuple() == (1.0, 1.0, 0.5)
    assert [head.n_classes(100) for head in OUTPUTS] == [100, 100, 2]


def test_settings_default_to_what_the_issue_fixes():
    fixed = {
        "dataset": "digits",
        "trunk": "dense",
        "embedding_size": 64,
        "distance": "square",
        "dropout": 0.5,
        "optimizer": "sgd",
        "learning_rate": 0.05,
        "momentum": 0.9,
        "batch_size": 64,
        "steps": 1500,
        "seed": 0,
    }
    assert RunConfig().model_dump(include=set(fixed)) == fixed
    assert RunConfig().n_classes == 100


def test_live_is_what_changes_neither_a_shape_nor_the_graph():
    assert set(LIVE_SETTINGS) == {"learning_rate", "momentum", "steps", "steps_per_second"}


@pytest.mark.parametrize("name", SiameseConfig.names())
def test_every_setting_says_what_it_is(name):
    field = SiameseConfig.model_fields[name]
    assert field.description.endswith(".")
    assert set(field.json_schema_extra) == {"short", "live", "unit", "in_words"}


def test_a_run_is_called_by_what_differs_from_the_defaults():
    assert RunConfig().in_short() == RunConfig(steps_per_second=50).in_short() == ""
    assert RunConfig(learning_rate=0.01).in_short() == "sgd 0.01"
    several = RunConfig(trunk="conv", optimizer="adam", image_noise=0.25, seed=7, steps=300)
    assert several.in_short() == "noise 0.25 · conv · adam 0.05 · steps 300 · seed 7"


@pytest.mark.parametrize("name", [*SiameseConfig.names()])
def test_two_runs_that_differ_in_what_is_trained_are_called_otherwise(name):
    field = SiameseConfig.model_fields[name]
    choices = getattr(field.annotation, "__args__", ())
    other = {
        "dataset": "mnist",
        "label_noise": 0.25,
        "dropout": 0.25,
        "same_share": 0.25,
        "hard_share": 0.25,
    }
    value = other.get(name, choices[1] if len(choices) > 1 else None)
    if value is None:
        value = type(field.default)(field.default / 2 or 1)
    named = RunConfig(**{name: value}).in_short()
    assert bool(named) == (name not in ("steps_per_second", "record_every", "eval_every"))


def test_weights_in_short():
    assert LossWeights(ctg_out_1=1, ctg_out_2=0, bin_out=0.25).in_short() == "1, 0, 0.25"


# Refusals


@given(
    st.sampled_from(HEAD_NAMES),
    st.one_of(
        st.floats(max_value=0, exclude_max=True),
        st.floats(min_value=1000, exclude_min=True),
        st.sampled_from([math.nan, math.inf, -math.inf, None, "heavy", [1], 10**400]),
    ),
)
def test_a_bad_weight_is_refused_with_field_value_range_and_default(head, value):
    with pytest.raises(ValueError, match="is refused") as told:
        LossWeights(**{head: value})
    message = str(told.value)
    assert isinstance(told.value, ConfigError)
    assert message.startswith(f"{head} = {value!r:.80} is refused: ")
    assert message.endswith("Allowed: a finite number from 0 to 1,000.")


@given(st.tuples(*[st.floats(0, 1000)] * 3))
def test_any_other_weight_is_taken_as_it_is(weights):
    assert LossWeights(**dict(zip(HEAD_NAMES, weights, strict=True))).as_tuple() == weights


def test_an_unknown_head_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"^'bin' is refused: .* ctg_out_1, ctg_out_2, bin_out"):
        LossWeights(bin=1).complete(HEADS)


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("side", ["low", "high"])
def test_a_number_may_be_at_its_bounds_and_not_beyond(name, side):
    field = SiameseConfig.model_fields[name]
    low, high = bounds(field)
    bound, outward = (low, -math.inf) if side == "low" else (high, math.inf)
    assert getattr(RunConfig(**{name: bound}), name) == bound
    if field.annotation is int:
        beyond = bound + int(math.copysign(1, outward))
    else:
        beyond = math.nextafter(bound, outward)
    for value in (beyond, outward, math.nan, None, "many"):
        with pytest.raises(ConfigError) as told:
            RunConfig(**{name: value})
        message = str(told.value)
        assert message.startswith(f"{name} = {value!r} is refused: ")
        assert f" from {low:,} to {high:,}" in message
        assert message.endswith(f"The default is {field.default!r}.")


@pytest.mark.parametrize("name", CHOICES)
def test_of_a_choice_only_the_named_values_are_taken(name):
    field = SiameseConfig.model_fields[name]
    choices = typing.get_args(field.annotation)
    assert field.default in choices
    for choice in choices:
        assert getattr(RunConfig(**{name: choice}), name) == choice
    for value in ("unheard of", "", None, 1, choices[0].upper()):
        with pytest.raises(ConfigError) as told:
            RunConfig(**{name: value})
        message = str(told.value)
        assert message.startswith(f"{name} = {value!r} is refused: ")
        assert f"Allowed: {' or '.join(map(repr, choices))}. " in message
        assert message.endswith(f"The default is {field.default!r}.")


@pytest.mark.parametrize("name", NUMBERS)
def test_whole_numbers_are_whole(name):
    if SiameseConfig.model_fields[name].annotation is int:
        with pytest.raises(ConfigError, match=rf"{name} = 10\.5 is refused: .*a whole number"):
            RunConfig(**{name: 10.5})


def test_an_unknown_setting_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"^rate is not a setting of RunConfig\. .*learning_rate"):
        RunConfig(rate=0.1)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(ConfigError) as told:
        RunConfig(steps=0, dataset="faces", momentum=-1)
    for field in ("steps = 0", "dataset = 'faces'", "momentum = -1"):
        assert field in str(told.value)


def test_a_long_value_is_cut_short():
    with pytest.raises(ConfigError) as told:
        RunConfig(steps="9" * 100_000)
    assert len(str(told.value)) < 400


@pytest.mark.parametrize(("model", "name"), [(RunConfig, "steps"), (LossWeights, "bin_out")])
def test_bad_json_is_a_value_error_too(model, name):
    with pytest.raises(ValueError, match=name):
        model.model_validate_json(f'{{"{name}": -1}}')


def test_settings_do_not_change():
    for settings, name in ((RunConfig(), "steps"), (LossWeights(bin_out=1), "root")):
        with pytest.raises(ValueError, match="frozen"):
            setattr(settings, name, getattr(settings, name))


# Lanes


def listlike(length, item=None):
    """Something of that length which holds nothing."""
    return type("Listlike", (), {"__len__": lambda self: length, "__getitem__": item})()


@pytest.mark.parametrize("count", [1, 2, 66, MAX_LANES])
def test_lanes_are_given_back_as_a_list(count):
    lanes = tuple(LossWeights(bin_out=i / 10) for i in range(count))
    whole = [weighted(bin_out=i / 10) for i in range(count)]
    assert checked_lanes(lanes, HEADS) == whole


@pytest.mark.parametrize(
    ("lanes", "told"),
    [
        ([], r"^lanes: 0 lanes are refused: allowed are 1 to 1024\. Split "),
        ([LossWeights()] * 1025, r"^lanes: 1025 lanes are refused: allowed are 1 to 1024\. Split "),
        (range(10**9), r"^lanes: 1000000000 lanes are refused: allowed are 1 to 1024\. Split "),
        (listlike(10**9), r"^lanes: 1000000000 lanes are refused: allowed are 1 to 1024\. Split "),
        (range(10**30), r"^lanes = range\(0, 10{30}\) is refused: .* give \[LossWeights\(\)\]"),
        (3, r"^lanes = 3 is refused: expected a list of LossWeights.* give \[LossWeights\(\)\]"),
        (LossWeights(), r"^lanes = LossWeights.* is refused: .* give \[LossWeights\(\)\]"),
        (iter([LossWeights()]), r"^lanes = <list_iterator.* is refused: expected a list"),
        ([LossWeights(), (1, 1, 0.5)], r"^lanes\[1\] = \(1, 1, 0\.5\) is refused: expected Loss"),
        ([SimpleNamespace(bin_out=1)], r"^lanes\[0\] = namespace\(bin_out=1\) is refused"),
        ("lanes", r"^lanes\[0\] = 'l' is refused: expected LossWeights, such as LossWeights\(ctg"),
    ],
)
def test_anything_else_is_refused(lanes, told):
    with pytest.raises(ConfigError, match=told):
        checked_lanes(lanes, HEADS)


# Intervals


@given(st.integers(1, 1024), st.integers(1, 1_000_000))
def test_looking_costs_at_most_a_tenth_of_training(batch_size, eval_every):
    config = RunConfig(batch_size=batch_size, eval_every=eval_every)
    # Ten times as many pairs are trained on as are looked at, and a look costs less a pair.
    assert config.eval_interval * batch_size >= 10 * EVALUATION_PAIRS
    if config.eval_interval > eval_every:  # raised no further than it has to be
        assert (config.eval_interval - 1) * batch_size < 10 * EVALUATION_PAIRS
    else:
        assert config.eval_interval == eval_every


@pytest.mark.parametrize(
    ("batch_size", "eval_every", "interval"),
    [(64, 100, 100), (64, 1, 80), (1, 50, 5120), (1024, 1, 5), (511, 1, 11), (32, 159, 160)],
)
def test_intervals_of_looks_by_hand(batch_size, eval_every, interval):
    # 512 pairs * 10 / 64 = 80; 5120 / 1; 5120 / 1024 = 5; 5120 / 511 = 10.02; 5120 / 32 = 160
    assert RunConfig(batch_size=batch_size, eval_every=eval_every).eval_interval == interval


@given(st.integers(1, 1_000_000), st.integers(1, 1000))
def test_a_lane_gets_at_most_ten_thousand_records(steps, record_every):
    interval = RunConfig(steps=steps, record_every=record_every).record_interval
    assert steps / interval <= 10_000
    assert interval >= record_every
    if interval > record_every:
        assert steps / (interval - 1) > 10_000
