"""The list of runs: drawn, sorted and filtered in the browser, which asks `/api/lanes` for it.

Python says which runs are selected and hears of another choice; no script runs while runs train.
"""

from dashboard import state
from dashboard.client.component import view
from dashboard.theme import HEAD_COLOURS


def runs_view(selected: list[str], *, table: dict[str, str], on_select, on_table, key: str) -> None:
    """Show every run of the store in a table.

    Args:
        selected: Ids of the selected runs.
        table: How the table is sorted and filtered, as `on_table` told it.
        on_select: Called with a list of ids when others were selected.
        on_table: Called with a dict of strings when it was sorted or filtered otherwise.
        key: Streamlit's key of the element.
    """
    shown = {
        "selected": selected,
        "table": table,
        "colours": HEAD_COLOURS,
        "leave": state.take_leave(),
    }
    view("runs", shown, key=key, selected=on_select, table=on_table)
