"""The lanes of the next run, as the desk shows and moves them; those of a run that trains.

The desk, which is in the browser, tells what was moved there as its state `lanes`; Streamlit sends
that along with whatever else happens, so it is looked at before anything is done with the lanes.
What Python puts into the desk has an edition: a move of an older one is of what was there before.
"""

import secrets
from collections.abc import Mapping

import streamlit as st

from core.problems import heads_of, presets_of
from core.run.config import RunConfig
from core.run.heads import Heads, names_of
from core.run.run import Run
from core.run.weights import RACE_LANES, LossWeights
from dashboard import address
from dashboard.state.said import complain
from dashboard.state.widgets import choose_problem, config, put, with_widget


def lane() -> int:
    """Index of the lane that the desk steers."""
    _hear()
    return st.session_state["lane"]


def n_lanes() -> int:
    """Number of lanes of the next run, or of the shown one if it has not ended."""
    return len(lanes())


def lanes() -> list[LossWeights]:
    """The loss weights of all lanes."""
    _hear()
    return list(st.session_state["lanes"])


def loss_weights() -> LossWeights:
    """Those of the lane that the desk steers."""
    return lanes()[lane()]


def heads() -> Heads:
    """The heads whose weights the lanes are."""
    return heads_of(config())


def session() -> str:
    """A name of the session: a new one where the server was restarted under an open page."""
    return st.session_state.setdefault("session", secrets.token_hex(4))


def heard_at() -> float:
    """When what was heard of the desk last was told, by the clock of the browser."""
    return st.session_state.get("heard_n", 0)


def edition() -> str:
    """Of what the desk is to show; another one each time that Python puts something there."""
    return st.session_state["edition"]


def set_lanes(lanes: list[LossWeights], selected: int) -> None:
    """Put the lanes to these, and the desk to the selected one, or to the last there is."""
    lanes = lanes[:RACE_LANES]
    st.session_state.update(
        lanes=lanes, lane=min(selected, len(lanes) - 1), edition=secrets.token_hex(4)
    )


def set_loss_weights(weights: LossWeights) -> None:
    """Put the lane that the desk steers to these."""
    moved = lanes()
    moved[lane()] = weights
    set_lanes(moved, lane())
    st.session_state.update(untold=True, adopted=None)


def find_lanes(run: Run | None, shown: Run | None = None) -> None:
    """Have the lanes of the shown run; where it has ended or there is none, those of the next one.

    What a run that has not ended is trained with is what it is: it may have been forked, rewound or
    steered from elsewhere, and its live settings may have been changed. Call it before anything
    else asks for lanes, and before the widgets are drawn.

    Args:
        run: The run that the desk steers, if there is one.
        shown: Another one, whose problem is chosen where the address is opened and names none.
    """
    if st.session_state.pop("opening", False) or "lanes" not in st.session_state:
        if shown and "problem" not in st.query_params:
            _choose_problem_of(shown)
        _open(run)
    if run and not run.is_finished:
        _choose_problem_of(run)
    if names_of(heads()) != tuple(st.session_state["lanes"][0].root):  # of another problem
        set_lanes([presets_of(config())[0].weights], 0)
    if run and not run.is_finished:
        _follow(run)
    elif run and st.session_state.get("lanes_from") == run.id:
        _take(run)  # as it was trained in the end
        st.session_state["lanes_from"] = None
    else:
        st.session_state["lanes_from"] = None
    _hear()


def _open(run: Run | None) -> None:
    query = st.query_params.to_dict()
    if run and query.get("settings") != "own":
        _choose_problem_of(run)
    race = address.lanes_of(query.get("lanes", ""), config())
    names_lanes = race or query.keys() & set(address.keys_of(config()).values())
    if run and not names_lanes:
        opened = [lane.loss_weights for lane in run.lanes_now]
    else:
        opened = race or [address.weights_of(query, config())]
    set_lanes(opened, address.lane_of(query, len(opened)))
    if run and query.get("settings") != "own":
        _take_settings(run, set(with_widget(type(run.config))) - _named(query, run.config))
    st.session_state.update(
        lanes_from=None, untold=False, adopted=run and not names_lanes and run.id
    )


def _named(query: Mapping[str, str], config: RunConfig) -> set[str]:
    """Settings that an address names itself, and that may be so: it goes before the run it names.

    One that was chosen and left before the script had seen it stands in the address alone.
    """
    return {name for name, text in query.items() if _is_allowed(type(config), name, text)}


def _is_allowed(kind: type[RunConfig], name: str, text: str) -> bool:
    try:
        kind.model_validate({name: text})
    except ValueError:
        return False
    return True


def _choose_problem_of(run: Run) -> None:
    """Have the problem of a run be chosen, where it can be trained here."""
    problem = run.config.problem
    if problem != config().problem and not run.config.obstacle:
        choose_problem(problem)


def _follow(run: Run) -> None:
    before, selected = st.session_state["lanes"], st.session_state["lane"]
    is_seen = st.session_state.get("lanes_from") == run.id
    _take(run)
    st.session_state["lanes_from"] = run.id
    if not is_seen and st.session_state.get("untold") and st.session_state["lanes"] != before:
        complain(
            f"The sliders stood at {before[selected].in_short()}, which the run in training was "
            f"never told, and follow it again: {loss_weights().in_short()}. Move them here to "
            "steer it."
        )
    st.session_state["untold"] = False


def _take(run: Run) -> None:
    lanes = [lane.loss_weights for lane in run.lanes_now][:RACE_LANES]
    st.session_state["lanes"] = lanes
    st.session_state["lane"] = min(st.session_state["lane"], len(lanes) - 1)
    _take_settings(run, run.config.live_names())


def _take_settings(run: Run, names) -> None:
    """Put the widgets to settings of a run, those that are others than when it was last seen."""
    if run.config.problem != config().problem:
        return
    before = st.session_state.get("seen_settings")
    seen = (run.id, run.config)
    st.session_state["seen_settings"] = seen
    for name in set(names) & set(with_widget(type(config()))):
        value = getattr(run.config, name)
        if before is None or before[0] != run.id or getattr(before[1], name) != value:
            put(name, value)


def _told() -> dict | None:
    return getattr(st.session_state.get("desk"), "lanes", None)


def _hear() -> None:
    """Take what was moved at the desk; while it steers a run, that is which lane it steers."""
    told = _told()
    if not told or told["edition"] != edition() or told["n"] <= heard_at():
        return
    steers = st.session_state.get("lanes_from")
    if told["steers"] is None:
        if steers:
            return  # until the script has seen that the run has ended
        names = st.session_state["lanes"][0].root
        rows = [dict(zip(names, row, strict=True)) for row in told["lanes"]][:RACE_LANES]
        lanes = [LossWeights(row) for row in rows]
        st.session_state.update(lanes=lanes, untold=True, adopted=None)
    n_lanes = len(st.session_state["lanes"])
    st.session_state.update(heard_n=told["n"], lane=max(0, min(told["lane"], n_lanes - 1)))


def keep_lanes(run: Run | None) -> None:
    """Have the lanes in the address, but for what opening it finds out anyway."""
    several = {"lane": str(lane() + 1)} if n_lanes() > 1 else {}
    chosen = config()
    if run is None:
        wanted = address.of_lanes(lanes(), lane(), chosen, presets_of(chosen)[0].weights)
    elif not run.is_finished or lanes() == [of.loss_weights for of in run.lanes_now][:RACE_LANES]:
        wanted = several
    else:
        wanted = address.of_lanes(lanes(), lane(), chosen)
    if run and differs(chosen, run.config):
        wanted["settings"] = "own"
    for name in st.query_params.to_dict().keys() - wanted.keys():
        if name == "settings" or address.is_of_lanes(name):
            st.query_params.pop(name)
    if wanted.items() - st.query_params.to_dict().items():
        st.query_params.update(wanted)


def differs(chosen: RunConfig, config: RunConfig) -> bool:
    """Whether settings that have a widget are others than those of a run."""
    names = ("problem", *with_widget(type(chosen)))
    return any(getattr(chosen, name) != getattr(config, name, None) for name in names)


def adopted() -> str | None:
    """The run that the lanes and settings are of, as long as nobody has moved them since."""
    return st.session_state.get("adopted")


def adopt(run: Run, selected: int = 0) -> None:
    """Put the widgets to what a run is trained with, the desk to one of its lanes."""
    _choose_problem_of(run)
    set_lanes([lane.loss_weights for lane in run.lanes_now], selected)
    st.session_state.update(adopted=run.id, untold=False, seen_settings=None)
    _take_settings(run, with_widget(type(run.config)))


def note_training() -> None:
    """Note that a run was started with what the desk shows."""
    st.session_state.update(untold=False, adopted=None)
