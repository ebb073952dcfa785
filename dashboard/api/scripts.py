"""The route of the browser's scripts: ours, Plotly's, and the figures of the charts."""

import gzip
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, lru_cache
from importlib.resources import files as files_of

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import StoreError
from core.problems import heads_of, known
from core.run.config import RunConfig
from core.run.heads import Heads, key_of
from dashboard import service
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
def packed_figures(heads: Heads) -> bytes:
    """The charts of heads as a script of the browser, compressed."""
    return packed(f"export const figures = {json.dumps(figures(heads))}".encode())


def figures_script(key: str) -> bytes | None:
    """The same of the heads with this key.

    None where nothing here has such heads: neither a problem, with the data that there are, nor a
    run. So a stranger cannot have figures made that no page shows.
    """
    for heads in all_heads():
        if key_of(heads) == key:
            return packed_figures(heads)
    return None


def all_heads() -> Iterator[Heads]:
    """Those of all problems as they are by default, and of all runs; some come up twice."""
    for problem in known():
        yield heads_of(RunConfig(problem=problem))
    with suppress(StoreError):  # which the page tells
        yield from service.store().all_heads()


def prepare() -> None:
    """Make what the first page will ask for, which takes a moment, before it does."""
    packed_figures(heads_of(RunConfig()))
    scripts()


def script(name: str) -> bytes | None:
    """One of the browser's scripts, compressed; None if there is none of that name."""
    if match := re.fullmatch(r"charts/figures-([0-9a-f]{12})\.js", name):
        return figures_script(match[1])
    return scripts().get(name)


async def send_script(request: Request) -> Response:
    """`GET /scripts/{version}/{name:path}`."""
    packed = await run_in_threadpool(script, request.path_params["name"])
    if packed is None:
        error = (
            f"There is no script {request.path_params['name']!r:.80}: expected one that a page "
            "loads. Reload the page."
        )
        return JSONResponse({"error": error}, status_code=404)
    current = scripts_path() == f"/scripts/{request.path_params['version']}"
    headers = {"Content-Encoding": "gzip", **(FOR_EVER if current else NOT_KEPT)}
    return Response(packed, media_type="text/javascript", headers=headers)


ROUTES = [Route("/scripts/{version}/{name:path}", send_script)]
