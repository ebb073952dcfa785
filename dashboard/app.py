"""The server: Streamlit's app with our routes and guards, and the engine that lives with it."""

import asyncio
import gc
import socket
import sys
import threading
from contextlib import asynccontextmanager, suppress
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path[:] = [str(PROJECT), *(p for p in sys.path if Path(p).resolve() != PROJECT / "dashboard")]

import streamlit as st  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402

from core.errors import ExplorerError  # noqa: E402
from dashboard import service  # noqa: E402
from dashboard.api import export, inside, lanes, maps, memory, records, scripts, steer  # noqa: E402
from dashboard.client.early import EarlyScripts  # noqa: E402
from dashboard.gate.descriptors import Descriptors, Shortage, raise_limit  # noqa: E402
from dashboard.gate.guard import middleware  # noqa: E402
from dashboard.gate.terminal import tell_errors_in_one_line  # noqa: E402
from dashboard.gate.tokens import links_by_hand  # noqa: E402
from dashboard.state import take_in_messages_whole, tell_script_error  # noqa: E402


def listening():
    """This server's sockets, which Streamlit has opened."""
    for made in gc.get_objects():
        if isinstance(made, socket.socket) and made.fileno() >= 0:
            with suppress(OSError):
                if made.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                    yield made


def answer_at_once():
    """Have this server's sockets send what they are given, and not wait for more.

    Streamlit opens its socket so that asyncio does not see to that: the head of an answer is sent,
    and its body 40 ms later, when the browser has confirmed the head. Connections inherit it.
    """
    for own in listening():
        own.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def tell_links():
    """Where Streamlit was started by hand, and others reach it, let in who has a link."""
    for link in links_by_hand([own.getsockname() for own in listening()]):
        print(f"Others reach this address; this link lets them in: {link}", flush=True)


@asynccontextmanager
async def lifespan(app):
    """Start the training process with the server, and end it with the server."""
    answer_at_once()
    tell_links()
    raise_limit()
    asyncio.get_running_loop().set_exception_handler(shortage.handle)
    is_over = threading.Event()
    try:
        is_over = memory.keep_looking(service.engine())
    except ExplorerError as error:
        print(error, file=sys.stderr)
    threading.Thread(target=scripts.prepare, daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
        service.close()


tell_errors_in_one_line()
take_in_messages_whole()
shortage = Shortage()
app = st.App(
    Path(__file__).with_name("main.py"),
    lifespan=lifespan,
    routes=[
        *(*inside.ROUTES, *memory.ROUTES, *maps.ROUTES, *steer.ROUTES),
        *(*export.ROUTES, *lanes.ROUTES, *records.ROUTES, *scripts.ROUTES),
    ],
    middleware=[
        Middleware(Descriptors, shortage=shortage),
        *middleware(),
        Middleware(EarlyScripts),
    ],
    on_script_error=tell_script_error,
)
