"""Widgets that choose runs to compare, a baseline, and how curves are drawn."""

from datetime import datetime

import streamlit as st

from core.analysis.comparison import MOST_CURVES, Curve, curves_of
from core.errors import RunNotFound
from core.run.run import Run
from dashboard import service, state

OFFERED = 50  # newest runs
NONE = "none"


def chosen_curves() -> tuple[list[Curve], list[str], str]:
    """The curves that the address names, a sentence for each that cannot be compared, and one if
    there are too many.

    The id of a run stands for all its lanes, also those that will be forked; ID-LANE for one of
    them. An address that says nothing gets the newest two runs.
    """
    if state.in_address("runs") is None:
        newest = [run for run in service.store().runs() if run.map is None][:2]
        state.put_in_address("runs", ",".join(run.id for run in newest))
    curves: dict[str, Curve] = {}
    problems: list[str] = []
    for wanted in dict.fromkeys(state.runs_in_address()):
        run, problem = comparable(wanted.partition("-")[0])
        known = {curve.key: curve for curve in curves_of(run)} if run else {}
        if problem or not run:
            problems.append(problem)
        elif wanted == run.id:
            curves |= known
        elif wanted in known:
            curves[wanted] = known[wanted]
        else:
            problems.append(
                f"{wanted[:40]!r} is refused: run {run.label} has {len(known)} of them, so "
                f"{' or '.join(known)} is expected. The others are shown."
            )
    drawn, left_out = [*curves.values()][:MOST_CURVES], [*curves.values()][MOST_CURVES:]
    if not left_out:
        return drawn, problems, ""
    too_many = (
        f"{MOST_CURVES} curves can be told apart. Left out are the last {len(left_out)} of "
        f"{len(curves)}, from {left_out[0].name} on: choose fewer."
    )
    return drawn, problems, too_many


def comparable(run_id: str) -> tuple[Run | None, str]:
    """The run of that id, or else a sentence why it cannot be compared."""
    try:
        run = service.store().run(run_id)
    except RunNotFound:
        return None, f"There is no run {run_id[:40]!r} (any more). The others are shown."
    if run.map is None:
        return run, ""
    return None, (
        f"Run {run.label} is a weight map, with a curve for each of its points: see it on the "
        "page Map, where a click on a point trains a run that can be compared."
    )


def curve_choice(curves: list[Curve]) -> None:
    """Choose among the lanes of the newest runs; what is chosen is in the address as `runs`."""
    newest = [run for run in service.store().runs() if run.map is None][:OFFERED]
    offered = [curve for run in newest for curve in curves_of(run)]
    known = {curve.key: curve for curve in (*curves, *offered)}
    chosen = [curve.key for curve in curves]
    # A new widget where the address has other curves than it chose: its old value must not win.
    if state.get("curves_chosen") != chosen:
        state.put("curves_chosen", chosen)
        state.put("curves_renewals", (state.get("curves_renewals") or 0) + 1)
    key = f"curves_choice_{state.get('curves_renewals')}"
    st.multiselect(
        "Curves to compare",
        list(known),
        default=chosen,
        format_func=lambda one: described(known[one]),
        max_selections=MOST_CURVES,
        placeholder="Choose lanes of runs"
        if known
        else "There is no run yet: train one on the page Explore",
        help=f"The newest {OFFERED} runs, a curve a lane; {MOST_CURVES} curves can be told apart.",
        key=key,
        on_change=take_curves,
        args=(key, known),
    )


def described(curve: Curve) -> str:
    """A curve as it is offered: with the time, since two may be of the same name and settings."""
    return f"{curve.label}, {datetime.fromtimestamp(curve.run.created):%d %b %H:%M}"


def take_curves(key: str, known: dict[str, Curve]) -> None:
    """Callback: curves were chosen in the list."""
    chosen = list(state.get(key))
    whole = {
        curve.run.id: curve.n_lanes == sum(known[one].run.id == curve.run.id for one in chosen)
        for curve in map(known.__getitem__, chosen)
    }
    # All lanes of a run are named by its id, so that one that is forked later joins them.
    named = [known[one].run.id if whole[known[one].run.id] else one for one in chosen]
    state.put_in_address("runs", ",".join(dict.fromkeys(named)) or state.NO_RUN)


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
