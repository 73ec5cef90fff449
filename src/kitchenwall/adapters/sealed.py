"""Write files that show later whether a hand changed them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kitchenwall.errors import AccessDenied, UsageError

SEAL = re.compile(r'# Written by "kitchenwall service install"; seal ([0-9a-f]{64})\n')

Change = Literal["written", "updated", "unchanged", "removed", "absent"]


@dataclass(frozen=True, slots=True)
class Done:
    """What happened to one file, and where its hand-changed predecessor is kept."""

    path: Path
    change: Change
    copy: Path | None = None


def sealed(text: str) -> str:
    """The text below a line by which a later change shows."""
    return f'# Written by "kitchenwall service install"; seal {_digest(text)}\n{text}'


def lay(texts: Mapping[Path, str], *, force: bool) -> tuple[Done, ...]:
    """Make these files hold these texts (0644), each at once or not at all; "" takes a file away.

    A file that a hand changed is refused before anything is written, or with `force` kept as a
    copy. Raises `UsageError` for such a file, `AccessDenied` where writing is not allowed.
    """
    refuse_changed(texts, force=force)
    try:
        return tuple(_lay_one(path, text) for path, text in texts.items())
    except OSError as error:
        where = error.filename or next(iter(texts))
        raise AccessDenied(
            f"cannot write {where}: {error.strerror}; a system service is root's to install"
        ) from error


def refuse_changed(paths: Iterable[Path], *, force: bool) -> None:
    """Raises `UsageError` where a hand changed one of these files."""
    changed = [path for path in paths if was_changed(path)]
    if changed and not force:
        raise UsageError(
            f"{changed[0]} was changed by hand and stays as it is; "
            '--force keeps a copy of it, and "systemctl edit" is the place for changes that last'
        )


def was_changed(path: Path) -> bool:
    """Whether a file is there that is not as `lay` left it."""
    text = _read(path)
    if text is None:
        return False
    seal = SEAL.match(text)
    return seal is None or seal[1] != _digest(text[seal.end() :])


def unlink(paths: Sequence[Path]) -> tuple[Done, ...]:
    """Take links away. Raises `AccessDenied`."""
    try:
        for path in paths:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise AccessDenied(f"cannot remove {error.filename}: {error.strerror}") from error
    return tuple(Done(path, "removed") for path in paths)


def _lay_one(path: Path, text: str) -> Done:
    before = _read(path)
    if before == text or (before is None and not text):
        return Done(path, "unchanged" if text else "absent")
    copy = _set_aside(path) if was_changed(path) else None
    if text:
        _write(path, text)
        return Done(path, "written" if before is None else "updated", copy)
    path.unlink(missing_ok=True)
    if path.parent.suffix == ".d" and not any(path.parent.iterdir()):
        path.parent.rmdir()
    return Done(path, "removed", copy)


def _read(path: Path) -> str | None:
    """The text of a file; "" for what is no text file; None where nothing is there."""
    if not os.path.lexists(path):
        return None
    try:
        return path.read_text("utf-8") if path.is_file() else ""
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        raise AccessDenied(f"cannot read {path}: {error.strerror}") from error


def _set_aside(path: Path) -> Path:
    """Rename a file to the first free name that systemd does not read."""
    number = 1
    while os.path.lexists(copy := path.with_name(f"{path.name}.kept-{number}")):
        number += 1
    path.rename(copy)
    return copy


def _write(path: Path, text: str) -> None:
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True)
        path.parent.chmod(0o755)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fchmod(descriptor, 0o644)
            os.fsync(descriptor)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
