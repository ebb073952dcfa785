"""The list of runs: drawn, sorted and filtered in the browser, which asks `/api/lanes` for it.

Python says which runs are selected and hears of another choice; no script runs while runs train.
"""

import json
from functools import cache

import streamlit as st

from dashboard import state
from dashboard.client.scripts import scripts_path

LOADER = """
export default async (component) =>
  (await import(location.origin + "%s/runs/view.js")).show(component)
"""


@cache
def _component():
    return st.components.v2.component(
        "loss_weight_explorer.runs_view",
        html='<div class="runs-view"></div>',
        js=LOADER % scripts_path(),
        isolate_styles=False,
    )


def runs_view(selected: list[str], *, table: dict[str, str], on_select, on_table, key: str) -> None:
    """Show every run of the store in a table.

    Args:
        selected: Ids of the selected runs.
        table: How the table is sorted and filtered, as `on_table` told it.
        on_select: Called with a list of ids when others were selected.
        on_table: Called with a dict of strings when it was sorted or filtered otherwise.
        key: Streamlit's key of the element.
    """
    shown = {"selected": selected, "table": table, "leave": state.take_leave()}

    def told(name, action):
        def callback():
            action(json.loads(getattr(state.get(key), name)))

        return callback

    _component()(
        key=key,
        data=json.dumps(shown).encode(),
        on_selected_change=told("selected", on_select),
        on_table_change=told("table", on_table),
    )
