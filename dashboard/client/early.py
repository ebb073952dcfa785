"""Has the browser fetch our scripts with the page, and not one after the other once it is there.

Streamlit's page loads its own scripts, connects, and runs the page's script, and only what that
sends tells the browser that there are scripts of ours: they would come more than a second later.
"""

import html
import re
from functools import cache
from importlib.resources import files
from itertools import chain
from os.path import normpath
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders

from core.problems import heads_of
from core.run.config import RunConfig
from core.run.heads import key_of
from dashboard.client.scripts import DASHBOARD, names, scripts_path
from dashboard.gate.base_path import below

# Two, since Python looks for letters that a pattern begins with ten times as fast (measured).
IMPORTS = [re.compile(rf'{word} ?"(\.{{1,2}}/[^"]+\.js)"') for word in ("import", "from")]
FIRST = "explore"  # the page at the root
# Scripts of Streamlit that it would fetch, with all that they import, once a page's script has run,
# and until when it shows boxes of another height; `static/js/NAME.HASH.js` in its package.
LATE = (
    *("BidiComponent", "Button", "ButtonGroup", "Checkbox", "FileUploader", "Html"),
    *("NumberInput", "Selectbox", "Slider"),
)

OURS = ("history", "away", "exports")  # what runs beside Streamlit, from the beginning


def with_imports(*first: Path) -> set[Path]:
    """These scripts and all that they import."""
    scripts, ahead = set(), list(first)
    while ahead:
        script = ahead.pop()
        if script not in scripts:
            scripts.add(script)
            source = script.read_text(encoding="utf-8")
            for path in chain.from_iterable(pattern.findall(source) for pattern in IMPORTS):
                ahead.append(Path(normpath(script.parent / path)))
    return scripts


@cache
def modules(page: str) -> tuple[str, ...]:
    """All scripts that the view of a page imports, itself included."""
    scripts = with_imports(DASHBOARD / page / "view.js")
    return tuple(sorted(script.relative_to(DASHBOARD).as_posix() for script in scripts))


@cache
def late_modules() -> tuple[str, ...]:
    """Scripts of Streamlit that its page does not name by itself, see `LATE`."""
    static = (Path(str(files("streamlit"))) / "static").resolve()
    page = (static / "index.html").read_text(encoding="utf-8")
    scripts = (static / "static" / "js").glob("*.js")
    late = with_imports(*(script for script in scripts if script.name.split(".")[0] in LATE))
    paths = sorted(script.relative_to(static).as_posix() for script in late)
    return tuple(path for path in paths if path not in page)


@cache
def tags(page: str) -> bytes:
    """What the head of Streamlit's page gets for one of our pages; nothing for any other path."""
    if f"{page}/view.js" not in names():
        return b""
    here = f".{scripts_path()}"  # beside the page, as Streamlit's own
    wanted = [f"./{path}" for path in late_modules()]
    wanted += [f"{here}/{name}" for name in modules(page)]
    if page == FIRST:
        wanted.append(f"{here}/charts/figures-{key_of(heads_of(RunConfig()))}.js")
    parts = [f'<link rel="modulepreload" href="{path}">' for path in wanted]
    beside = f"{here}/client/beside"
    parts += [f'<script type="module" src="{beside}/{name}.js"></script>' for name in OURS]
    parts.append(f'<script defer src="{beside}/reach.js"></script>')
    if "client/drawing/plotly.js" in modules(page):
        parts.append(f'<link rel="preload" as="script" href="{here}/plotly.min.js">')
    return "".join(parts).encode()


class EarlyScripts:
    """Adds the tags to Streamlit's page."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        path = below(scope)
        page = path.strip("/").rpartition("/")[2] or FIRST
        is_file = "." in page or "/api/" in path
        wanted = scope["type"] == "http" and scope["method"] == "GET" and not is_file
        if not wanted or not tags(page):
            return await self.app(scope, receive, send)
        # Unpacked, so that something can be put into it.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        scope = {**scope, "headers": headers}
        # By which the page knows a proxy that asks under another name than the browser's.
        asked_as = html.escape(Headers(scope=scope).get("host", ""))
        added = f'<meta name="asked-as" content="{asked_as}">'.encode() + tags(page)
        start: dict = {}
        body = bytearray()

        async def send_with_tags(message):
            if message["type"] == "http.response.start":
                start.update(message)
                if not is_page(message):
                    await send(message)
                return
            if message["type"] != "http.response.body" or not is_page(start):
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body"):
                whole = bytes(body).replace(b"</head>", added + b"</head>", 1)
                headers = MutableHeaders(scope=start)
                headers["content-length"] = str(len(whole))
                # They speak of Streamlit's page alone: a browser would keep our older scripts.
                del headers["etag"], headers["last-modified"]
                await send(start)
                await send({"type": "http.response.body", "body": whole})

        return await self.app(scope, receive, send_with_tags)


def is_page(start: dict) -> bool:
    """Whether an answer is Streamlit's page."""
    content_type = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] == 200 and content_type.startswith("text/html")
