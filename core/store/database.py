"""One SQLite file: opened in WAL mode, used from several threads, its errors told in words."""

import sqlite3
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from core.errors import StoreError
from core.store.migrations import MIGRATIONS
from core.store.tables import SCHEMA, VERSION

BUSY = 10  # seconds to wait for a lock


class Database:
    """A connection to the file, which is made with its folder and tables if it is not there.

    Args:
        path: The file.

    Raises:
        StoreError: If the file cannot be opened, is no store, or is of a newer version.
    """

    def __init__(self, path: Path):
        self.path = path
        self._lock = threading.RLock()
        with self.told("opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                path, timeout=BUSY, isolation_level=None, check_same_thread=False
            )
            self.execute, self.executemany = self._connection.execute, self._connection.executemany
            # Only takes effect in a new file: there, what is deleted gives its space back.
            self.execute("PRAGMA auto_vacuum = INCREMENTAL")
            self._use_wal()
            self.execute("PRAGMA synchronous = NORMAL")
            self.execute("PRAGMA foreign_keys = ON")
            self._make_tables()

    @contextmanager
    def told(self, verb: str):
        """Use the connection; what goes wrong is a `StoreError` that says what to do."""
        try:
            with self._lock:
                yield
        except (sqlite3.Error, OSError) as error:
            if isinstance(error, StoreError):
                raise
            raise StoreError(
                f"The store {self.path} cannot be {verb}: {error}. Check that the folder is "
                "there and writable and the disk has room, or name another file with --store."
            ) from error

    @contextmanager
    def writing(self):
        """Use the connection for writing: all of it is done, or nothing."""
        with self.told("written"):
            self.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:
                    self.execute("ROLLBACK")
                raise
            self.execute("COMMIT")

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
        with self.writing():
            version = self.execute("PRAGMA user_version").fetchone()[0]
            if version > VERSION:
                raise StoreError(
                    f"The store {self.path} is of version {version}; this program reads up to "
                    f"{VERSION}. Use a newer program, or another file."
                )
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    self.execute(statement)
            for older in range(max(version, 1), VERSION if version else 0):
                MIGRATIONS[older](self)
            if version < VERSION:
                self.execute(f"PRAGMA user_version = {VERSION}")
