"""The service's unit files: where they lie, what stands in them, whether a hand changed them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from kitchenwall.errors import AccessDenied, UsageError

PERSON = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
SHIPPED_COMMAND = "ExecStart=/usr/bin/kitchenwall "
SEAL = re.compile(r'# Written by "kitchenwall service install"; seal ([0-9a-f]{64})\n')

Change = Literal["written", "updated", "unchanged", "removed", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service: what systemctl calls it, its two files, where its credentials are looked for.

    `unit` may serve several people (the template); `dropin` is this service's alone. Paths are
    those of the running system; files are read and written below `root`. `control` is the
    systemctl that answers for it.
    """

    name: str
    shipped: str
    control: tuple[str, ...]
    unit: Path
    dropin: Path
    credstore: Path
    credential_prefix: str
    root: Path

    @property
    def elsewhere(self) -> bool:
        """Whether it belongs to a system whose files lie here and which is not running."""
        return any(word.startswith("--root=") for word in self.control)

    def below_root(self, path: Path) -> Path:
        return self.root / path.relative_to("/")


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret that systemd hands to the service under `name`, from the file `source`."""

    name: str
    source: Path
    encrypted: bool


@dataclass(frozen=True, slots=True)
class Done:
    """What happened to one file, and where its hand-changed predecessor is kept."""

    path: Path
    change: Change
    copy: Path | None = None


def of_person(person: str, root: Path | None) -> Service:
    """The system service that runs as this person, on this machine or on one that is not running.

    Raises `UsageError` for an impossible name.
    """
    if not PERSON.fullmatch(person) or person == "root":
        raise UsageError(
            f'cannot run the service as "{person}": name the person whose mail it is, as in '
            "kitchenwall service install --system --for anna"
        )
    folder = Path("/etc/systemd/system")
    return Service(
        name=f"kitchenwall@{person}.service",
        shipped="kitchenwall@.service",
        control=("systemctl", f"--root={root}") if root else ("systemctl",),
        unit=folder / "kitchenwall@.service",
        dropin=folder / f"kitchenwall@{person}.service.d" / "installed.conf",
        credstore=Path("/etc/credstore"),
        credential_prefix=f"kitchenwall.{person}.",
        root=root or Path("/"),
    )


def of_session(config_home: Path, root: Path | None) -> Service:
    """The service in a person's session; with a `root`, the one in everybody's session there."""
    folder = Path("/etc/systemd/user") if root else config_home / "systemd/user"
    return Service(
        name="kitchenwall.service",
        shipped="kitchenwall.service",
        control=("systemctl", "--global", f"--root={root}") if root else ("systemctl", "--user"),
        unit=folder / "kitchenwall.service",
        dropin=folder / "kitchenwall.service.d" / "installed.conf",
        credstore=config_home / "credstore",
        credential_prefix="kitchenwall.",
        root=root or Path("/"),
    )


def unit_text(service: Service, command: Sequence[str]) -> str:
    """The shipped unit with this command instead of its own."""
    shipped = (files("kitchenwall") / "systemd" / service.shipped).read_text("utf-8")
    before, found, after = shipped.partition(SHIPPED_COMMAND)
    assert found, f"{service.shipped} has no {SHIPPED_COMMAND!r}"
    words = " ".join(_quoted(word) for word in command)
    return _sealed(f"{before}ExecStart={words} {after}")


def dropin_text(
    credentials: Sequence[Credential],
    environment: Mapping[str, str],
    writable: Sequence[Path],
) -> str:
    """What only this service needs, as systemd.exec(5) wants it written; "" where that is nothing."""
    lines = [
        f"LoadCredential{'Encrypted' if one.encrypted else ''}="
        f"{_literal(one.name)}:{_literal(str(one.source))}"
        for one in credentials
    ]
    lines += (f"Environment={_quoted(f'{key}={text}')}" for key, text in environment.items())
    lines += (f"ReadWritePaths={_quoted(f'-{path}')}" for path in writable)
    return _sealed("\n".join(["[Service]", *lines, ""])) if lines else ""


def credential(service: Service, name: str) -> Credential:
    """Where a credential comes from: encrypted, unless only a plain file is there."""
    plain = service.credstore / f"{service.credential_prefix}{name}"
    encrypted = service.credstore.with_suffix(".encrypted") / f"{plain.name}.cred"
    only_plain = service.below_root(plain).exists() and not service.below_root(encrypted).exists()
    return Credential(name, plain if only_plain else encrypted, not only_plain)


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


def links(service: Service) -> tuple[Path, ...]:
    """The links by which the service is switched on."""
    wants = service.below_root(service.unit).parent.glob("*.wants")
    return tuple(link for folder in wants if os.path.lexists(link := folder / service.name))


def unlink(paths: Sequence[Path]) -> tuple[Done, ...]:
    """Take links away. Raises `AccessDenied`."""
    try:
        for path in paths:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise AccessDenied(f"cannot remove {error.filename}: {error.strerror}") from error
    return tuple(Done(path, "removed") for path in paths)


def serves_others(service: Service) -> bool:
    """Whether the unit file is a template that was installed or switched on for others too."""
    folder, stem = service.below_root(service.unit).parent, service.shipped.removesuffix(".service")
    traces = {*folder.glob(f"*.wants/{stem}?*.service"), *folder.glob(f"{stem}?*.service.d")}
    return any(trace.name.removesuffix(".d") != service.name for trace in traces)


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


def _sealed(text: str) -> str:
    """The text below a line by which a later change shows."""
    return f'# Written by "kitchenwall service install"; seal {_digest(text)}\n{text}'


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _literal(word: str) -> str:
    """A word in which systemd finds no specifier (systemd.unit(5)). Raises `UsageError`."""
    if re.search(r"[\x00-\x1f\x7f\"'\\$]", word):
        raise UsageError(
            f"cannot write {word!r} into a unit file: it has a quote, a backslash, a dollar or a "
            "control character; use a path without them"
        )
    return word.replace("%", "%%")


def _quoted(word: str) -> str:
    """The same as one word of several."""
    plain = re.fullmatch(r"[\w@%+=:,./-]+", word)
    return _literal(word) if plain else f'"{_literal(word)}"'
