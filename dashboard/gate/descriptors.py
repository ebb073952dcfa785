"""How many files this process may have open: each session of a page takes some, connections too."""

import asyncio
import errno
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

from h11 import LocalProtocolError
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

MOST = (65_536, 10_240)  # wished for; macOS names no limit of its own, and allows the second
SPARE = 16  # kept for what sessions ask for, and for a training process
SAID_EVERY = 60.0  # s
TRY_AGAIN_LATER = 1013  # of a WebSocket that is closed
OUT_OF = (errno.EMFILE, errno.ENFILE)
SHORTAGE = (
    "This server has as many files and connections open as it may ({limit}): new pages are refused "
    "until others have been closed for a minute. Stop it, and start it again after a line such as "
    "`ulimit -n 4096`."
)


def raise_limit() -> None:
    """Allow as many as the system lets this process have, where it may ask for more.

    Many systems begin with 256 or 1,024, for the sake of programs that would not cope with more.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wished in (hard, *MOST):
        if wished != resource.RLIM_INFINITY and wished <= soft:
            return
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wished, hard))
            return


def limit() -> str:
    """How many there may be, in words."""
    try:
        import resource
    except ImportError:
        return "as many as the system has"
    return f"{resource.getrlimit(resource.RLIMIT_NOFILE)[0]:,}"


def try_to_open(n: int) -> None:
    """Try whether so many more files could be open, and leave none so.

    Raises:
        OSError: If they could not.
    """
    with ExitStack() as files:
        for _ in range(n):
            files.enter_context(open(os.devnull, "rb", buffering=0))


class Shortage:
    """Tells on the terminal, in a sentence and not each time, that there are no more to be had.

    Args:
        write: Where to; standard error if left out.
    """

    def __init__(self, write: Callable[[str], object] = sys.stderr.write):
        self._write, self._said = write, -SAID_EVERY

    def is_it(self, error: BaseException | None) -> bool:
        """Whether this is such a shortage: then it is told."""
        if not (isinstance(error, OSError) and error.errno in OUT_OF):
            return False
        if time.monotonic() - self._said >= SAID_EVERY:
            self._said = time.monotonic()
            self._write(f"{SHORTAGE.format(limit=limit())}\n")
        return True

    def handle(self, loop: asyncio.AbstractEventLoop, context: dict) -> None:
        """What an event loop does with what nobody else has handled."""
        if not self.is_it(context.get("exception")):
            loop.default_exception_handler(context)


class Descriptors:
    """Answers with a sentence where a request finds no file or connection left.

    Where nobody is there any more to be answered, it says nothing: it is no fault of the server.

    Args:
        app: What answers otherwise.
        shortage: Tells it on the terminal.
    """

    def __init__(self, app, shortage: Shortage):
        self.app, self.shortage = app, shortage

    async def __call__(self, scope, receive, send):
        has_begun = False

        async def noting(message):
            nonlocal has_begun
            has_begun = True
            await send(message)

        try:
            if scope["type"] == "websocket":  # of a session, which stays
                try_to_open(SPARE)
            await self.app(scope, receive, noting)
        except (LocalProtocolError, ClientDisconnect):
            pass  # who asks has hung up in mid-request, or what came was none after all
        except OSError as error:
            if not self.shortage.is_it(error):
                raise
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER})
            elif not has_begun:
                answer = JSONResponse({"error": SHORTAGE.format(limit=limit())}, 503)
                await answer(scope, receive, send)
