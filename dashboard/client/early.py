"""Has the browser fetch our scripts with the page, and not one after the other once it is there.

Streamlit's page loads its own scripts, connects, and runs the page's script, and only what that
sends tells the browser that there are scripts of ours: they would come more than a second later.
"""

import re
from functools import cache

from starlette.datastructures import Headers, MutableHeaders

from core.run.config import RunConfig
from dashboard.client.scripts import DASHBOARD, names, scripts_path

IMPORT = re.compile(r'^(?:import|export)\b[^"=(]*\bfrom "(\.{1,2}/[^"]+)"', re.MULTILINE)
FIRST = "explore"  # the page at the root


@cache
def modules(page: str) -> tuple[str, ...]:
    """All scripts that the view of a page imports, itself included."""
    reached, ahead = set(), [f"{page}/view.js"]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            source = (DASHBOARD / name).read_text(encoding="utf-8")
            beside = (DASHBOARD / name).parent
            ahead += [
                (beside / path).resolve().relative_to(DASHBOARD).as_posix()
                for path in IMPORT.findall(source)
            ]
    return tuple(sorted(reached))


@cache
def tags(page: str) -> bytes:
    """What the head of Streamlit's page gets for one of our pages; nothing for any other path."""
    if f"{page}/view.js" not in names():
        return b""
    here = f".{scripts_path()}"  # beside the page, as Streamlit's own
    wanted = [*modules(page)]
    if page == FIRST:
        wanted.append(f"charts/figures-{RunConfig().n_classes}.js")
    parts = [f'<link rel="modulepreload" href="{here}/{name}">' for name in wanted]
    if "client/plotly.js" in wanted:
        # It takes half a second to parse, which is done while the page waits for its server.
        parts.insert(0, f'<script type="module" async src="{here}/client/early.js"></script>')
    return "".join(parts).encode()


class EarlyScripts:
    """Adds the tags to Streamlit's page."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        path = scope.get("path", "")
        page = path.strip("/").rpartition("/")[2] or FIRST
        wanted = scope["type"] == "http" and scope["method"] == "GET" and "/api/" not in path
        if not wanted or not tags(page):
            return await self.app(scope, receive, send)
        # Unpacked, so that something can be put into it.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        scope = {**scope, "headers": headers}
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
                whole = bytes(body).replace(b"</head>", tags(page) + b"</head>", 1)
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
