"""The read-only routes of the list of runs: one row a lane, and only what may have changed."""

from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from itertools import chain

from starlette.requests import Request
from starlette.routing import Route

from core.analysis.comparison import curves_of
from core.errors import CommandError, RunNotFound
from core.problems import heads_of
from core.run.config import RunConfig
from core.run.heads import Heads, names_of
from core.run.run import Run
from core.run.visitor import Visitor
from core.store.results import Result
from dashboard import service
from dashboard.api.answers import answering, state_json
from dashboard.gate.access import visitor_at

MOST_RUNS = 100
MOST_POINTS = 40  # of a curve: more than it has pixels to tell them apart by


def list_lanes(request: Request) -> dict:
    """`GET /api/lanes[?token=T]`: the rows of all runs, newest first: one a lane, or a weight map.

    With the `token` of an earlier answer, and if no run was added, deleted, named or moved to a
    state since, only the rows of runs that have not ended; `all` says which of the two it is. The
    `problems` are those of all runs.
    """
    store = service.store()
    token = store.token()
    everything = request.query_params.get("token") != token
    listed = store.runs()
    runs = [run for run in listed if everything or not run.is_finished]
    results, visitor = store.all_results(), visitor_at(request)
    return {
        "token": token,
        "all": everything,
        "problems": problems_of(listed),
        "curves_at_once": MOST_RUNS,
        "rows": [row for run in runs for row in rows_of(run, results.get(run.id, []), visitor)],
    }


def problems_of(runs: Iterable[Run]) -> list[dict]:
    """What runs train, that of the first one first; without any, what one would by default.

    Of each problem its settings, and all heads that any run of it has. A head that has another
    metric in another run, since its file was changed, is there once more.
    """
    found: dict[tuple[str, type[RunConfig]], dict[int, Heads]] = {}
    for run in runs:  # nearly all runs of a problem share their heads: one of each is enough
        problem = (run.config.problem, type(run.config))
        found.setdefault(problem, {}).setdefault(id(run.heads), run.heads)
    if not found:
        usual = RunConfig()
        found[usual.problem, type(usual)] = {0: heads_of(usual)}
    return [
        {"name": name, "settings": settings_of(kind), "heads": heads_of_any(alike.values())}
        for (name, kind), alike in found.items()
    ]


def heads_of_any(runs: Iterable[Heads]) -> list[dict]:
    """All heads that runs have, those of the first one first; each name and metric once."""
    found: dict[tuple[str, str | None], dict] = {}
    for head in chain.from_iterable(runs):
        facts = {"name": head.name, "metric": head.metric, "better": head.better}
        found.setdefault((head.name, head.metric), facts)
    return list(found.values())


@lru_cache
def settings_of(kind: type[RunConfig]) -> tuple[str, ...]:
    """The settings that rows tell, in this order; the steps they tell anyway."""
    return tuple(name for name in kind.names() if name != "steps")


@lru_cache(maxsize=1024)
def heads_json(heads: Heads) -> dict:
    """Which heads a row's values are of, in their order."""
    return {"heads": names_of(heads), "metrics": [head.metric for head in heads]}


def rows_of(run: Run, results: list[Result], visitor: Visitor) -> list[dict]:
    """The rows of one run: what is the same for all of its lanes, and what is each one's own.

    What is told by head is in the order of its `heads`, settings in that of the problem's.
    """
    settings = run.config.__dict__  # which has all, at a tenth of the price of `getattr`
    common = {
        "run": run.id,
        "problem": run.config.problem,
        **heads_json(run.heads),
        "number": run.number,
        "name": run.name,
        "note": run.note,
        "pinned": run.pinned,
        "mine": visitor.owns(run.person),
        **state_json(run.state),
        "created": run.created,
        "seconds": run.seconds,
        "step": run.step,
        "steps": run.config.steps,
        "settings": [settings[name] for name in settings_of(type(run.config))],
        "points": run.map.n_points if run.map else 0,
    }
    if run.map:
        none = {"lane": None, "weights": None, "began": None, "moved": None, "result": None}
        return [{**common, "label": run.label, "what": run.in_short(), **none}]
    of_lane = {result.lane: result_json(result, run.heads) for result in results}
    return [
        {
            **common,
            "label": curve.name,
            "what": curve.in_short(),
            "lane": curve.lane if curve.n_lanes > 1 else None,
            "weights": lane.loss_weights.as_tuple(),
            "began": lane.began_with.as_tuple(),
            "moved": lane.moved_heads,
            "result": of_lane.get(curve.lane),
        }
        for curve, lane in zip(curves_of(run), run.lanes_now, strict=True)
    ]


def result_json(result: Result, heads: Heads) -> dict:
    """Validation metrics, in the order of the heads; as the last of one that has none, its loss."""
    last = result.val_metric
    if None in last:
        known = zip(heads, last, result.val_loss, strict=True)
        last = tuple(metric if head.metric else loss for head, metric, loss in known)
    return {"last": last, "best": result.best, "best_worst": result.best_worst}


def list_curves(request: Request) -> dict:
    """`GET /api/lanes/curves?runs=ID,ID`: validation metrics, thinned to draw small curves of.

    By run and lane a list of rows (step, metric of each head, or its loss if it has none),
    `MOST_POINTS` at most: the first, the last and such as are evenly spread between them. A run
    that is not there is left out.
    """
    ids = list(dict.fromkeys(request.query_params.get("runs", "").split(",")))
    if len(ids) > MOST_RUNS:
        raise CommandError(
            f"{len(ids)} runs are refused: at most {MOST_RUNS} at once are allowed in `runs`. "
            "Ask for the others with another request."
        )
    store = service.store()
    curves = {}
    for run in ids:
        with suppress(RunNotFound):
            curves[run] = {lane: thinned(rows) for lane, rows in store.metric_curves(run).items()}
    return {"curves": curves}


def thinned(rows: list) -> list:
    """At most `MOST_POINTS` of them, evenly spread, with the first and the last one."""
    if len(rows) <= MOST_POINTS:
        return rows
    gap = (len(rows) - 1) / (MOST_POINTS - 1)
    return [rows[round(k * gap)] for k in range(MOST_POINTS)]


ROUTES = [
    Route("/api/lanes", answering(list_lanes)),
    Route("/api/lanes/curves", answering(list_curves)),
]
