"""Who is let in, and as whom: the token of the printed link, the teacher's, a browser's own cookie.

Cookies are of the path where the page is, since they name none; no script sees them, and none of
another site has them sent. So a page that another site links to is asked for without them: marks,
which say nothing else, tell that from a browser that never was here.
"""

import hashlib
import hmac
import html
import os
import secrets
from collections.abc import Mapping
from urllib.parse import quote

from starlette.datastructures import MutableHeaders, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from streamlit import config

from core.run.visitor import Visitor

PERSON, PERSON_MARK = "explorer_person", "explorer_known"
YEAR = 365 * 24 * 3600  # s
NOT_KEPT = {"Cache-Control": "no-store"}
NEEDED = (
    "This server asks for its token. Open the link that it has printed where it was started, or "
    "send `Authorization: Bearer TOKEN` with the token of that link."
)
OUTDATED = (
    "This link is not one of this server's: each start makes new ones. Open the one that it has "
    "printed where it was started."
)
PAGE = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Not let in · Loss-Weight Explorer</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{
    font: 1.1rem/1.5 system-ui, sans-serif; max-width: 42rem; margin: 15vh auto; padding: 0 1rem;
  }}
</style>
<h1>Not let in</h1>
<p>{sentence}</p>
"""
# A page that asks for itself does so with its cookies.
ONCE_MORE = """<!DOCTYPE html>
<title>One moment</title>
<meta http-equiv="refresh" content="0; url={}">
"""


def visitor_of(cookies: Mapping[str, str], authorization: str = "") -> Visitor:
    """Who asks, by the cookies and the `Authorization` of a request."""
    cookie = cookies.get(PERSON, "")
    return Visitor(
        person=hashlib.sha256(cookie.encode()).hexdigest()[:32] if cookie else "",
        is_teacher=_has("teacher", cookies, authorization),
        is_open=bool(os.environ.get("EXPLORER_OPEN")),
    )


def visitor_at(connection: HTTPConnection) -> Visitor:
    """The same of a request or a WebSocket."""
    return visitor_of(connection.cookies, connection.headers.get("authorization", ""))


def is_let_in(connection: HTTPConnection) -> bool:
    """Whether somebody has the token, or the teacher's; or none is asked for."""
    told = connection.cookies, connection.headers.get("authorization", "")
    return not _secret("token") or _has("token", *told) or _has("teacher", *told)


class Access:
    """Lets in who may come, takes the token out of the address, and gives each browser a cookie."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] not in ("http", "websocket"):
            return await self.app(scope, receive, send)
        asked = HTTPConnection(scope)
        if answer := _answer(asked):
            return await answer(scope, receive, send)
        is_new = _wants_page(asked) and not {PERSON, PERSON_MARK} & asked.cookies.keys()

        async def send_with_cookie(message):
            if message["type"] == "http.response.start" and _is_page(message):
                cookies = Response()
                _set_cookie(cookies, asked, PERSON, secrets.token_urlsafe(32), max_age=YEAR)
                _set_cookie(cookies, asked, PERSON_MARK, "1", is_mark=True, max_age=YEAR)
                for cookie in cookies.headers.getlist("set-cookie"):
                    MutableHeaders(scope=message).append("set-cookie", cookie)
            await send(message)

        return await self.app(scope, receive, send_with_cookie if is_new else send)


def _answer(asked: HTTPConnection) -> Response | None:
    """What is answered in the app's place, if anything is."""
    is_page = _wants_page(asked)
    for name in ("teacher", "token") if is_page else ():
        given, secret = asked.query_params.get(name), _secret(name)
        if given is not None and secret:
            if not _is_same(given, secret):
                return _refusal(OUTDATED, is_page)
            answer = RedirectResponse(_without(asked, name), 303, NOT_KEPT)
            _set_cookie(answer, asked, _cookie(name), secret)
            if _secret("token"):
                _set_cookie(answer, asked, _cookie("in"), _mark(), is_mark=True)
            return answer
    if is_let_in(asked):
        return None
    was_in = _is_same(asked.cookies.get(_cookie("in"), ""), _mark())
    if is_page and was_in and not _is_from_here(asked):
        here = html.escape(_without(asked))
        return HTMLResponse(ONCE_MORE.format(here), headers=NOT_KEPT)
    return _refusal(NEEDED, is_page)


def _refusal(sentence: str, is_page: bool) -> Response:
    headers = {**NOT_KEPT, "WWW-Authenticate": "Bearer"}
    if is_page:
        return HTMLResponse(PAGE.format(sentence=html.escape(sentence)), 401, headers)
    return JSONResponse({"error": sentence}, 401, headers)


def _wants_page(asked: HTTPConnection) -> bool:
    """Whether it may be one of our pages that is asked for, to be shown in a window."""
    path, headers = asked.scope["path"], asked.headers
    is_route = "/api/" in path or "/_stcore/" in path or "." in path.rpartition("/")[2]
    into = headers.get("sec-fetch-dest", "document")
    return asked.scope.get("method") == "GET" and not is_route and into == "document"


def _is_page(start: dict) -> bool:
    content_type = MutableHeaders(scope=start).get("content-type", "")
    return start["status"] == 200 and content_type.startswith("text/html")


def _without(asked: HTTPConnection, *names: str) -> str:
    """The address as seen from itself, whatever a proxy makes of its path, without parameters."""
    query = [(name, value) for name, value in asked.query_params.multi_items() if name not in names]
    text = f"?{QueryParams(query)}" if query else ""
    return f"./{quote(asked.scope['path'].rpartition('/')[2])}{text}"


def _is_from_here(asked: HTTPConnection) -> bool:
    referer = asked.headers.get("referer", "").partition("://")[2]
    return referer.partition("/")[0] == asked.headers.get("host")


def _set_cookie(answer: Response, asked: HTTPConnection, name, value, is_mark=False, **more):
    answer.set_cookie(
        name,
        value,
        path=None,
        secure=asked.url.scheme == "https",
        httponly=True,
        samesite="lax" if is_mark else "strict",
        **more,
    )


def _cookie(name: str) -> str:
    """Name of a cookie that is this server's alone: browsers send it to all ports of a host."""
    return f"explorer_{name}_{config.get_option('server.port')}"


def _secret(name: str) -> str:
    return os.environ.get(f"EXPLORER_{name.upper()}", "")


def _mark() -> str:
    """What tells that a browser was let in since the server was started, and lets nobody in."""
    return hashlib.sha256(f"in {_secret('token')}".encode()).hexdigest()[:16]


def _has(name: str, cookies: Mapping[str, str], authorization: str) -> bool:
    scheme, _, bearer = authorization.partition(" ")
    given = [cookies.get(_cookie(name), ""), bearer if scheme.lower() == "bearer" else ""]
    return any(_is_same(one.strip(), _secret(name)) for one in given)


def _is_same(given: str, secret: str) -> bool:
    """Whether it is the secret, in a time that does not tell how much of it is right."""
    return bool(secret) and hmac.compare_digest(given.encode(), secret.encode())
