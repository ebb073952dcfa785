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

# What is around Plotly's own `var Plotly = ...`, which ends in `window.Plotly = Plotly`.
WRAPPER = (
    rb".*?\bfactory\(\).*?\(\) => \{\n(.*\nwindow\.Plotly = Plotly;\n)return Plotly;\n\}\)\);?\s*"
)


def plotly() -> bytes:
    """Plotly's script, as its Python package has it, but for the function that wraps it.

    In it, a browser passes over the 4.8 MB once while they load and reads them again, on the main
    thread, when the function is called; without it, it reads them once, beside the main thread.
    Where the wrapper is another one, the script is left as it is.
    """
    source = files_of("plotly").joinpath("package_data/plotly.min.js").read_bytes()
    unwrapped = re.fullmatch(WRAPPER, source, re.DOTALL)
    return unwrapped[1] if unwrapped else source


@cache
def scripts() -> dict[str, bytes]:
    """The browser's scripts by name, compressed: ours, and Plotly's own; see also `script`."""
    sources = {name: (DASHBOARD / name).read_bytes() for name in names()}
    sources["plotly.min.js"] = plotly()
    return {name: packed(source) for name, source in sources.items()}


def packed(source: bytes) -> bytes:
    """A script as it travels: packed quickly, since the first page waits for it."""
    return gzip.compress(source, 1, mtime=0)


@lru_cache(maxsize=32)
def figures_script(n_classes: int) -> bytes:
    """The charts of so many classes as a script of the browser, compressed."""
    source = f"export const figures = {json.dumps(figures(n_classes))}"
    return packed(source.encode())


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
