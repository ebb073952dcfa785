"""Widgets of the list of runs: what to do with those that are selected."""

from urllib.parse import parse_qsl, quote, urlencode

import streamlit as st

from core.errors import ExplorerError, RunNotFound
from core.export import formats
from core.export.bundle import import_run
from core.export.compile_call import compile_call
from core.export.script import keras_script
from core.run.run import Run
from core.run.visitor import Deed
from core.store.runs import LONGEST_NAME, LONGEST_NOTE
from dashboard import service, state
from dashboard.plain_text import sentence
from dashboard.steering.callbacks import telling
from dashboard.steering.links import explore_address

MOST_IN_ADDRESS = 100  # runs
LARGEST_BUNDLE = 50  # MB, as config.toml has it
TABLE = (
    *("problem", "filter", "whose", "state", "dataset", "trunk", "optimizer"),
    *("columns", "sort", "order"),
)
WORDS = {
    "csv": "Records, CSV",
    "parquet": "Records, Parquet",
    "json": "Settings, JSON",
    "script": "Keras code",
    "keras": "Trained model, .keras",
    "tensorboard": "TensorBoard",
    "bundle": "Whole run, to import",
}


def selected() -> list[Run]:
    """The selected runs; an id that is not there any more is let go."""
    ids = state.get("selected_runs")
    named = state.runs_in_address()
    if ids is None or ids[:MOST_IN_ADDRESS] != named:
        ids = list(dict.fromkeys(one.partition("-")[0] for one in named))
    runs = []
    for one in ids:
        try:
            runs.append(service.store().run(one))
        except RunNotFound as error:
            state.complain(str(error))
    if len(runs) < len(ids):
        select([run.id for run in runs])
    return runs


def select(ids: list[str]) -> None:
    """Have other runs selected; the address holds the first `MOST_IN_ADDRESS` of them."""
    state.put("selected_runs", ids)
    state.put_in_address("runs", ",".join(ids[:MOST_IN_ADDRESS]))


def table() -> dict[str, str]:
    """How the table is sorted and filtered, as the address has it."""
    asked = parse_qsl((state.in_address("list") or "")[:1000])
    return {name: value for name, value in asked if name in TABLE}


def keep_table(chosen: dict[str, str]) -> None:
    """Have it in the address."""
    state.put_in_address("list", urlencode({k: v for k, v in chosen.items() if v and k in TABLE}))


def buttons(runs: list[Run]) -> None:
    """Compare, use settings, pin, take away and delete, each where it makes sense."""
    single = runs[0] if len(runs) == 1 else None
    n = f"{len(runs)} runs" if len(runs) > 1 else "this run"
    with st.container(horizontal=True):
        st.button(
            "Compare",
            key="compare",
            type="primary",
            on_click=compare,
            args=([run.id for run in runs],),
            disabled=not runs or any(run.map for run in runs),
            help="Draw the curves of the selected runs over one another. A weight map has its own "
            "page.",
        )
        st.button(
            "Use these settings",
            key="use_settings",
            on_click=use_settings,
            args=(single,),
            disabled=single is None or single.map is not None,
            help="Put loss weights and settings of the selected run into the widgets of the page "
            "Explore, to start another.",
        )
        held = sentence(refusal(runs, Deed.PIN))
        pinned = bool(runs) and all(run.pinned for run in runs)
        st.button(
            "Unpin" if pinned else "Pin",
            key="pin",
            on_click=pin,
            args=([run.id for run in runs], not pinned),
            disabled=not runs or bool(held),
            help=held or "A pinned run stays on top and keeps all its checkpoints.",
        )
        with st.popover("Take away", disabled=not runs, key="take_away"):
            downloads(runs)
        kept = sentence(refusal(runs, Deed.DELETE))
        with st.popover(
            "Delete", disabled=not runs or bool(kept), help=kept or None, key="delete_runs"
        ):
            st.markdown(f"Delete {n} with all records?")
            st.button(
                f"Yes, delete {n}",
                key="delete",
                on_click=delete,
                args=([run.id for run in runs],),
                disabled=bool(kept),
            )


def refusal(runs: list[Run], deed: Deed) -> str:
    """Why something is not to be done with one of these runs, in a sentence; empty if it is."""
    return next(filter(None, (run.refusal(state.visitor(), deed) for run in runs)), "")


def check(ids: list[str], deed: Deed) -> None:
    """Have something done with all of these runs, or with none."""
    for run in ids:
        service.store().run(run).check(state.visitor(), deed)


def downloads(runs: list[Run]) -> None:
    """A link a format; where the selection does not fit it, why."""
    store = service.store()
    lane = None
    n_lanes = len(runs[0].lanes_now) if len(runs) == 1 and not runs[0].map else 1
    if n_lanes > 1:
        lane = st.selectbox(
            "Lane of the Keras code and the model",
            range(n_lanes),
            format_func=lambda lane: f"Lane {lane + 1}",
            key="export_lane",
        )
    ids = [run.id for run in runs]
    for name, form in formats.FORMATS.items():
        of_lane = lane if form.of_lane else None
        why_not = ""
        try:
            formats.check(name, store, ids, of_lane)
        except ExplorerError as error:
            why_not = sentence(str(error))
        query = {"runs": ",".join(ids), "format": name}
        if of_lane is not None:
            query["lane"] = str(of_lane)
        st.link_button(
            WORDS[name],
            f"./api/export?{urlencode(query, quote_via=quote)}",
            disabled=bool(why_not),
            help=why_not or f"{form.what[0].upper()}{form.what[1:]}.",
            width="stretch",
        )


def labels(run: Run) -> None:
    """Name and note of a run, to be changed."""
    why = run.refusal(state.visitor(), Deed.LABEL)
    with st.form(f"labels_{run.id}"):
        st.text_input("Name", run.name, LONGEST_NAME, key=f"name_{run.id}", disabled=bool(why))
        st.text_area(
            "Note, in Markdown",
            run.note,
            max_chars=LONGEST_NOTE,
            key=f"note_{run.id}",
            disabled=bool(why),
        )
        st.form_submit_button(
            "Save", key="save_labels", on_click=take_labels, args=(run.id,), disabled=bool(why)
        )
    if why:
        st.caption(sentence(why))
    if run.note:
        st.markdown(run.note)


def keras_code(run: Run) -> None:
    """A lane of a run as a call of `compile` and as one file, with buttons that copy them."""
    if run.map:
        return
    lane = state.get("export_lane") or 0
    with st.expander("Copy as Keras code", key="keras_code"):
        try:
            st.markdown("In your own code, with the optimizer and the weights as they are now:")
            # Streamlit's colours of code are too faint, and no key scrolls code of its own height.
            st.code(compile_call(run, lane), language=None, wrap_lines=True)
            st.markdown("All of the lane's training, as one file:")
            st.code(keras_script(service.store(), run.id, lane), language=None, wrap_lines=True)
        except ExplorerError as error:
            st.info(sentence(str(error)))


def importing() -> None:
    """Open a run that was taken away elsewhere."""
    with st.expander("Import a run", key="import"):
        st.file_uploader(
            "A whole run, as Take away gives it",
            type="zip",
            key=state.renewed_key("bundle"),
            max_upload_size=LARGEST_BUNDLE,
            help="A .run.zip file, of this version or an older one. It is checked, and only data "
            "are read from it.",
            on_change=take_bundle,
            args=(state.renewed_key("bundle"),),
        )


def deletion() -> None:
    """What was deleted of late, and a way back."""
    ids = state.get("deleted_runs")
    if not ids:
        return
    n = f"{len(ids)} runs" if len(ids) > 1 else "1 run"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{n} deleted. Until the server ends, this can be undone.", width="content")
        st.button("Undo", key="undo", on_click=undo)
        st.button(
            "Free the space now",
            key="purge",
            on_click=purge,
            help="Delete for good what was deleted here, and your own runs of other tabs.",
        )


# Callbacks


@telling
def compare(ids: list[str]):
    """Go to the page Compare."""
    state.put("leaving", f"./compare?runs={','.join(ids)}")


@telling
def use_settings(run: Run):
    """Go to the page Explore, with its widgets as the run is trained."""
    lanes = [lane.loss_weights for lane in run.lanes_now]
    state.put("leaving", explore_address(run.config, lanes))


@telling
def pin(ids: list[str], pinned: bool):
    """Pin runs, or do so no more."""
    check(ids, Deed.PIN)
    for run in ids:
        service.store().pin(run, pinned)


@telling
def delete(ids: list[str]):
    """Delete runs, and remember them for an undo."""
    check(ids, Deed.DELETE)
    service.store().delete(ids, service.engine().owner)
    state.put("deleted_runs", [*(state.get("deleted_runs") or []), *ids])
    select([])


@telling
def undo():
    """Bring back what was deleted."""
    ids = state.get("deleted_runs") or []
    state.put("deleted_runs", [])
    lost = len(ids) - service.store().undelete(ids)
    if lost:
        state.complain(f"{lost} of {len(ids)} runs are gone for good: their space was freed.")


@telling
def purge():
    """Delete for good what was deleted here, and what else is this person's."""
    here = state.get("deleted_runs") or []
    state.put("deleted_runs", [])
    service.store().purge(service.engine().owner, state.visitor().person, here)


@telling
def take_labels(run: str):
    """Keep name and note as they were written."""
    check([run], Deed.LABEL)
    service.store().rename(run, state.get(f"name_{run}") or "")
    service.store().annotate(run, state.get(f"note_{run}") or "")


@telling
def take_bundle(key: str):
    """Take in the uploaded run, and select it."""
    if uploaded := state.get(key):
        state.renew_keys()
        arrival = import_run(service.store(), uploaded, state.visitor().person)
        select([arrival.run])
