"""The service's unit files: where they lie and what stands in them."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kitchenwall.adapters.sealed import sealed
from kitchenwall.errors import UsageError

# Names that need no escaping as a template's instance (systemd.unit(5)).
PERSON = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")
SHIPPED_COMMAND = "ExecStart=/usr/bin/kitchenwall "


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service: what systemctl calls it, its two files, where its credentials are looked for.

    `unit` may serve several people (the template); `dropin` is this service's alone. Paths are
    those of the running system; files are read and written below `root`. `control` is the
    systemctl that answers for it. `person` is empty for a session's service.
    """

    name: str
    shipped: str
    control: tuple[str, ...]
    unit: Path
    dropin: Path
    credstore: Path
    credential_prefix: str
    root: Path
    person: str = ""

    @property
    def elsewhere(self) -> bool:
        """Whether it belongs to a system whose files lie here and which is not running."""
        return any(word.startswith("--root=") for word in self.control)

    def below_root(self, path: Path) -> Path:
        return self.root / path.relative_to("/")


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret that systemd hands to the service under `name`, from an encrypted or a plain file."""

    name: str
    plain: Path
    encrypted: Path | None

    @property
    def source(self) -> Path:
        return self.encrypted or self.plain


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
        person=person,
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
    return sealed(f"{before}ExecStart={words} {after}")


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
    return sealed("\n".join(["[Service]", *lines, ""])) if lines else ""


def credential(service: Service, name: str) -> Credential:
    """Where a credential comes from: encrypted, unless only a plain file is there."""
    plain = service.credstore / f"{service.credential_prefix}{name}"
    encrypted = service.credstore.with_suffix(".encrypted") / f"{plain.name}.cred"
    only_plain = service.below_root(plain).exists() and not service.below_root(encrypted).exists()
    return Credential(name, plain, None if only_plain else encrypted)


def links(service: Service) -> tuple[Path, ...]:
    """The links by which the service is switched on."""
    wants = service.below_root(service.unit).parent.glob("*.wants")
    return tuple(link for folder in wants if os.path.lexists(link := folder / service.name))


def serves_others(service: Service) -> bool:
    """Whether the unit file is a template that was installed or switched on for others too."""
    folder, stem = service.below_root(service.unit).parent, service.shipped.removesuffix(".service")
    traces = {*folder.glob(f"*.wants/{stem}?*.service"), *folder.glob(f"{stem}?*.service.d")}
    return any(trace.name.removesuffix(".d") != service.name for trace in traces)


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
