"""What a request must be to be answered, and what every answer tells the browser to refuse."""

import base64
import hashlib
import os
import re
from importlib.resources import files

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware

from dashboard.gate.access import Access
from dashboard.gate.base_path import BasePath, below, take_base_path
from dashboard.gate.proxy import BehindProxy
from dashboard.gate.refuse import refusal, shown, tell_once

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
HOST = re.compile(r"(?P<name>\[[\da-f:.]+\]|[\w.-]+)(:\d*)?", re.ASCII | re.IGNORECASE)
ORIGIN = re.compile(rf"(?P<scheme>https?)://(?P<netloc>{HOST.pattern})", HOST.flags)
USUAL_PORT = {"http": 80, "https": 443}
NO_UPGRADE = (
    "The page's WebSocket was asked for as if it were a file. If a proxy of yours is in front, "
    "have it pass on the Upgrade (nginx: proxy_http_version 1.1; proxy_set_header Upgrade "
    "$http_upgrade; proxy_set_header Connection upgrade;)."
)
OTHER_SITE = "Requests from other sites are refused."


def inline_script_hashes() -> str:
    """CSP sources that allow the inline scripts of Streamlit's own page, and no others."""
    page = files("streamlit").joinpath("static/index.html").read_text()
    scripts = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy() -> str:
    """Everything from this server alone; `blob:` is how Streamlit loads inline components."""
    return "; ".join(
        [
            "default-src 'self'",
            f"script-src 'self' blob: {inline_script_hashes()}",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


class SecurityHeaders:
    """Adds the security headers to every HTTP answer."""

    def __init__(self, app):
        self.app = app
        self.headers = {
            "Content-Security-Policy": content_security_policy(),
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }

    async def __call__(self, scope, receive, send):
        async def send_with_headers(message):
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class KnownHost:
    """Refuses what asks for another name than the server's, so that a rebound name reads nothing.

    Args:
        app: What answers the others.
        allowed: Names, such as "lab.example.org", "*.example.org" or "[::1]".
    """

    def __init__(self, app, allowed: list[str]):
        self.app = app
        self.names = {name.lower() for name in allowed if not name.startswith("*.")}
        self.endings = tuple(name[1:].lower() for name in allowed if name.startswith("*."))

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            found = HOST.fullmatch(Headers(scope=scope).get("host", ""))
            name = found["name"].lower() if found else ""
            if name not in self.names and not (self.endings and name.endswith(self.endings)):
                sentence = unknown_name(name)
                tell_once(f"host {name}", sentence)
                return await refusal(scope, 400, sentence)(scope, receive, send)
        return await self.app(scope, receive, send)


def unknown_name(name: str) -> str:
    """Why a name is refused, and what to set."""
    if not name:
        return "A request was refused, since it does not say for which host name it is meant."
    return (
        f"A request for {shown(name)} was refused: the server does not go by this name. If that is "
        f"the name it is to be reached under, start it with --allow-host {shown(name.strip('[]'))}"
    )


class SameOrigin:
    """Refuses what a page of another origin asks for, WebSockets included."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            origin, host = headers.get("origin"), headers.get("host", "")
            if origin is not None and origin.partition("://")[2] != host:
                found = ORIGIN.fullmatch(origin)
                if not found or host != f"{found['netloc']}:{USUAL_PORT[found['scheme']]}":
                    sentence = other_site(found, host)
                    tell_once(f"origin {origin}", sentence)
                    return await refusal(scope, 403, sentence)(scope, receive, send)
                # A browser leaves the usual port out; Streamlit compares once more.
                scope = {**scope, "headers": list(scope["headers"])}
                MutableHeaders(scope=scope)["host"] = found["netloc"]
        return await self.app(scope, receive, send)


def other_site(origin: re.Match | None, host: str) -> str:
    """Why an origin is refused, and what to set if it is a proxy's."""
    if not origin:
        return OTHER_SITE
    name = origin["name"].strip("[]")
    return (
        f"{OTHER_SITE} A page of {shown(origin[0])} asked for something of {shown(host)}. If that "
        "page is this one behind a proxy of yours, the proxy does not pass its name on: have it do "
        f"so (nginx: proxy_set_header Host $http_host;) and start with --allow-host {shown(name)}, "
        "or have it send X-Forwarded-Host and add --behind-proxy"
    )


class Upgraded:
    """Says what is missing where the page's WebSocket comes as a plain question."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and below(scope) == "/_stcore/stream":
            tell_once("upgrade", NO_UPGRADE)
            return await refusal(scope, 426, NO_UPGRADE)(scope, receive, send)
        return await self.app(scope, receive, send)


def allowed_hosts() -> list[str]:
    """The host names that the page may be reached under."""
    named = os.environ.get("EXPLORER_ALLOWED_HOSTS", "").split(",")
    return LOCAL_HOSTS + [name for name in named if name]


def middleware() -> list[Middleware]:
    """What each request passes first, in this order; `base_path.below` gives its path."""
    proxy = [Middleware(BehindProxy)] if os.environ.get("EXPLORER_BEHIND_PROXY") else []
    return [
        Middleware(SecurityHeaders),
        Middleware(BasePath, take_base_path()),
        *proxy,
        Middleware(KnownHost, allowed_hosts()),
        Middleware(SameOrigin),
        Middleware(Upgraded),
        Middleware(Access),
    ]
