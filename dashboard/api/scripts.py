"""The route of the browser's scripts: ours, Plotly's, and the figures of the charts."""

import gzip
import json
import re
from functools import cache, lru_cache
from importlib.resources import files as files_of

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.data.datasets import MOST_CLASSES
from core.run.config import RunConfig
from dashboard.api.answers import FOR_EVER, NOT_KEPT
from dashboard.charts.live_figures import figures
from dashboard.client.scripts import DASHBOARD, names, scripts_path


@cache
def scripts() -> dict[str, bytes]:
    """The browser's scripts by name, compressed: ours, and Plotly's own; see also `script`.

    Plotly's comes out of its Python package, so no other server is asked.
    """
    sources = {name: (DASHBOARD / name).read_bytes() for name in names()}
    plotly = files_of("plotly").joinpath("package_data/plotly.min.js")
    sources["plotly.min.js"] = plotly.read_bytes()
    return {name: gzip.compress(source, 6, mtime=0) for name, source in sources.items()}


@lru_cache(maxsize=32)
def figures_script(n_classes: int) -> bytes:
    """The charts of so many classes as a script of the browser, compressed."""
    source = f"export const figures = {json.dumps(figures(n_classes))}"
    return gzip.compress(source.encode(), 6, mtime=0)


def prepare() -> None:
    """Make what the first page will ask for, which takes a moment, before it does."""
    figures_script(RunConfig().n_classes)
    scripts()


def script(name: str) -> bytes | None:
    """One of the browser's scripts, compressed; None if there is none of that name."""
    if match := re.fullmatch(r"charts/figures-([1-9]\d{0,3})\.js", name):
        n_classes = int(match[1])
        return figures_script(n_classes) if 2 <= n_classes <= MOST_CLASSES else None
    return scripts().get(name)


async def send_script(request: Request) -> Response:
    """`GET /scripts/{version}/{name:path}`."""
    packed = await run_in_threadpool(script, request.path_params["name"])
    if packed is None:
        error = (
            f"There is no script {request.path_params['name']!r:.80}: expected one that a page "
            f"loads, or one from charts/figures-2.js to charts/figures-{MOST_CLASSES}.js. Reload "
            "the page."
        )
        return JSONResponse({"error": error}, status_code=404)
    current = request.url.path.startswith(f"{scripts_path()}/")
    headers = {"Content-Encoding": "gzip", **(FOR_EVER if current else NOT_KEPT)}
    return Response(packed, media_type="text/javascript", headers=headers)


ROUTES = [Route("/scripts/{version}/{name:path}", send_script)]
