"""What a page remembers: the only owner of `st.session_state` and `st.query_params`.

Widgets are bound to the URL under the name of their setting, the run shown is there as `run`, the
lanes of a race as `lanes` and `lane`, so that a link reproduces the page. The sliders are those of
the selected lane.
"""

from contextlib import suppress

import streamlit as st

from core.errors import ConfigError, RunNotFound
from core.run.config import RunConfig
from core.run.heads import HEAD_NAMES
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.weights import RACE_LANES, LossWeights
from dashboard import address, service

# Fast enough to reach the end in five seconds, slow enough to steer on the way.
WATCHABLE = 300


def default(name: str):
    """Where a setting's widget begins."""
    return WATCHABLE if name == "steps_per_second" else RunConfig.model_fields[name].default


def loss_weights() -> LossWeights:
    """The loss weights as the sliders stand."""
    return LossWeights(**{name: st.session_state[name] for name in HEAD_NAMES})


def set_loss_weights(weights: LossWeights) -> None:
    """Put the sliders to these loss weights."""
    for name in HEAD_NAMES:
        put(name, getattr(weights, name))


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
    st.session_state["lanes"] = lanes
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
    rewound or steered from elsewhere. Unless it was forked or rewound, the sliders stay, since
    what they say may be on its way to the worker.
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
        else:
            set_lanes(of_run, lane())
    if is_new and n_lanes() > 1:
        st.session_state["opened"] = loss_weights()


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


def config() -> RunConfig:
    """The settings as the widgets stand; a setting without a widget has its default."""
    values = {
        name: st.session_state[name] for name in RunConfig.model_fields if name in st.session_state
    }
    return RunConfig(**values)


def map_settings() -> MapConfig:
    """What a weight map would cover, as the widgets stand."""
    return MapConfig(**{name: st.session_state[name] for name in MapConfig.model_fields})


def map_config() -> RunConfig:
    """The settings of a weight map as the widgets stand: its number of steps is its own."""
    return config().model_copy(update={"steps": st.session_state["map_steps"]})


def in_address(name: str) -> str | None:
    """What the address says under a name, which need not be allowed."""
    return st.query_params.get(name)


def put_in_address(name: str, text: str) -> None:
    """Let the address say this under a name; nothing, also on the way back, if it is empty."""
    if text:
        st.query_params[name] = text
    else:
        st.query_params.pop(name, None)
        st.session_state.pop(f"shown_{name}", None)


def greatest_weight(least: float) -> float:
    """Where the sliders end: at `least`, or at the greatest weight they have had to show.

    Call it before the sliders are drawn.
    """
    if is_settling():
        set_loss_weights(st.session_state.pop("longer"))
    before = st.session_state.get("greatest_weight", least)
    weights = [before]
    for name in HEAD_NAMES:
        with suppress(ConfigError):
            weight = st.session_state.get(name, st.query_params.get(name, 0))
            weights.append(getattr(LossWeights(**{name: weight}), name))
    if max(weights) > before and all(name in st.session_state for name in HEAD_NAMES):
        st.session_state["longer"] = loss_weights()
    st.session_state["greatest_weight"] = max(weights)
    return max(weights)


def is_settling() -> bool:
    """Whether the sliders have grown longer, so that the script must run once more.

    They are new widgets then, which may begin with what the address says, and whose values come
    into the address only if they are put to them once more.
    """
    return "longer" in st.session_state


def adopt(run: Run, selected: int = 0) -> None:
    """Put the widgets to what a run is trained with, the sliders to one of its lanes."""
    set_lanes([lane.loss_weights for lane in run.lanes_now], selected)
    for name, value in run.config.model_dump().items():
        if name in st.session_state:
            put(name, value)


def get(name: str):
    """A widget's value, None where it has none yet."""
    return st.session_state.get(name)


def put(name: str, value) -> None:
    """Set a widget's value, before it is drawn or in a callback."""
    st.session_state[name] = value


def renewed_key(name: str) -> str:
    """A key under which a widget begins anew after each `renew_keys`."""
    return f"{name}_{st.session_state.get('renewals', 0)}"


def renew_keys() -> None:
    """Let the widgets with a `renewed_key` begin anew."""
    st.session_state["renewals"] = st.session_state.get("renewals", 0) + 1


def run() -> Run | None:
    """The run that the page shows, if there is one."""
    run_shown = _shown("run")
    if run_shown is not None and run_shown.map is not None:
        complain(f"Run {run_shown.id} is a weight map: see it on the page Map.")
        put_in_address("run", "")
        return None
    return run_shown


def show_run(run_id: str) -> None:
    """Let the page show another run."""
    st.query_params["run"] = run_id


def map_run() -> Run | None:
    """The weight map that the page shows, if there is one."""
    map_shown = _shown("map")
    if map_shown is not None and map_shown.map is None:
        complain(f"Run {map_shown.id} is not a weight map: see it on the page Explore.")
        put_in_address("map", "")
        return None
    return map_shown


def show_map(run_id: str) -> None:
    """Let the page show another weight map, with none of its points picked."""
    st.query_params["map"] = run_id
    st.query_params.pop("point", None)


def picked() -> int | None:
    """Index of the point of the map that is picked, if there is one."""
    text = st.query_params.get("point", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def pick(point: int) -> None:
    """Let the page show a point of the map."""
    st.query_params["point"] = str(point)


def keep_address(*own: str) -> None:
    """Have what a page shows, under its `own` names, there again after a look at another page."""
    for name in ("run", "map", "runs", "list", "baseline"):
        key = f"shown_{name}"
        if name in st.query_params:
            st.session_state[key] = st.query_params[name]
            if name not in own:
                del st.query_params[name]
        elif name in own and key in st.session_state:
            st.query_params[name] = st.session_state[key]


def take_leave() -> str | None:
    """The address that the browser is to go to, if there is one."""
    return st.session_state.pop("leaving", None)


def _shown(name: str) -> Run | None:
    wanted = st.query_params.get(name)
    if not wanted:
        return None
    try:
        return service.store().run(wanted)
    except RunNotFound as error:
        complain(f"{error} The page shows none instead.")
        put_in_address(name, "")
        return None


def complain(problem: str) -> None:
    """Keep a problem, in a sentence, to be shown once."""
    st.session_state["problem"] = problem


def take_problem() -> str | None:
    """The problem to be shown, if there is one."""
    return st.session_state.pop("problem", None)


def tell_script_error(error: Exception) -> bool:
    """Show in a sentence what nobody foresaw; Streamlit has put the details on the terminal."""
    st.error(
        f"The page hit an unforeseen error ({type(error).__name__}); the terminal has the "
        "details. Runs go on and records are kept: reload the page."
    )
    return True
