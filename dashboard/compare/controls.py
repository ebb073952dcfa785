"""Widgets that choose runs to compare, a baseline, and how curves are drawn."""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import streamlit as st

from core.analysis.comparison import (
    MOST_CURVES,
    Curve,
    can_be_compared,
    comparable,
    curves_of,
    pairs_in_epoch,
)
from core.errors import RunNotFound
from core.run.run import Run
from dashboard import service, state

OFFERED = 50  # newest runs
NONE = "none"


@dataclass(frozen=True)
class Chosen:
    """What an address asks to compare.

    Attributes:
        curves: Those that are compared, all of the first one's problem.
        listed: The same and those of other problems, as far as the list can hold them.
        problems: A sentence for each that cannot be compared.
        warnings: Sentences on those that are left out.
    """

    curves: list[Curve]
    listed: list[Curve]
    problems: list[str]
    warnings: list[str]


def chosen_curves() -> Chosen:
    """The curves that the address names.

    The id of a run stands for all its lanes, also those that will be forked; ID-LANE for one of
    them. An address that says nothing gets the newest run, and the one before it of its problem.
    """
    if state.in_address("runs") is None:
        newest = [run for run in service.store().runs() if run.map is None]
        alike = (run.id for run in newest if can_be_compared(run, newest[0]))
        state.put_in_address("runs", ",".join(islice(alike, 2)))
    curves: dict[str, Curve] = {}
    problems: list[str] = []
    for wanted in dict.fromkeys(state.runs_in_address()):
        run, problem = with_curves(wanted.partition("-")[0])
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
    of_one, warnings = comparable(curves.values())
    drawn, left_out = of_one[:MOST_CURVES], of_one[MOST_CURVES:]
    if left_out:
        warnings.append(
            f"{MOST_CURVES} curves can be told apart. Left out are the last {len(left_out)} of "
            f"{len(of_one)}, from {left_out[0].name} on: choose fewer."
        )
    others = [key for key in curves if key not in {curve.key for curve in of_one}]
    listed = [*(curve.key for curve in drawn), *others][:MOST_CURVES]
    in_order = [curve for key, curve in curves.items() if key in listed]
    return Chosen(drawn, in_order, problems, warnings)


def with_curves(run_id: str) -> tuple[Run | None, str]:
    """The run of that id, or else a sentence why it has no curves to compare."""
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
    are_several = len({curve.run.config.problem for curve in known.values()}) > 1
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
        format_func=lambda one: described(known[one], are_several),
        max_selections=MOST_CURVES,
        placeholder="Choose lanes of runs"
        if known
        else "There is no run yet: train one on the page Explore",
        help=f"The newest {OFFERED} runs, a curve a lane; {MOST_CURVES} curves can be told apart. "
        "Those of the first one's problem are compared.",
        key=key,
        on_change=take_curves,
        args=(key, known),
    )


def described(curve: Curve, with_problem: bool) -> str:
    """A curve as it is offered: with the time, since two may be of the same name and settings."""
    problem = f", {curve.run.config.problem}" if with_problem else ""
    return f"{curve.label}{problem}, {datetime.fromtimestamp(curve.run.created):%d %b %H:%M}"


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


def without_epochs(curves: list[Curve], x: str) -> list[str]:
    """A sentence if there are curves whose epochs are not known, where those are asked for."""
    names = [curve.name for curve in curves if pairs_in_epoch(curve.run.config) is None]
    if x != "epochs" or not names:
        return []
    return [
        f"Of {', '.join(names)} it is not known how many examples an epoch has: the file of the "
        "problem was not read, or is another now. See them by step or by seconds."
    ]
