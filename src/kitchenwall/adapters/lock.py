"""Let one process at a time work on the mail."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kitchenwall.adapters.private import open_file, own_folder
from kitchenwall.errors import AlreadyRunning, JournalTrouble

# Whoever only asks for the holder has the lock for an instant; that is no reason to leave.
_TRIES = 10
_PAUSE = 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """Who works on the mail: process, command and since when (UTC), as far as it is known."""

    pid: int | None
    what: str
    since: datetime | None


@contextmanager
def mail_work(folder: Path, what: str) -> Iterator[None]:
    """Hold the lock in `folder` while the block runs; `what` names the command.

    The kernel lets go of it when the process ends, however it ends; what the file says is only for
    people. Raises `AlreadyRunning` where another process holds it, `JournalTrouble` where the
    folder is not ours.
    """
    own_folder(folder)
    descriptor = open_file(folder / "lock")
    try:
        if not _taken(descriptor):
            raise AlreadyRunning(_says(_read(descriptor)))
        _write(descriptor, what)
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def holder(folder: Path) -> Holder | None:
    """Who works on the mail now; None where nobody does."""
    try:
        descriptor = os.open(folder / "lock", os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    finally:
        os.close(descriptor)
    return None


def _taken(descriptor: int) -> bool:
    for _ in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_PAUSE)
        except OSError as error:
            raise JournalTrouble(
                f"cannot lock the state folder: {error.strerror}; name a local folder"
            ) from error
        else:
            return True
    return False


def _write(descriptor: int, what: str) -> None:
    """Best effort: on a full disk the lock holds all the same."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"pid": os.getpid(), "command": what, "since": since}) + "\n"
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, line.encode(), 0)
    except OSError:
        return


def _read(descriptor: int) -> Holder:
    try:
        found = json.loads(os.pread(descriptor, 1_000, 0))
        return Holder(
            int(found["pid"]), str(found["command"]), datetime.fromisoformat(found["since"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return Holder(None, "", None)


def _says(found: Holder) -> str:
    if found.since is None:
        return "another kitchenwall works on the mail; let it, or stop it first"
    return (
        f'another kitchenwall works on the mail: "{found.what}", process {found.pid}, since '
        f"{found.since:%Y-%m-%d %H:%M} UTC; let it, or stop it first"
    )
