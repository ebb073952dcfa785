"""`python3 -m tests.benchmarks hostile`: requests, frames and files that nobody sends by mistake.

All of them come from a seed. No answer may be a fault of the server (a 5xx but for 503, with which
it says that it has none left of something), none may hold a traceback, nor may the terminal; no
file may appear outside of the store's folder.
"""

import io
import json
import random
import re
import socket
from collections import Counter
from contextlib import closing, suppress
from importlib import import_module
from pathlib import Path
from urllib.parse import quote

import numpy as np
from PIL import Image
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from core import RunConfig, RunState, Store
from core.data.own_data import add
from core.errors import ExplorerError
from core.export.bundle import import_run, write
from core.places import PROJECT
from core.problems.siamese.heads import HEAD_NAMES
from core.run.records import Record
from tests.benchmarks.bench import Bench, tell
from tests.browser.server import Server
from tests.siamese import weighted

REQUESTS, FILES, FRAMES = 5000, 1000, 200
SEED = 0
METHODS = ("GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW")
STREAMLIT = (
    *("/", "/map", "/inside", "/_stcore/health", "/_stcore/host-config", "/_stcore/stream"),
    *("/_stcore/upload_file/x/y", "/_stcore/metrics", "/_stcore/message?hash=x", "/media/x.png"),
    *("/component/x/y.js", "/app/static/x", "/static/js/x.js", "/_stcore/bidi-components/x/y.js"),
    *("/_stcore/script-health-check", "/_stcore/allowed-message-origins", "/auth/login"),
)
PARAMETERS = (
    *("after", "lane", "hints", "pair", "watch", "seen", "token", "runs", "format", "config"),
    *("run", "lanes", "list", "bin_out", "seed", "what"),
)
VALUES = (
    *("", "0", "-1", "1", "2", "9" * 400, "1e999", "NaN", "Infinity", "0x10", "1.5", "²", "٣"),
    *("null", "true", "[]", "{}", '""', "[" * 9000, '{"seed":' * 2000 + "1" + "}" * 2000),
    *("[" * 900 + "]" * 900, '{"seed": [' + "[" * 980 + "]" * 980 + "]}", '{"steps": 1e400}'),
    *("\0", "a\0b", "\r\nX: y", "\ud800", "\u202e", "😀" * 99, "%", "%00", "%ff%fe", "a" * 20_000),
    *("../../etc/passwd", "..\\..\\win.ini", "/etc/passwd", "....//....//", "file:///etc/passwd"),
    *("' OR 1=1 --", "1; DROP TABLE runs", "<script>alert(1)</script>", "${7*7}", "{{7*7}}"),
    *("csv", "keras", "script", "parquet", "json", "bundle", "tensorboard", "example", ",,,"),
)
RAW = (
    *(b"", b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01"),
    *(b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n", b"\0" * 300),
    *(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"A" * 70_000, b"GET http://[ HTTP/1.1\r\n"),
    b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"POST /api/runs/x/weights HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n{",
)


def routes() -> list[str]:
    """The paths of all our routes, and of Streamlit's."""
    folder = PROJECT / "dashboard" / "api"
    modules = [f for f in sorted(folder.glob("*.py")) if "\nROUTES = [" in f.read_text("utf-8")]
    ours = [route for f in modules for route in import_module(f"dashboard.api.{f.stem}").ROUTES]
    return [*(route.path for route in ours), *STREAMLIT]


class Requests:
    """Requests of a seed to one server.

    Args:
        server: Whom to ask.
        runs: Ids of runs that it has.
        chance: What settles them.
    """

    def __init__(self, server: Server, runs: list[str], chance: random.Random):
        self.server, self.runs, self.chance = server, runs, chance
        self.paths = routes()
        self.faults: list[str] = []
        self.answers: Counter[str] = Counter()

    def send(self, n: int) -> None:
        """Send so many, one after the other, and note what may not be."""
        for _ in range(n):
            request = self.chance.choice(RAW) if self.chance.random() < 0.05 else self._request()
            self._check(request, self._answer(request))

    def _request(self) -> bytes:
        pick = self.chance.choice
        path = re.sub(r"{[^}]*}", lambda _: self._value(), pick(self.paths))
        n = pick((0, 1, 1, 2, 3))
        query = "&".join(f"{pick(PARAMETERS)}={self._value()}" for _ in range(n))
        target = f"{path}{'?' if query else ''}{query}"
        method, body = pick(METHODS), b""
        if method in ("POST", "PUT", "PATCH"):
            body = self._body()
        headers = [f"Host: {pick(('localhost', 'localhost', '127.0.0.1', 'evil.example', ''))}"]
        headers += [f"Content-Length: {len(body)}", "Connection: close"]
        extra = ("Origin: null", "Cookie: =;;=", "Range: bytes=9-1", "Accept-Encoding: gzip")
        headers += [pick(extra)] if self.chance.random() < 0.3 else []
        head = f"{method} {target} HTTP/1.1\r\n" + "\r\n".join(headers) + "\r\n\r\n"
        return head.encode("utf-8", "surrogatepass") + body

    def _value(self) -> str:
        value = self.chance.choice((*VALUES, *self.runs, *self.runs))
        if self.chance.random() < 0.1:
            return re.sub(r"[\s\0]", "", value)  # as it is, not as a client would write it
        return quote(value.encode("utf-8", "surrogatepass"), safe="")

    def _body(self) -> bytes:
        weights = {"lane": self._number(), "weights": {self.chance.choice(HEAD_NAMES): 1}}
        bodies = (json.dumps(weights), *VALUES, json.dumps({"weights": {"bin_out": "x"}}))
        body = self.chance.choice(bodies).encode("utf-8", "surrogatepass")
        return mutated(body, self.chance) if self.chance.random() < 0.5 else body

    def _number(self):
        return self.chance.choice((0, -1, 1.5, 10**30, "0", None, [], True))

    def _answer(self, request: bytes) -> bytes:
        answer = b""
        with suppress(OSError):  # it may hang up on what is too long
            to = ("127.0.0.1", self.server.port)
            with socket.create_connection(to, timeout=30) as raw:
                raw.settimeout(0.2 if request in RAW else 60)  # some of those never end
                raw.sendall(request)
                while len(answer) < 1_000_000 and (part := raw.recv(65_536)):
                    answer += part
        return answer

    def _check(self, request: bytes, answer: bytes) -> None:
        status = answer.split(b" ", 2)[1].decode() if answer.startswith(b"HTTP/1") else "none"
        self.answers[status] += 1
        bad = status.startswith("5") and status != "503"
        if bad or b"Traceback (most recent" in answer:
            self.faults.append(f"{status} after {request[:200]!r}")


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The same with some bytes changed, cut out, doubled or put in."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 8, 64))):
        at = chance.randrange(len(changed) + 1)
        kind = chance.randrange(4)
        if kind == 0 and at < len(changed):
            changed[at] = chance.randrange(256)
        elif kind == 1:
            del changed[at : at + chance.choice((1, 4, 100))]
        elif kind == 2:
            changed[at:at] = chance.randbytes(chance.choice((1, 4, 100)))
        else:
            changed[at:at] = changed[at : at + chance.choice((1, 4, 100))]
    return bytes(changed)


def send_frames(server: Server, n: int, chance: random.Random) -> None:
    """Frames to the page's WebSocket that no page sends."""
    for _ in range(n):
        with (
            suppress(WebSocketException, OSError, TimeoutError),
            connect(
                f"ws{server.url.removeprefix('http')}/_stcore/stream",
                origin=server.url,
                subprotocols=["streamlit"],
                proxy=None,
            ) as page,
        ):
            frame = chance.randbytes(chance.choice((0, 1, 10, 1000)))
            page.send(frame.hex() if chance.random() < 0.3 else frame)
            page.recv(timeout=0.1)


def make_files(folder: Path, store: Store, run: str) -> dict[str, bytes]:
    """A sound file of each kind, by its ending."""
    chance = np.random.default_rng(0)
    arrays = io.BytesIO()
    np.savez(arrays, x=chance.random((40, 8, 8)), y=np.arange(40) % 4)
    picture = io.BytesIO()
    Image.fromarray(chance.integers(0, 255, (8, 8), np.uint8)).save(picture, "PNG")
    write(store, [run], folder / "whole.run.zip")
    with closing(Store(folder / "whole.sqlite")) as whole:
        record_some(whole)
    return {
        ".npz": arrays.getvalue(),
        ".png": picture.getvalue(),
        ".run.zip": (folder / "whole.run.zip").read_bytes(),
        ".sqlite": (folder / "whole.sqlite").read_bytes(),
    }


def record_some(store: Store) -> list[str]:
    """Runs that have ended, with some records, and one that has not."""
    runs = [store.add_run(RunConfig(steps=20), [weighted()] * n, "0-gone") for n in (1, 2)]
    half = dict.fromkeys(HEAD_NAMES, 0.5)
    for run in runs:
        store.append(
            run,
            [Record(0, n, 0, 0.0, half, half, half, half, 1.0, half, 0.1) for n in range(1, 21)],
        )
        store.set_state(run, RunState.FINISHED)
    return runs


def take_in(ending: str, content: bytes, folder: Path, into: Store) -> None:
    """Do with a file what the program does with files of its kind; a refusal is an answer."""
    path = folder / f"given{ending}"
    path.write_bytes(content)
    with suppress(ExplorerError):
        if ending == ".npz":
            add(path, folder / "taken")
        elif ending == ".png":
            images = folder / "images"
            for n in range(8):
                (images / str(n % 2)).mkdir(parents=True, exist_ok=True)
                (images / str(n % 2) / f"{n}.png").write_bytes(content)
            add(images, folder / "taken")
        elif ending == ".run.zip":
            import_run(into, path)
        else:
            with closing(Store(path)) as store:
                for run in store.runs():
                    list(store.records(run.id))
                    store.checkpoints(run.id)
    for log in folder.glob("given.sqlite*"):
        log.unlink()


def send_files(folder: Path, n: int, chance: random.Random) -> list[str]:
    """Take in so many changed files; what went otherwise than by a refusal."""
    faults = []
    with closing(Store(folder / "runs.sqlite")) as store:
        run = record_some(store)[0]
        files = make_files(folder, store, run)
        for _ in range(n):
            ending = chance.choice(list(files))
            content = mutated(files[ending], chance)
            try:
                take_in(ending, content, folder, store)
            except Exception as error:
                faults.append(f"{type(error).__name__} of a {ending}: {str(error)[:200]}")
    return faults


def outside(*kept: Path) -> set[str]:
    """The files of the project and beside the stores, but for those in the folders given."""
    ignored = (PROJECT / ".gitignore").read_text().split()  # what the tests' tools keep is there
    hidden = {".git", *(name.rstrip("/") for name in ignored)}
    found = set()
    for root in (PROJECT, *{folder.parent for folder in kept}):
        for path in root.glob("*" if root != PROJECT else "**/*"):
            if not hidden & set(path.parts) and path not in kept:
                found.add(str(path))
    return found


def campaign(
    folder: Path, seed: int, n_requests: int, n_files: int, n_frames: int
) -> tuple[Counter[str], list[str]]:
    """All of it, in a folder of its own.

    Returns:
        How many answers there were of each status, and what may not be, in sentences.
    """
    chance = random.Random(seed)
    of_server, of_files = folder / "server", folder / "files"
    for one in (of_server, of_files):
        one.mkdir()
    before = outside(of_server, of_files)
    with closing(Store(of_server / "runs.sqlite")) as store:
        runs = record_some(store)
    server = Server(of_server)
    with closing(server):
        requests = Requests(server, runs, chance)
        requests.send(n_requests)
        send_frames(server, n_frames, chance)
        requests.send(1)  # it is still there
    faults = requests.faults
    said = server.log.read_text("utf-8", "replace")
    if "Traceback" in said:
        last = re.findall(
            r"^(?! |Traceback|During|The above)\S+(?:Error|Exception)\b.*", said, re.M
        )
        faults.append(f"{said.count('Traceback')} tracebacks on the terminal: {Counter(last)}")
    faults += send_files(of_files, n_files, chance)
    faults += [f"A file appeared: {path}" for path in outside(of_server, of_files) - before]
    return requests.answers, faults


def report(seed: int = SEED, n: int = REQUESTS) -> bool:
    """Send all, print what came, and tell whether nothing was amiss."""
    share = n / REQUESTS
    with Bench() as bench:
        n_files, n_frames = round(FILES * share), round(FRAMES * share)
        tell(f"{n} requests, {n_frames} frames, {n_files} files, seed {seed}")
        answers, faults = campaign(bench.folder(), seed, n, n_files, n_frames)
    print(*(f"{status}: {count:,}" for status, count in sorted(answers.items())), sep="  ")
    print(*faults[:20], f"{len(faults)} faults.", sep="\n")
    return not faults
