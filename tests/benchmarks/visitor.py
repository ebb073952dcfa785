"""A visitor as the server has one: a real session over WebSocket that trains, steers and polls."""

import asyncio
import json
import random
import time
from contextlib import asynccontextmanager
from urllib.parse import parse_qs, urlencode

import httpx
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.problems.siamese.heads import HEAD_NAMES
from tests.browser.server import OF_A_PAGE

RECORDS_EVERY = 0.5  # s, as `client/asking/sources.js` asks for them
DESK_AFTER = 0.35  # s after them, as the weights desk asks
STEERED_EVERY = 4.0  # s
PATIENCE = 120.0  # s


class Visitor:
    """One person with one tab.

    Args:
        url: The server's address.
        settings: Of the run, as the page's address has them.
        seed: Settles which slider is moved, and where to.
    """

    def __init__(self, url: str, settings: dict, seed: int):
        self.url, self.query = url, urlencode({**settings, "seed": seed})
        self.run = ""
        self.moved: list[tuple[float, str, float]] = []  # when, which head, to what
        self.waited: list[float] = []  # s for each answer to a question for records
        self._random = random.Random(seed)
        self._buttons: dict[str, str] = {}
        self._cursor = 0

    async def train(self) -> None:
        """Open the page, press Train, and take the run's id from the address that it gets."""
        async with self._session() as socket:
            await self._rerun(socket)
            await self._rerun(socket, "Train")
            deadline = time.monotonic() + PATIENCE
            while not self.run and time.monotonic() < deadline:
                await self._rerun(socket)
            self.socket = socket
            await self._live()

    @asynccontextmanager
    async def _session(self):
        headers = {**OF_A_PAGE, "Origin": self.url}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=60) as self.http:
            await self.http.get("/", headers={"Accept": "text/html", "Sec-Fetch-Dest": "document"})
            cookies = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
            async with websockets.connect(
                self.url.replace("http", "ws") + "/_stcore/stream",
                origin=self.url,
                subprotocols=["streamlit"],
                additional_headers={"Cookie": cookies} if cookies else {},
                max_size=None,
                proxy=None,
            ) as socket:
                yield socket

    async def _rerun(self, socket, pressed: str = "") -> None:
        """Have the page's script run, and read what it sends."""
        message = BackMsg()
        message.rerun_script.query_string = self.query
        if pressed:
            state = message.rerun_script.widget_states.widgets.add()
            state.id, state.trigger_value = self._buttons[pressed], True
        else:
            message.rerun_script.widget_states.SetInParent()
        await socket.send(message.SerializeToString())
        while True:
            told = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), PATIENCE))
            kind = told.WhichOneof("type")
            if kind == "delta" and told.delta.new_element.WhichOneof("type") == "button":
                button = told.delta.new_element.button
                self._buttons[button.label] = button.id
            if kind == "page_info_changed":
                self.query = told.page_info_changed.query_string
                self.run = parse_qs(self.query).get("run", [self.run])[0]
            if kind == "script_finished":
                return

    async def _live(self) -> None:
        """Ask for records and lanes as the page does, and move a slider now and then."""
        steered = time.monotonic() + STEERED_EVERY * self._random.random()
        await asyncio.sleep(RECORDS_EVERY * self._random.random())
        while True:
            began = time.monotonic()
            answer = await self._ask(f"/api/runs/{self.run}/records?after={self._cursor}")
            self.waited.append(time.monotonic() - began)
            self._cursor = answer["cursor"]
            await asyncio.sleep(DESK_AFTER)
            await self._ask(f"/api/runs/{self.run}/lanes")
            if time.monotonic() > steered:
                steered += STEERED_EVERY
                await self._steer()
            await asyncio.sleep(RECORDS_EVERY - DESK_AFTER)

    async def _ask(self, path: str) -> dict:
        answer = await self.http.get(path)
        answer.raise_for_status()
        return answer.json()

    async def _steer(self) -> None:
        head = self._random.choice(HEAD_NAMES)
        weight = round(self._random.uniform(0.1, 2), 4)
        self.moved.append((time.monotonic(), head, weight))
        body = json.dumps({"lane": 0, "weights": {head: weight}})
        answer = await self.http.post(f"/api/runs/{self.run}/weights", content=body)
        answer.raise_for_status()
