"""What a page remembers: the only owner of `st.session_state` and `st.query_params`.

Widgets are bound to the URL under the name of their setting, the run shown is there as `run`, the
lanes of a race as `lanes` and `lane`, so that a link reproduces the page. The sliders are those of
the selected lane.
"""

from dashboard.state.opened import ask, tell_unusable
from dashboard.state.race import (
    adopt,
    find_lanes,
    keep_lanes,
    lane,
    lane_key,
    lanes,
    n_lanes,
    note_sent,
    set_lanes,
)
from dashboard.state.said import complain, take_problem, tell_script_error
from dashboard.state.shown import (
    in_address,
    keep_address,
    map_run,
    pick,
    picked,
    put_in_address,
    run,
    show_map,
    show_run,
    take_leave,
)
from dashboard.state.widgets import (
    config,
    default,
    get,
    greatest_weight,
    is_settling,
    loss_weights,
    map_config,
    map_settings,
    put,
    renew_keys,
    renewed_key,
    set_loss_weights,
)
