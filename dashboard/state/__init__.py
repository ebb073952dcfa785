"""What a page remembers: the only owner of `st.session_state` and `st.query_params`.

Widgets are bound to the URL under the name of their setting, the run shown is there as `run`, loss
weights under the names of their heads, those of a race as `lanes` and `lane`, so that a link
reproduces the page.
"""

from dashboard.state.maps import MAP_WIDGETS, can_vary, keep_choice, map_config, map_settings
from dashboard.state.opened import ask, tell_unusable
from dashboard.state.race import (
    adopt,
    adopted,
    edition,
    find_lanes,
    heads,
    heard_at,
    keep_lanes,
    lane,
    lanes,
    loss_weights,
    n_lanes,
    note_training,
    session,
    set_lanes,
    set_loss_weights,
)
from dashboard.state.said import complain, take_problem, tell_script_error
from dashboard.state.shown import (
    NO_RUN,
    in_address,
    keep_address,
    map_run,
    pick,
    picked,
    put_in_address,
    run,
    runs_in_address,
    show_map,
    show_run,
    take_leave,
)
from dashboard.state.uninterrupted import take_in_messages_whole
from dashboard.state.visitor import can, standing, visitor
from dashboard.state.widgets import (
    bound,
    choose_problem,
    config,
    default,
    get,
    kind,
    put,
    renew_keys,
    renewed_key,
    with_widget,
)
