"""Ask systemd to switch a service on or off, and how it is."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from shlex import join

from kitchenwall.adapters.programs import run_quietly
from kitchenwall.adapters.units import Service
from kitchenwall.errors import Unavailable

SHOWN = ("ActiveState", "SubState", "UnitFileState", "StatusText", "Result", "NRestarts", "MainPID")
# A start is only over when the program says that it is ready, for which systemd gives it 90 s.
SECONDS = 120


def runs(service: Service) -> bool:
    """Whether the systemd that is in charge of this service is up (sd_booted(3))."""
    if service.elsewhere or not Path("/run/systemd/system").is_dir():
        return False
    session = Path(os.environ.get("XDG_RUNTIME_DIR") or "/nonexistent", "systemd")
    return session.is_dir() if "--user" in service.control else True


def to_start(service: Service) -> tuple[tuple[str, ...], ...]:
    """The commands that make systemd read new files, switch the service on and start it anew."""
    control = service.control
    enable = (*control, "enable", service.name)
    if service.elsewhere:
        return (enable,)
    return (*control, "daemon-reload"), enable, (*control, "restart", service.name)


def do(commands: Sequence[Sequence[str]]) -> None:
    """Run commands until one fails. Raises `Unavailable` with what that one said."""
    for command in commands:
        result = run_quietly(command, SECONDS)
        if result.code != 0:
            user = ("--user",) if "--user" in command else ()
            raise Unavailable(
                f"the files are in place, but {join(command)} failed: {_first(result.err)}; "
                f"for more: {join(('journalctl', *user, '-n', '20', '-u', command[-1]))}"
            )


def stop(service: Service) -> None:
    """Stop the service, if it runs."""
    run_quietly((*service.control, "stop", service.name), SECONDS)


def forget(service: Service) -> None:
    """Make systemd notice that the service's files are gone."""
    run_quietly((*service.control, "daemon-reload"), SECONDS)
    run_quietly((*service.control, "reset-failed", service.name), SECONDS)


def told(service: Service) -> dict[str, str]:
    """What systemd says of the service, by the names in systemctl(1)'s show."""
    asked = (*service.control, "show", f"--property={','.join(SHOWN)}", service.name)
    lines = run_quietly(asked, SECONDS).out.splitlines()
    return {key: value for key, _, value in (line.partition("=") for line in lines)}


def trouble_as(person: str, command: Sequence[str]) -> str:
    """Why a command does not work for this person; "" where it does. Only root can ask."""
    tried = run_quietly(("runuser", "-u", person, "--", *command), SECONDS)
    return "" if tried.code == 0 else _first(tried.err) or f"status {tried.code}"


def _first(words: str) -> str:
    return words.strip().partition("\n")[0].rstrip(".")
