"""The path below which the page is found, where a proxy has other things beside it.

It is Streamlit's own setting `server.baseUrlPath`, which moves Streamlit's routes alone: here it is
taken over for all routes. A proxy may pass the path on or take it away; both are answered.
"""

from functools import cache

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse
from streamlit import config


@cache
def take_base_path() -> str:
    """The path that is set, such as "/lab", or nothing; Streamlit moves no route by itself then."""
    path = config.get_option("server.baseUrlPath").strip("/")
    config.set_option("server.baseUrlPath", "")
    return f"/{path}" if path else ""


def below(scope) -> str:
    """The path of a request as the routes have it, below the base path."""
    path, base = scope.get("path", ""), scope.get("root_path", "")
    return path.removeprefix(base) if path.startswith(f"{base}/") else path


class BasePath:
    """Has the routes found below the base path, which becomes the `root_path` of a request.

    Where the browser is to go instead is told as seen from where it is, since a proxy may have
    taken away a part of the path.

    Args:
        app: What answers.
        base: The path, such as "/lab", or nothing.
    """

    def __init__(self, app, base: str):
        self.app = app
        self.base = base

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        path = scope["path"]
        if self.base and path.startswith(f"{self.base}/"):
            scope = {**scope, "root_path": self.base}

        async def send_nearby(message):
            if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
                headers = MutableHeaders(scope=message)
                if (place := headers.get("location", "")).startswith("/"):
                    headers["location"] = "../" * (path.count("/") - 1) + place[1:]
            await send(message)

        if self.base and path == self.base:  # the browser would look beside it for what is below
            query = scope["query_string"].decode("latin-1")
            moved = RedirectResponse(f"{path}/" + (query and f"?{query}"), 301)
            return await moved(scope, receive, send_nearby)
        return await self.app(scope, receive, send_nearby)
