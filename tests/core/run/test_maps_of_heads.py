"""Weight maps of two heads, of three, and of three out of more: settings, and what is refused."""

import pytest

from core import ConfigError, LossWeights
from core.run.heads import Head
from core.run.simplex import MapConfig, grid, map_obstacle

NAMES = ("class", "box", "mask", "score", "steps")
HEADS = tuple(Head(name=name, default_weight=1 + place) for place, name in enumerate(NAMES))


def test_two_heads_make_a_line():
    over = MapConfig(resolution=4, total=2).complete(HEADS[:2])
    assert (over.shape, over.n_points, over.n_lanes) == ("line", 5, 5)
    assert over.places == ((4, 0), (3, 1), (2, 2), (1, 3), (0, 4))
    found = [point.root for point in over.points(NAMES[:2])]
    assert found == [{"class": a / 2, "box": 2 - a / 2} for a in (4, 3, 2, 1, 0)]


def test_a_log_spaced_line_is_finer_at_both_ends():
    over = MapConfig(resolution=10, total=1, spacing="log").complete(HEADS[:2])
    shares = [point["class"] for point in over.points(NAMES[:2])]
    assert (shares[0], shares[5], shares[10]) == (1, 0.5, 0)
    # 62.0957 / (62.0957 + 0.58489), which are 100 ** 0.9 - 1 and 100 ** 0.1 - 1
    assert shares[1] == pytest.approx(0.990669, abs=1e-6)
    assert shares[9] == pytest.approx(1 - 0.990669, abs=1e-6)


def test_three_heads_are_told_as_they_always_were():
    over = MapConfig(resolution=3, total=2.5)
    whole = over.complete(HEADS[:3])
    assert whole == over
    told = {"resolution": 3, "total": 2.5, "spacing": "even", "seeds": 1}
    assert whole.model_dump() == told, "neither stores nor routes have anything new"
    assert MapConfig.model_validate_json('{"resolution": 3, "total": 2.5}') == over
    assert (whole.shape, whole.n_points) == ("triangle", 10)


def test_of_five_heads_three_vary_and_the_others_stay():
    asked = MapConfig(resolution=2, heads=("mask", "class", "steps"), others={"score": 0.25})
    over = asked.complete(HEADS)
    assert over.heads == ("class", "mask", "steps"), "in the order of the problem"
    assert over.others.root == {"box": 2, "score": 0.25}, "the default, and what was given"
    points = over.points(NAMES)
    assert len(points) == over.n_points == 6
    assert {tuple(point.root) for point in points} == {NAMES}
    for place, point in zip(grid(2), points, strict=True):
        assert (point["box"], point["score"]) == (2, 0.25)
        assert [point[name] for name in over.heads] == [1.25 * i for i in place]
    assert MapConfig.model_validate_json(over.model_dump_json()) == over, "a store tells all of it"


def test_two_of_three_heads_make_a_line_too():
    over = MapConfig(resolution=1, heads=("class", "mask")).complete(HEADS[:3])
    assert [point.as_tuple() for point in over.points(NAMES[:3])] == [(2.5, 2, 0), (0, 2, 2.5)]


@pytest.mark.parametrize(
    ("covers", "told"),
    [
        ({}, "Name those that are to, such as heads=('class', 'box', 'mask')"),
        ({"heads": ("class",)}, "two or three different heads"),
        ({"heads": ("class", "class", "box")}, "two or three different heads"),
        ({"heads": NAMES[:4]}, "two or three different heads"),
        ({"heads": ("class", "nosuch")}, "'nosuch' is refused"),
        ({"heads": NAMES[:3], "others": {"nosuch": 1}}, "'nosuch' is refused"),
        ({"heads": NAMES[:3], "others": {"box": 1}}, "'box' varies on this map"),
        ({"heads": NAMES[:3], "others": {"score": -1}}, "score = -1 is refused"),
    ],
)
def test_what_makes_no_map_is_refused_in_a_sentence(covers, told):
    with pytest.raises(ConfigError) as error:
        MapConfig(**covers).complete(HEADS)
    assert told in str(error.value)


def test_one_head_has_no_map():
    assert "one loss, class" in map_obstacle(HEADS[:1])
    assert map_obstacle(HEADS[:2]) == map_obstacle(HEADS) == ""
    with pytest.raises(ConfigError, match="nothing to weigh it against"):
        MapConfig().complete(HEADS[:1])


def test_a_map_of_other_heads_has_no_points():
    whole = MapConfig(heads=NAMES[:3], others={"score": 1}).complete(HEADS[:4])
    for names in (NAMES, NAMES[:3], NAMES[:2]):
        with pytest.raises(ConfigError, match="not one of the heads"):
            whole.points(names)
    with pytest.raises(ConfigError, match="not one of the heads"):
        MapConfig().points(NAMES[:2])
    assert isinstance(whole.others, LossWeights)
