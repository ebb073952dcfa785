"""What a page remembers: the only owner of `st.session_state` and `st.query_params`.

Widgets are bound to the URL under the name of their setting, the run shown is there as `run`, so
that a link reproduces the page.
"""

import streamlit as st

from core.config import HEAD_NAMES, LossWeights, RunConfig
from core.errors import RunNotFound
from core.messages import Run
from dashboard import service

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


def config() -> RunConfig:
    """The settings as the widgets stand; a setting without a widget has its default."""
    shown = {
        name: st.session_state[name] for name in RunConfig.model_fields if name in st.session_state
    }
    return RunConfig(**shown)


def adopt(run: Run, weights: LossWeights) -> None:
    """Put the widgets to what a run is trained with."""
    set_loss_weights(weights)
    renew_keys()
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
    wanted = st.query_params.get("run")
    if not wanted:
        return None
    try:
        return service.store().run(wanted)
    except RunNotFound as error:
        complain(f"{error} The page shows none instead.")
        del st.query_params["run"]
        return None


def show_run(run_id: str) -> None:
    """Let the page show another run."""
    st.query_params["run"] = run_id


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
