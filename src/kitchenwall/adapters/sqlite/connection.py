"""One connection to the journal's file, for all threads, whose commits are on the disk."""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kitchenwall.adapters.private import open_file, own_folder
from kitchenwall.adapters.sqlite.schema import (
    MIGRATIONS,
    Migration,
    backups,
    bring_up_to_date,
)
from kitchenwall.errors import JournalTrouble

_log = logging.getLogger(__name__)

# STRICT tables came with 3.37.
_OLDEST = (3, 37, 0)
_PATIENCE = 5.0
_CHECK_SECONDS = 2.0

_PRAGMAS = (
    # FULL: what is committed survives a power cut (0.26 ms a commit measured on a plain disk).
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA temp_store = MEMORY",
)

# Where the kernel says that locks and shared memory of a file system cannot be relied upon.
_NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "fuse.sshfs"})


class Connection:
    """A journal file, opened. Every use is guarded by one lock, so any thread may come."""

    def __init__(self, path: Path, *, check: bool, migrations: Sequence[Migration]) -> None:
        self.path = path
        self._guard = threading.RLock()
        self._closed = False
        self._sqlite = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._sqlite.row_factory = sqlite3.Row
        try:
            with self._in_our_words("open"):
                _switch_to_wal(self._sqlite)
                for pragma in _PRAGMAS:
                    self._sqlite.execute(pragma)
                bring_up_to_date(self._sqlite, path, migrations)
                if check:
                    self._check()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """The connection for looking; another process may write meanwhile."""
        with self._guard, self._in_our_words("read"):
            yield self._sqlite

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: on the disk when the block has ended, not at all when it raises."""
        with self._guard, self._in_our_words("write"):
            self._sqlite.execute("BEGIN IMMEDIATE")
            try:
                yield self._sqlite
                self._sqlite.execute("COMMIT")
            except BaseException:
                # A full disk may have rolled back already.
                if self._sqlite.in_transaction:
                    self._sqlite.execute("ROLLBACK")
                raise

    def close(self) -> None:
        """Let go of the file; calling it again does nothing."""
        with self._guard:
            self._closed = True
            self._sqlite.close()

    def _check(self) -> None:
        """A look at every page, given up when a huge file would delay the start.

        Raises `JournalTrouble` where SQLite finds damage.
        """
        deadline = time.monotonic() + _CHECK_SECONDS
        self._sqlite.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
        try:
            found = self._sqlite.execute("PRAGMA quick_check(1)").fetchone()[0]
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            return
        finally:
            self._sqlite.set_progress_handler(None, 0)
        if found != "ok":
            raise JournalTrouble(_damaged(self.path, found))

    @contextmanager
    def _in_our_words(self, verb: str) -> Iterator[None]:
        """SQLite's troubles as `JournalTrouble`; what only our own mistake can cause stays."""
        if self._closed:
            raise JournalTrouble(f"cannot {verb} the journal {self.path}: it is closed already")
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise
        except sqlite3.Error as error:
            raise JournalTrouble(_explain(self.path, verb, error)) from error


def open_connection(
    folder: Path, name: str, *, check: bool, migrations: Sequence[Migration] = MIGRATIONS
) -> Connection:
    """Open the file `name` in `folder`, both made where they are missing, both ours alone.

    `check` looks for damage first. Raises `JournalTrouble`.
    """
    if sqlite3.sqlite_version_info < _OLDEST:
        raise JournalTrouble(
            f"this Python carries SQLite {sqlite3.sqlite_version}; the journal needs 3.37 or newer"
        )
    own_folder(folder)
    path = folder / name
    for part in (path.with_name(f"{name}-wal"), path.with_name(f"{name}-shm")):
        if part.is_symlink() or part.exists():
            os.close(open_file(part))
    # SQLite gives -wal and -shm the permissions of the file itself.
    os.close(open_file(path))
    _warn_of_network(folder)
    return Connection(path, check=check, migrations=migrations)


def _switch_to_wal(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on.

    SQLite answers "locked" at once, without the busy timeout, when two programs do this to a new
    file at the same moment; so we wait ourselves.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
            continue
        if mode != "wal":
            raise JournalTrouble("cannot open the journal: its disk offers no write-ahead log")
        return


def _explain(path: Path, verb: str, error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return _damaged(path, str(error))
    helps = _WHAT_HELPS.get(code, "")
    return f"cannot {verb} the journal {path}: {helps or error}"


_WHAT_HELPS = {
    sqlite3.SQLITE_BUSY: "another program has held it for more than 5 seconds; close what has it "
    "open (a backup, a database browser) and try again",
    sqlite3.SQLITE_LOCKED: "another program has locked it; close what has it open and try again",
    sqlite3.SQLITE_FULL: "the disk is full; make room, then everything goes on from where it was",
    sqlite3.SQLITE_IOERR: "the disk does not read or write as it should; see to the disk, its "
    "quota and its free space",
    sqlite3.SQLITE_READONLY: "it is read-only; see to the owner and permissions of the file and "
    "its folder, and that the disk is mounted for writing",
    sqlite3.SQLITE_CANTOPEN: "the file or its companions (-wal, -shm) cannot be opened; see to the "
    "owner and permissions of the folder",
}


def _damaged(path: Path, found: str) -> str:
    copies = backups(path)
    return (
        f"the journal {path} is damaged ({found}); move it and its -wal and -shm aside and "
        + (f"put back the copy {copies[0]}, or " if copies else "")
        + "begin a new one: watching then starts at the newest mail, and no draft is laid again"
    )


def _warn_of_network(folder: Path) -> None:
    """Locks lie on network file systems, and the write-ahead log needs shared memory."""
    try:
        device = folder.stat().st_dev
        mounts = Path("/proc/self/mountinfo").read_text(errors="replace")
    except OSError:
        return
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in mounts.splitlines():
        left, _, right = line.partition(" - ")
        if left.split(" ")[2] == wanted and right.split(" ")[0] in _NETWORK:
            _log.warning(
                "the journal lies on a network file system (%s), where a crash or a second "
                "machine can damage it; name a local state folder",
                right.split(" ")[0],
            )
            return
