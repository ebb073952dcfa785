"""The lanes of a race, of which the sliders show the selected one."""

import streamlit as st

from core.run.heads import HEAD_NAMES
from core.run.run import Run
from core.run.weights import RACE_LANES, LossWeights
from dashboard import address
from dashboard.ahead import Ahead, followed
from dashboard.state.said import complain
from dashboard.state.widgets import get, loss_weights, put, renew_keys, set_loss_weights


def lane() -> int:
    """Index of the lane that the sliders show."""
    return st.session_state.get("lane", 0)


def n_lanes() -> int:
    """Number of lanes of the next run, or of the shown one if it has not ended."""
    return len(st.session_state["lanes"])


def lanes() -> list[LossWeights]:
    """The loss weights of all lanes, those of the selected one as the sliders stand."""
    lanes = list(st.session_state["lanes"])
    lanes[lane()] = loss_weights()
    return lanes


def set_lanes(lanes: list[LossWeights], selected: int) -> None:
    """Put the lanes to these, and the sliders to the selected one, or to the last there is."""
    lanes = lanes[:RACE_LANES]
    st.session_state.update(lanes=lanes, ahead_of=None)
    st.session_state["lane"] = min(selected, len(lanes) - 1)
    set_loss_weights(lanes[lane()])
    renew_keys()
    if get(lane_key()) != lane():
        st.session_state["lane_renewals"] = st.session_state.get("lane_renewals", 0) + 1


def lane_key() -> str:
    """Key of the widget that chooses the lane: a new one where the lane was not chosen by it.

    Or else the browser might send the old choice along with something else, and undo the new one.
    """
    return f"lane_choice_{st.session_state.get('lane_renewals', 0)}"


def find_lanes(run: Run | None) -> None:
    """Have the lanes of the shown run, or in a new session those of the address.

    The lanes of a run that has not ended are what they are there: it may have been forked,
    rewound or steered from elsewhere. The sliders follow the selected one, but for those whose
    weight was just sent and is on its way.
    """
    if is_new := "lanes" not in st.session_state:
        st.session_state["lanes"] = [LossWeights()]
        number = st.query_params.get("lane", "")
        if wanted := address.lanes_of(st.query_params.get("lanes", "")):
            set_lanes(wanted, int(number) - 1 if number in ("1", "2", "3", "4") else 0)
    elif opened := st.session_state.pop("opened", None):
        set_loss_weights(opened)
    if run and not run.is_finished:
        of_run = [lane.loss_weights for lane in run.lanes_now][:RACE_LANES]
        known, now = st.session_state.get("lanes_from"), (run.id, len(run.branches), len(of_run))
        st.session_state["lanes_from"] = now
        if len(of_run) == n_lanes() and known in (None, now):
            st.session_state["lanes"] = of_run
            _follow(of_run[lane()])
        else:
            set_lanes(of_run, lane())
    if is_new and n_lanes() > 1:
        st.session_state["opened"] = loss_weights()


def _follow(in_force: LossWeights) -> None:
    if not all(name in st.session_state for name in HEAD_NAMES):
        return  # a new session: they begin where the address has them
    before = loss_weights()
    if (now := followed(before, in_force, _ahead())) != before:
        if in_force == st.session_state.get("in_force"):  # so nobody has steered the run meanwhile
            complain(
                f"The sliders stood at {before.in_short()}, which the run in training was never "
                f"told, and follow it again: {now.in_short()}. Move them here to steer it."
            )
        set_loss_weights(now)
        renew_keys()
    st.session_state["in_force"] = in_force


def _ahead() -> dict[str, Ahead]:
    """The sliders of the selected lane that are ahead of the shown run."""
    of = (st.query_params.get("run"), lane())
    if st.session_state.get("ahead_of") != of:
        st.session_state.update(ahead_of=of, ahead={})
    return st.session_state["ahead"]


def note_sent(weights: dict[str, float]) -> None:
    """Note that weights of the selected lane are on their way to the shown run."""
    in_force = st.session_state["lanes"][lane()]
    for name, weight in weights.items():
        head = _ahead().setdefault(name, Ahead(getattr(in_force, name), []))
        head.sent.append(weight)


def keep_lanes() -> None:
    """Have the lanes in the address, if there are several."""
    if st.session_state.get("opened", loss_weights()) != loss_weights():
        st.rerun()  # a slider has opened at an older value that quick moves left in the address
    st.session_state.pop("opened", None)
    wanted = address.of_lanes(lanes(), lane())
    for name in {"lanes", "lane"} - wanted.keys():
        st.query_params.pop(name, None)
    if wanted.items() - st.query_params.to_dict().items():
        st.query_params.update(wanted)


def adopt(run: Run, selected: int = 0) -> None:
    """Put the widgets to what a run is trained with, the sliders to one of its lanes."""
    set_lanes([lane.loss_weights for lane in run.lanes_now], selected)
    for name, value in run.config.model_dump().items():
        if name in st.session_state:
            put(name, value)
