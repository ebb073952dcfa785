"""Which engine trains a run: a name to write beside it, and whether that engine is still there."""

import hashlib
import os
import re
import time
import uuid
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from platform import node

PROC = Path("/proc")  # there on Linux alone
NAME = re.compile(r"(?P<pid>\d+)-(?P<unique>[^|]*)(\|(?P<more>.*))?", re.DOTALL)

_open_here: set[str] = set()


class Standing(Enum):
    """What is known of an engine."""

    HERE = "may be at work on this machine"
    GONE = "is gone"
    ELSEWHERE = "is on another machine, or where it cannot be seen from here"


@dataclass(frozen=True)
class Owner:
    """An engine as it can be told from all others.

    A process id alone is used again: after a restart of the machine, by each container, and in
    time on any machine. What is not known is empty, and then nothing follows from it: an engine
    is gone only where that is certain, since its runs are stopped then.

    Attributes:
        pid: Process id.
        unique: What tells two engines of one process apart.
        machine: Digest of the machine's name and id, and of the container. Empty of an engine
            of an older version, of which nothing but the process id is known.
        boot: Random id that Linux draws at each start; elsewhere empty.
        uptime: Whole seconds since the machine was started, when the engine was.
        pids: The namespace of process ids: a container has its own.
        started: When the process was started, in Linux' ticks since the boot; elsewhere empty.
        host: The machine's name, for people.
    """

    pid: int
    unique: str
    machine: str = ""
    boot: str = ""
    uptime: int = 0
    pids: str = ""
    started: str = ""
    host: str = ""

    @classmethod
    def new(cls) -> "Owner":
        """A new engine of this process."""
        pid = os.getpid()
        started = _started(pid)
        owner = cls(
            pid, uuid.uuid4().hex[:8], _machine(), _boot(), _uptime(), _pids(), started, node()
        )
        _open_here.add(str(owner))
        return owner

    @classmethod
    def read(cls, text: str) -> "Owner | None":
        """The engine that was written so; None if this program does not know that form."""
        match = NAME.fullmatch(text)
        if not match:
            return None
        pid, unique = int(match["pid"]), match["unique"]
        more = (match["more"] or "||0|||").split("|", 5)
        if len(more) != 6 or not more[2].isdecimal():
            return None
        machine, boot, uptime, pids, started, host = more
        return cls(pid, unique, machine, boot, int(uptime), pids, started, host)

    def __str__(self) -> str:
        # The process id first, since that is where older versions look for it.
        more = (self.machine, self.boot, self.uptime, self.pids, self.started, self.host)
        return "|".join([f"{self.pid}-{self.unique}", *map(str, more)])

    @property
    def standing(self) -> Standing:
        """What is known of it."""
        if str(self) in _open_here:
            return Standing.HERE
        if self.machine and self.machine != _machine():
            return Standing.ELSEWHERE
        if self._was_before_boot:
            return Standing.GONE
        if self.pids and self.pids != _pids():
            # A container that was started again has its name and new process ids. Without a
            # container it is one of two that cannot see one another.
            return Standing.GONE if _container() else Standing.ELSEWHERE
        if self.pid in (0, os.getpid()):  # those of this process are among `_open_here`
            return Standing.GONE
        return Standing.GONE if self._is_over else Standing.HERE

    @property
    def _was_before_boot(self) -> bool:
        """Whether the machine was certainly started again since then."""
        if self.boot and _boot():
            return self.boot != _boot()
        # Windows and macOS: the clock of `time.monotonic` begins anew at each start. Where it is
        # later than it was then, the machine may have been on for long, or for the second time.
        return self.uptime > _uptime()

    @property
    def _is_over(self) -> bool:
        """Whether its process has certainly ended, if it was of this start of the machine."""
        if os.name == "nt":
            return False  # Python has no way to ask: os.kill would send an event there
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return True
        except OSError:
            pass  # it is another user's
        if _state(self.pid) in ("Z", "X"):  # dead, and its parent has not asked why
            return True
        # On macOS, or of another user whose processes are hidden, `started` is empty: a process
        # that got the same id later is taken for it.
        started = _started(self.pid)
        return bool(self.started and started) and started != self.started


def forget(name: str) -> None:
    """From now on, this process has no engine of that name."""
    _open_here.discard(name)


def standing_of(name: str) -> Standing:
    """What is known of an engine by its name; of a name in an unknown form, nothing."""
    owner = Owner.read(name)
    return owner.standing if owner else Standing.ELSEWHERE


def told_of(name: str) -> str:
    """Where an engine is that cannot be seen from here, as the end of a sentence."""
    owner = Owner.read(name)
    if owner is None:
        return f"by an engine whose name, {name!r:.60}, this version cannot read"
    if owner.machine == _machine():
        return f"by process {owner.pid} of another container of this machine"
    return f"on {owner.host or 'another machine'}, by process {owner.pid} there"


@cache
def _machine() -> str:
    """Digest of what this machine is called; none of it may change while it is on."""
    # Machines that were installed from one image may share an id, and others a name. A Mac may
    # change its name with the network: what it trained under the other one is then elsewhere.
    names = [node(), _read(Path("/etc/machine-id")), _container()]
    return hashlib.sha256("\0".join(names).encode()).hexdigest()[:16]


@cache
def _container() -> str:
    """The container that this process is in, as it stays when that is started again; else empty.

    Docker, Podman and Kubernetes mount a file of the container's own as its host name; where that
    lies on the machine is as good as an id, also if containers share a name.
    """
    for line in _read(PROC / "self" / "mountinfo").splitlines():
        _, _, _, source, place, *_ = line.split()
        if place == "/etc/hostname":
            return source
    return ""


@cache
def _boot() -> str:
    return _read(PROC / "sys" / "kernel" / "random" / "boot_id")


def _uptime() -> int:
    return int(time.monotonic())


@cache
def _pids() -> str:
    try:
        return os.readlink(PROC / "self" / "ns" / "pid").strip("pid:[]")
    except OSError:
        return ""


def _started(pid: int) -> str:
    return _stat(pid)[19]


def _state(pid: int) -> str:
    return _stat(pid)[0]


def _stat(pid: int) -> list[str]:
    """What Linux tells of a process, from its state on; the name before it may hold anything."""
    return _read(PROC / str(pid) / "stat").rpartition(")")[2].split() or [""] * 20


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
