"""What a request must be to be answered, and what every answer tells the browser to refuse."""

import base64
import hashlib
import os
import re
from importlib.resources import files

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse

LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


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


class SameOrigin:
    """Refuses what a page of another origin asks for, WebSockets included."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket"):
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin is not None and origin.partition("://")[2] != headers.get("host"):
                refusal = PlainTextResponse("Requests from other sites are refused.", 403)
                return await refusal(scope, receive, send)
        return await self.app(scope, receive, send)


def allowed_hosts() -> list[str]:
    """The host names that the page may be reached under."""
    named = os.environ.get("EXPLORER_ALLOWED_HOSTS", "").split(",")
    return LOCAL_HOSTS + [name for name in named if name]


def middleware() -> list[Middleware]:
    """A foreign `Host` is refused on every route, so that a rebound DNS name reads nothing."""
    hosts = allowed_hosts()
    return [
        Middleware(SecurityHeaders),
        Middleware(TrustedHostMiddleware, allowed_hosts=hosts, www_redirect=False),
        Middleware(SameOrigin),
    ]
