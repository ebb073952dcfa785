"""What a proxy in front tells of a request: the name it was meant for, the scheme, whose it is."""

import ipaddress

from starlette.datastructures import Headers, MutableHeaders
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

LOOPBACK = ["127.0.0.0/8", "::1"]


def is_loopback(address: str) -> bool:
    """Whether it is an address of this computer that no other one reaches."""
    try:
        return ipaddress.ip_address(address.removeprefix("::ffff:")).is_loopback
    except ValueError:
        return False


class BehindProxy:
    """Takes `X-Forwarded-Host`, `-Proto` and `-For` from this computer's own proxy alone.

    The name becomes the request's `Host`, so that all that is compared with it, by Streamlit too,
    is compared with what the browser's address bar shows.
    """

    def __init__(self, app):
        self.app = ProxyHeadersMiddleware(app, LOOPBACK)

    async def __call__(self, scope, receive, send):
        if scope["type"] in ("http", "websocket") and is_loopback((scope.get("client") or [""])[0]):
            told = Headers(scope=scope).get("x-forwarded-host", "").split(",")[-1].strip()
            if told:
                scope = {**scope, "headers": list(scope["headers"])}
                MutableHeaders(scope=scope)["host"] = told
        return await self.app(scope, receive, send)
