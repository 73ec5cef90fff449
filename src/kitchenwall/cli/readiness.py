"""Say what is missing before the service can run well, and with which commands it is got."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from kitchenwall.adapters import systemctl
from kitchenwall.adapters.units import Credential, Service
from kitchenwall.config import Account, Config


class Todo(NamedTuple):
    """What is left for the person, and with which commands it is done."""

    why: str
    commands: tuple[str, ...] = ()


def configuration(service: Service, path: Path, settings: Config | None) -> Iterator[Todo]:
    """The file that the service reads is there, and the person may read it."""
    file = quote(str(path))
    owned = (f"chown {service.person}: {file}", f"chmod 600 {file}") if service.person else ()
    if settings is None:
        yield Todo(
            f"there is no {path} yet; make it, fill it in and install again",
            (
                f"mkdir -p {quote(str(path.parent))}",
                f"kitchenwall config example > {file}",
                *owned,
            ),
        )
    elif _is_closed(service, path):
        yield Todo(f"{service.person} cannot read {path}; give it to them", owned)


def credentials(service: Service, needed: Iterable[Credential]) -> Iterator[Todo]:
    """Each credential's file is there; a service whose is not does not start."""
    user = "" if service.person else "--user "
    for one in needed:
        if service.below_root(one.source).exists():
            continue
        source = quote(str(one.source))
        encrypt = f"systemd-creds encrypt {user}--name={one.name} - {source}"
        older = f" (before systemd 256, write it into {one.plain}, mode 0600)" if user else ""
        yield Todo(
            f'the credential "{one.name}" is not there yet; this asks for it and encrypts it{older}',
            (
                f"install -d -m 700 {quote(str(one.source.parent))}",
                f"systemd-ask-password -n | {encrypt}",
            ),
        )


def key_store(service: Service, accounts: Iterable[Account]) -> Iterator[Todo]:
    """No account of a system service needs a desktop."""
    for account in accounts if service.person else ():
        if account.password_from == "keyring":  # noqa: S105 (the name of a place)
            yield Todo(
                f'account "{account.name}" keeps its password in a desktop\'s key store, which a '
                'system service cannot open; set its password_from to "credential", "command" or '
                '"file" and install again'
            )


def journal_folder(service: Service, folders: Sequence[Path]) -> Iterator[Todo]:
    """A journal in a folder of its own can be written there from the first start on."""
    for folder in folders:
        if not service.below_root(folder).exists():
            yield Todo(
                f"the journal's folder {folder} is not there, and the service may not make it",
                (f"install -d -m 700 -o {service.person} {quote(str(folder))}",),
            )


def always(service: Service) -> Iterator[Todo]:
    """A session's service outlives the session."""
    name = pwd.getpwuid(os.getuid()).pw_name
    known = service.person or service.elsewhere or Path("/var/lib/systemd/linger", name).exists()
    if not known:
        yield Todo(
            "it runs while you are logged in; to let it run always (a key store that opens at "
            "log-in stays closed then)",
            (f"loginctl enable-linger {quote(name)}",),
        )


def _is_closed(service: Service, path: Path) -> bool:
    """Whether the person cannot read the file, as far as root can tell."""
    if not service.person or service.elsewhere or os.geteuid() != 0:
        return False
    return bool(systemctl.trouble_as(service.person, ("test", "-r", str(path))))
