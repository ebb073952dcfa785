"""Widgets that make commands of a weight map: its settings, how long it takes, its buttons."""

from concurrent.futures import Future

import streamlit as st

from core.errors import ConfigError
from core.run.config import RunConfig
from core.run.heads import names_of
from core.run.run import Run
from core.run.simplex import MapConfig
from core.run.states import RunState
from dashboard import service, state
from dashboard.map import speed
from dashboard.plain_text import plain, sentence
from dashboard.steering import settings, weights
from dashboard.steering.callbacks import run_again_once, telling
from dashboard.steering.links import explore_address

STEPS = 600  # enough to tell settings apart, in ten seconds for 66 of them
NUMBER_STEPS = {"resolution": 1, "total": 0.5, "seeds": 1}
LABELS = {"total": "Total of the weights"}
NOT_OF_A_MAP = ("steps", "steps_per_second")  # a map has steps of its own, and no limit


def training() -> tuple[str, ...]:
    """The settings of its training that are the same for all of a map."""
    left_out = (*settings.DATA, *NOT_OF_A_MAP)
    return tuple(name for name in state.with_widget(state.kind()) if name not in left_out)


def map_settings() -> None:
    """A widget for each setting of `MapConfig`, and the number of steps, which is its own."""
    if choices := list(state.can_vary()):
        state.keep_choice("vary", choices, choices[0])
        st.selectbox(
            "Heads that vary",
            choices,
            help="The corners of the triangle. The other heads keep the weights of the sliders.",
            **state.bound("vary", choices[0]),
        )
    for name in state.MAP_WIDGETS:
        field = MapConfig.model_fields[name]
        settings.field_widget(
            field,
            LABELS.get(name, name.capitalize()),
            field.default,
            NUMBER_STEPS.get(name),
            help=field.description,
            **state.bound(name, field.default),
        )
    field = RunConfig.model_fields["steps"]
    settings.field_widget(
        field, "Steps", STEPS, 100, help=field.description, **state.bound("map_steps", STEPS)
    )


def estimate(over: MapConfig, config: RunConfig, run: Run | None) -> None:
    """How much a map is to train, and how long that takes, once its speed has been measured.

    Args:
        over: What it covers.
        config: Settings of its run.
        run: The map that is shown; while it trains, a measurement would hold it up.
    """
    busy = run is not None and not run.is_finished
    known = speed.measured(config, over.n_points)
    automatic = is_conv(config) and known is None and not busy
    if automatic and service.engine().is_ready:
        known = speed.measure(config, over.n_points)
    waiting = automatic if known is None else not known.done()
    st.markdown(amount(over, config) + duration(over, config, known, waiting))
    if known is None and not waiting:
        st.button(
            "How long?",
            key="how_long",
            on_click=measure,
            args=(config, over.n_points),
            help="Measures the speed for a second.",
        )
    if waiting:
        run_again_once(known.done if known else lambda: service.engine().is_ready)


def is_conv(config: RunConfig) -> bool:
    """Whether it is a network that gains nothing from lanes."""
    return getattr(config, "trunk", "") == "conv"


def amount(over: MapConfig, config: RunConfig) -> str:
    """How much a map is to train, in words."""
    seeds = f", {over.seeds} seeds" if over.seeds > 1 else ""
    total = over.n_lanes * config.steps
    return f"{over.n_points:,} settings{seeds}, {config.steps:,} steps: {total:,} model-steps"


def duration(over: MapConfig, config: RunConfig, known: Future | None, waiting: bool) -> str:
    """How long that takes, in words, as far as it is known."""
    alone = ""
    if is_conv(config):
        alone = " A conv trunk gains nothing from lanes: they train one after the other."
    if waiting:
        begun = "measuring the speed…" if known else "the speed is measured once it can be…"
        return f". Time: {begun}{alone}"
    if known is None:
        return f".{alone}"
    if known.exception():
        return f". How long that takes is not known: {known.exception()}{alone}"
    rate = known.result()
    seconds = over.n_lanes * config.steps / rate
    return f", about **{in_time(seconds)}** at the {rate:,.0f} a second that were measured.{alone}"


def in_time(seconds: float) -> str:
    """A duration in the unit that suits it."""
    for unit, size in (("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{max(1, round(seconds))} s"


def shown_map(run: Run | None) -> Run | None:
    """A map, if it can be shown beside the sliders: it is of their problem, or of one that is not
    known here."""
    is_shown = run and (run.config.obstacle or run.config.problem == state.config().problem)
    return run if is_shown else None


def buttons(run: Run | None) -> None:
    """Train map, Pause or Resume, and Cancel, each where it makes sense; the newest map."""
    can = state.can(run)
    why = sentence(can.why)
    active = run is not None and not run.is_finished and not can.why
    paused = run is not None and run.state is RunState.PAUSED
    st.button(
        "Train map",
        key="train_map",
        type="primary",
        icon=":material/play_arrow:",
        on_click=train_map,
        disabled=active,
        help="Cancel this map to train another." if active else "Train all settings at once.",
    )
    st.button(
        "Resume" if paused else "Pause",
        key="pause_map",
        on_click=command,
        args=("resume" if paused else "pause",),
        disabled=not active,
        help=why or None,
    )
    st.button(
        "Cancel",
        key="cancel_map",
        on_click=command,
        args=("stop",),
        disabled=not active,
        help=why or "End the map here; what was measured stays.",
    )
    newest = next((other for other in service.store().runs() if other.map), None)
    is_shown = newest is not None and run is not None and newest.id == run.id
    others = "This is the newest one." if is_shown else "There is none yet."
    st.button(  # always there, or else all below would move when it goes
        "Newest map",
        key="show_newest",
        on_click=show_newest,
        args=(newest,),
        disabled=newest is None or is_shown,
        help=f"Show {plain(newest.label)}, {newest.state}." if newest and not is_shown else others,
    )


# Callbacks: what the widgets and the picture do.


@telling
def measure(config: RunConfig, n_lanes: int):
    """Have the speed measured."""
    speed.measure(config, n_lanes)


@telling
def train_map():
    """Start a map as the widgets stand, and show it."""
    covers, person = state.map_settings().model_dump(), state.visitor().person
    state.show_map(service.engine().start_map(state.map_config(), person=person, **covers))


@telling
def command(verb: str):
    """Give the shown map a command."""
    run = state.map_run()
    if run:
        run.check(state.visitor())
        getattr(service.engine(), verb)(run.id)


@telling
def show_newest(newest: Run):
    """Show the newest map, and choose its problem."""
    if newest.config.problem != state.config().problem and not newest.config.obstacle:
        state.choose_problem(newest.config.problem)
    state.show_map(newest.id)


@telling
def take_point(point: int):
    """Put the weights of a point into the sliders."""
    run = state.map_run()
    if run and 0 <= point < len(run.lanes):
        state.pick(point)
        if names_of(run.heads) != names_of(state.heads()):
            raise ConfigError(
                f"The sliders are of other heads than this map. {run.config.obstacle}"
            )
        weights.take_weights(run.lanes[point])


@telling
def train_point(point: int):
    """Start a run with the weights and settings of a point, to be watched on the page Explore."""
    run = state.map_run()
    if run is None or not 0 <= point < len(run.lanes):
        return
    watched = {name: state.default(name) for name in ("steps_per_second", "record_every")}
    config = run.config.model_copy(update=watched)
    started = service.engine().start(config, [run.lanes[point]], state.visitor().person)
    # Where widgets are bound to the address, `st.switch_page` refuses: the browser is to go there.
    state.put("leaving", explore_address(config, [run.lanes[point]], run=started, map=run.id))
