"""Make and open what only its owner may read: the state folder and the files in it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from kitchenwall.errors import JournalTrouble

# A folder that holds one of these was ours before.
_OURS = frozenset({"journal.db", "lock", "evaluation.jsonl"})


def own_folder(folder: Path) -> None:
    """Make sure that `folder` exists, is ours and is closed to others (0700).

    A folder that is open to others is closed when it is empty or was ours before; any other is
    refused, lest a typing error close somebody's home. Raises `JournalTrouble`.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise JournalTrouble(f"cannot make the folder {folder}: {error.strerror}") from error
    if not stat.S_ISDIR(found.st_mode):
        raise JournalTrouble(f"{folder} is not a folder; name the real one in the configuration")
    _refuse_strangers(folder, found)
    if stat.S_IMODE(found.st_mode) & 0o077:
        _close_to_others(folder)


def open_file(path: Path) -> int:
    """Open a regular file of ours for reading and writing, made where it is missing, as 0600.

    Returns its descriptor. Raises `JournalTrouble` for a symbolic link or another's file.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        if path.is_symlink():
            raise JournalTrouble(f"{path} is a symbolic link; put the real file there") from error
        raise JournalTrouble(
            f"cannot open {path}: {error.strerror}; see to its owner and permissions"
        ) from error
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise JournalTrouble(f"{path} is not a regular file; move it away")
        _refuse_strangers(path, found)
        if stat.S_IMODE(found.st_mode) != 0o600:
            os.fchmod(descriptor, 0o600)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _refuse_strangers(path: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise JournalTrouble(
            f"{path} belongs to another user (uid {found.st_uid}); "
            "run kitchenwall as that user or choose another folder"
        )


def _close_to_others(folder: Path) -> None:
    names = {entry.name for entry in folder.iterdir()}
    if names and not names & _OURS:
        raise JournalTrouble(
            f"the folder {folder} is open to other users and holds other things; "
            "choose another folder, or close it with chmod 700"
        )
    folder.chmod(0o700)
