"""The weights desk: a slider and a number a head, presets, the choice of lane.

It is in the browser. While a run trains or waits, it follows that and sends what is moved, as it is
moved, to `POST /api/runs/{id}/weights`, without a script run. Otherwise it shows what the next run
will have, and tells Python by its state `lanes`, see `dashboard.state.race`.
"""

from urllib.parse import urlencode

from core.problems import presets_of
from core.run.heads import GREATEST
from core.run.run import Run
from core.run.weights import RACE_LANES
from dashboard import state
from dashboard.client.component import view
from dashboard.steering.links import next_run
from dashboard.theme import LANE_COLOURS, heads_shown

MOST_AT_FIRST = 2  # where the sliders end, until a larger weight is shown


def desk(run: Run | None) -> None:
    """Show the desk.

    Args:
        run: The run that the page shows, which is steered as long as it has not ended.
    """
    config, lanes, can = state.config(), state.lanes(), state.can(run)
    shown = {
        "run": run.id if run else None,
        "called": run.called if run else "",
        "state": run.state if run else None,
        "steers": can.steer,
        "why": can.why if run and not run.is_finished else "",
        "session": state.session(),
        "edition": state.edition(),
        "heardAt": state.heard_at(),
        "lanes": [weights.as_tuple() for weights in lanes],
        "lane": state.lane(),
        "mostLanes": RACE_LANES,
        "most": MOST_AT_FIRST,
        "live": {name: getattr(run.config, name) for name in run.config.live_names()}
        if run
        else {},
        "heads": heads_shown(state.heads()),
        "greatest": GREATEST,
        "laneColours": LANE_COLOURS,
        "presets": [
            {"name": p.name, "weights": p.weights.as_tuple(), "knownFor": p.known_for}
            for p in presets_of(config)
        ],
        "adopted": state.adopted(),
        "next": urlencode(next_run(config, lanes, state.lane())),
    }
    view("steering", shown, key="desk", keeps=["lanes"])
