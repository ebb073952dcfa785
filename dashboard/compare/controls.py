"""Widgets that choose runs to compare, a baseline, and how curves are drawn."""

from datetime import datetime

import streamlit as st

from core.analysis.comparison import MOST_CURVES, Curve, curves_of
from core.errors import RunNotFound
from core.run.run import Run
from dashboard import service, state

OFFERED = 50  # newest runs
NONE = "none"


def found_runs() -> tuple[list[Run], list[str]]:
    """The runs that the address names, and a sentence for each that cannot be compared."""
    runs: list[Run] = []
    problems: list[str] = []
    for wanted in dict.fromkeys(wanted_ids()):
        if len(runs) == MOST_CURVES:
            problems.append(f"{MOST_CURVES} runs can be compared at once: these are the first.")
            break
        try:
            run = service.store().run(wanted)
        except RunNotFound:
            problems.append(f"There is no run {wanted[:40]!r} (any more). The others are shown.")
            continue
        if run.map is None:
            runs.append(run)
        else:
            problems.append(
                f"Run {run.id} is a weight map, with a curve for each of its points: see it on the "
                "page Map, where a click on a point trains a run that can be compared."
            )
    return runs, problems


def wanted_ids() -> list[str]:
    """The ids that the address names, in its order."""
    text = state.in_address("runs") or ""
    return [run for run in text[:2000].split(",") if run]


def chosen_curves(runs: list[Run]) -> tuple[list[Curve], str]:
    """The curves of these runs, `MOST_CURVES` at most, and a sentence if there are more."""
    curves = [curve for run in runs for curve in curves_of(run)]
    if len(curves) <= MOST_CURVES:
        return curves, ""
    left_out = curves[MOST_CURVES:]
    return curves[:MOST_CURVES], (
        f"{MOST_CURVES} curves can be told apart; a lane of a race counts as one. Left out are the "
        f"last {len(left_out)} of {len(curves)}, from {left_out[0].name} on: choose fewer runs."
    )


def run_choice(runs: list[Run]) -> None:
    """Choose among the newest runs; what is chosen is in the address as `runs`."""
    offered = [run for run in service.store().runs() if run.map is None][:OFFERED]
    known = {run.id: run for run in (*runs, *offered)}
    chosen = [run.id for run in runs]
    # A new widget where the address has other runs than it chose: its old value must not win.
    if state.get("runs_chosen") != chosen:
        state.put("runs_chosen", chosen)
        state.put("runs_renewals", (state.get("runs_renewals") or 0) + 1)
    key = f"runs_choice_{state.get('runs_renewals')}"
    st.multiselect(
        "Runs to compare",
        list(known),
        default=chosen,
        format_func=lambda one: described(known[one]),
        max_selections=MOST_CURVES,
        placeholder="Choose runs"
        if known
        else "There is no run yet: train one on the page Explore",
        help=f"The newest {OFFERED} runs, of which {MOST_CURVES} curves at most are drawn; a lane "
        "of a race is a curve of its own.",
        key=key,
        on_change=take_runs,
        args=(key,),
    )
    if not runs and len(offered) > 1:
        newest = [run.id for run in offered[:2]]
        st.button(
            "Compare the newest two", on_click=show_runs, args=(newest,), key="compare_newest"
        )


def described(run: Run) -> str:
    """A run as the list of runs shows it: what does not change, with its id, so never twice."""
    weights = " | ".join(lane.in_short() for lane in run.lanes[:4])
    name = run.label
    own = f"{name} ({run.id})" if name != run.id else run.id
    return f"{own}: {weights}, {datetime.fromtimestamp(run.created):%d %b %H:%M}"


def take_runs(key: str) -> None:
    """Callback: the runs were chosen in the list."""
    chosen = list(state.get(key))
    state.put("runs_chosen", chosen)
    state.put_in_address("runs", ",".join(chosen))


def show_runs(ids: list[str]) -> None:
    """Compare these runs."""
    state.put_in_address("runs", ",".join(ids))


def baseline_choice(curves: list[Curve]) -> str | None:
    """Choose the curve that the others are compared with; it is in the address as `baseline`."""
    names = {NONE: "none", **{curve.key: curve.name for curve in curves}}
    pinned = state.in_address("baseline")
    pinned = pinned if pinned in names else NONE
    if state.get("baseline_chosen") != (pinned, list(names)):
        state.put("baseline_chosen", (pinned, list(names)))
        state.put("baseline_renewals", (state.get("baseline_renewals") or 0) + 1)
    key = f"baseline_choice_{state.get('baseline_renewals')}"
    st.selectbox(
        "Baseline",
        [*names],
        index=list(names).index(pinned),
        format_func=names.__getitem__,
        key=key,
        on_change=take_baseline,
        args=(key,),
        width=220,
        help="The curve that the others are compared with, in the tables and, if you like, in the "
        "charts.",
    )
    return None if pinned == NONE else pinned


def take_baseline(key: str) -> None:
    """Callback: the baseline was chosen in its list."""
    chosen = state.get(key)
    state.put("baseline_chosen", (chosen, (state.get("baseline_chosen") or (None, []))[1]))
    state.put_in_address("baseline", "" if chosen == NONE else chosen)


def view_options(baseline: str | None) -> dict:
    """How the curves are drawn."""
    smoothing = st.slider(
        "Smoothing",
        0.0,
        0.99,
        0.6,
        0.01,
        **state.bound("smooth", 0.6),
        width=200,
        help="Exponential moving average of the training curves; the recorded values stay visible "
        "behind it. Validation is drawn as measured.",
    )
    x = st.segmented_control(
        "Horizontal axis",
        ["step", "seconds", "epochs"],
        default="step",
        required=True,
        **state.bound("by", "step"),
        help="An epoch is as many pairs as there are training pairs: step times batch size over "
        "their number. Seconds are those of training, pauses not counted.",
    )
    log_x = st.toggle("Log horizontal", **state.bound("log_x", False))
    log_y = st.toggle(
        "Log vertical",
        **state.bound("log_y", False),
        help="Differences have a linear axis all the same, since they may be negative.",
    )
    outliers = st.toggle(
        "Ignore outliers",
        **state.bound("outliers", False),
        help="The vertical axes reach from the 2.5 % to the 97.5 % quantile of what is drawn in a "
        "chart, and a little further. What lies beyond is out of sight, not gone: double-click.",
    )
    differences = st.toggle(
        "Draw differences",
        **state.bound("differences", False),
        disabled=baseline is None,
        help="Each curve minus the baseline at the same place of the horizontal axis, between two "
        "records of the baseline by interpolation. Pin a baseline first.",
    )
    return {
        "smoothing": smoothing,
        "x": x,
        "log_x": log_x,
        "log_y": log_y,
        "outliers": outliers,
        "differences_shown": differences and baseline is not None,
    }
