"""One SQLite file: opened in WAL mode, used from several threads, its errors told in words."""

import os
import shutil
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path

from core.errors import StoreError
from core.store.migrations import MIGRATIONS
from core.store.tables import SCHEMA, VERSION

BUSY = 10  # seconds to wait for a lock
ROOM = 20_000_000  # bytes that writing takes at least: the log beside the file, and a checkpoint
# What SQLite says of a damaged schema names what is there, which may be no UTF-8 any more.
UNREADABLE = (sqlite3.Error, UnicodeDecodeError)
UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
READ_ONLY = (
    "The store {path} can be read only: it, or its folder, may not be written. Its runs can be "
    "seen and taken away, and none can be trained or changed. Make both writable and start again, "
    "or name another file with --store."
)
GONE = (
    "The store {path} is gone: {how} while it was in use. Runs wait, and nothing that they have is "
    "lost: put it back where it was and they go on. If this program is stopped before, all is "
    "written to a file beside it, {rescued}."
)


class Database:
    """A connection to the file, which is made with its folder and tables if it is not there.

    Where it is there and cannot be written, it is read.

    Args:
        path: The file.

    Raises:
        StoreError: If the file cannot be opened, is no store, or is of a newer version.
    """

    def __init__(self, path: Path):
        self.path = path
        self.is_read_only = False
        self._lock = threading.RLock()
        with self.told("opened"):
            try:
                self._use(self._opened(path))
            except sqlite3.OperationalError as error:
                if not path.is_file() or error.sqlite_errorcode & 0xFF not in UNWRITABLE:
                    raise
                self.is_read_only = True
                self._use(opened_to_read(path))
                self._check_version(VERSION)
            self._file = os.stat(path)

    def _use(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.execute, self.executemany = connection.execute, connection.executemany

    def _opened(self, path: Path) -> sqlite3.Connection:
        """The file in WAL mode, with its tables."""
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=BUSY, isolation_level=None, check_same_thread=False
        )
        self._use(connection)
        try:
            # Only takes effect in a new file: there, what is deleted gives its space back.
            self.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._use_wal()
            self.execute("PRAGMA synchronous = NORMAL")
            self.execute("PRAGMA foreign_keys = ON")
            self._make_tables()
        except BaseException:
            connection.close()
            raise
        return connection

    @property
    def problem(self) -> str:
        """Why the file cannot be written whatever room there is, in sentences; empty if it can."""
        if self.is_read_only:
            return READ_ONLY.format(path=self.path)
        how = self._how_gone()
        return GONE.format(path=self.path, how=how, rescued=self._rescued.name) if how else ""

    def _how_gone(self) -> str:
        try:
            found = os.stat(self.path)
        except FileNotFoundError:
            return "it, or its folder, was removed"
        except OSError:
            return ""  # whatever this is, a write will tell
        is_same = (found.st_dev, found.st_ino) == (self._file.st_dev, self._file.st_ino)
        return "" if is_same else "another file was put in its place"

    @property
    def _rescued(self) -> Path:
        day = time.strftime("%Y%m%d")
        return self.path.with_name(f"{self.path.stem}.rescued-{day}{self.path.suffix}")

    def rescue(self) -> Path | None:
        """Go on in a file beside the one that is gone, with all that it had; None if it is there.

        The system keeps a removed file for those who have it open.

        Raises:
            StoreError: If that file cannot be written, or there is one of that name.
        """
        if self.is_read_only or not self._how_gone():
            return None
        to = self._rescued
        with self.told("rescued"):
            if to.exists():
                raise StoreError(f"{to} is there already: nothing was rescued once more.")
            to.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(to)) as copy:
                self._connection.backup(copy)
            gone = self._connection
            self._use(self._opened(to))
            gone.close()
            self.path, self._file = to, os.stat(to)
        return to

    @contextmanager
    def told(self, verb: str):
        """Use the connection; what goes wrong is a `StoreError` that says what to do."""
        try:
            with self._lock:
                yield
        except (*UNREADABLE, OSError) as error:
            if isinstance(error, StoreError):
                raise
            raise StoreError(
                f"The store {self.path} cannot be {verb}: {error}. {self._room()}Check that the "
                "folder is there and writable and the disk has room, or name another file with "
                "--store."
            ) from error

    def _room(self) -> str:
        """How much room is missing, as a sentence; empty if none is."""
        try:
            free = shutil.disk_usage(self.path.parent).free
        except OSError:
            return ""
        if free >= ROOM:
            return ""
        return (
            f"Its disk has {free / 1e6:.1f} MB left: free at least "
            f"{(ROOM - free) / 1e6:.0f} MB more, and it goes on by itself. "
        )

    @contextmanager
    def writing(self):
        """Use the connection for writing: all of it is done, or nothing."""
        if problem := self.problem:
            raise StoreError(problem)
        with self.told("written"), self._transaction():
            yield

    @contextmanager
    def _transaction(self):
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self.execute("ROLLBACK")
            raise

    def shrink(self) -> None:
        """Give the file system back what deleted rows took."""
        with self.told("written"):
            # As a script: a statement without rows ends after its first page.
            self._connection.executescript("PRAGMA incremental_vacuum")
            self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close the file; the object is of no use afterwards."""
        with self._lock:
            self._connection.close()

    def _use_wal(self):
        """SQLite itself does not wait here while another process does the same."""
        deadline = time.monotonic() + BUSY
        while True:
            try:
                self.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def _make_tables(self):
        """Make the tables, or bring those of an older version up to this one."""
        with self._transaction():
            version = self._check_version()
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    self.execute(statement)
            for older in range(max(version, 1), VERSION if version else 0):
                MIGRATIONS[older](self)
            if version < VERSION:
                self.execute(f"PRAGMA user_version = {VERSION}")

    def _check_version(self, oldest: int = 0) -> int:
        version = self.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise StoreError(
                f"The store {self.path} is of version {version}; this program reads up to "
                f"{VERSION}. Use a newer program, or another file."
            )
        if version < oldest:
            raise StoreError(
                f"The store {self.path} is of version {version}, may not be written, and so cannot "
                f"become version {VERSION}, which this program reads. Copy it to a folder that can "
                "be written, and name the copy with --store."
            )
        return version


def opened_to_read(path: Path) -> sqlite3.Connection:
    """A connection that writes nothing, not even the files that SQLite has beside a file in use.

    Where it cannot have those, nobody else can have it in use, or so it must be taken.
    """
    for how in ("mode=ro", "mode=ro&immutable=1"):
        db = sqlite3.connect(
            f"{path.absolute().as_uri()}?{how}",
            uri=True,
            timeout=BUSY,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            db.execute("SELECT count(*) FROM sqlite_master")
            break
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in UNWRITABLE or "immutable" in how:
                db.close()
                raise
            db.close()
    return db
