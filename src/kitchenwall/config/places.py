"""Where the file and the journal lie on this machine, and whether the file can be trusted."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from kitchenwall.config.settings import Config
from kitchenwall.errors import ConfigError

SYSTEM_CONFIG = Path("/etc/kitchenwall")
SYSTEM_STATE = Path("/var/lib/kitchenwall")


def find(
    explicit: Path | None,
    environment: Mapping[str, str] = os.environ,
    *,
    system: Path = SYSTEM_CONFIG,
) -> Path:
    """The file to use: the one asked for, the person's (XDG), or the machine's for this person.

    Raises `ConfigError` where there is none.
    """
    if explicit is not None:
        return explicit
    own = _xdg("XDG_CONFIG_HOME", ".config", environment) / "kitchenwall" / "config.toml"
    for place in (own, system / f"{_user()}.toml"):
        if place.exists():
            return place
    raise ConfigError(
        f"there is no configuration yet: make one with\n"
        f"  mkdir -p {own.parent} && kitchenwall config example > {own}\n"
        f"and put your name and your mail server into it"
    )


def state_folder(
    config: Config,
    environment: Mapping[str, str] = os.environ,
    *,
    system: Path = SYSTEM_CONFIG,
    system_state: Path = SYSTEM_STATE,
) -> Path:
    """Where the journal and its lock lie: as the file says, else beside the file's own place."""
    if config.journal.folder:
        return Path(config.journal.folder)
    if config.path.absolute().parent == system:
        return system_state / config.path.stem
    return _xdg("XDG_STATE_HOME", ".local/state", environment) / "kitchenwall"


def trusted_text(path: Path) -> str:
    """A file's text, provided that nobody else can have written it: it names programs to run."""
    try:
        # Non-blocking, because opening a pipe that nobody writes to would wait for ever.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise ConfigError(f"cannot read {path}: it is no file")
            if facts.st_uid not in (os.getuid(), 0):
                raise ConfigError(
                    f"refuse to use {path}: it belongs to somebody else and names programs that "
                    f"would run as you; make it yours with: chown {_user()} {quote(str(path))}"
                )
            if _others_write(facts):
                raise ConfigError(
                    f"refuse to use {path}: others may write to it, and it names programs that "
                    f"run as you; protect it with: chmod go-w {quote(str(path))}"
                )
            return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"cannot read {path}: it is no UTF-8 at byte {error.start}") from None
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def _others_write(facts: os.stat_result) -> bool:
    """Whether others may write. A group that holds only its person is no other (Ubuntu's umask)."""
    if facts.st_mode & stat.S_IWOTH:
        return True
    if not facts.st_mode & stat.S_IWGRP:
        return False
    try:
        group = grp.getgrgid(facts.st_gid)
    except KeyError:
        return True
    return group.gr_name != _user() or not set(group.gr_mem) <= {_user()}


def _xdg(variable: str, default: str, environment: Mapping[str, str]) -> Path:
    """A folder by the XDG Base Directory Specification, which ignores relative paths."""
    chosen = Path(environment.get(variable, ""))
    home = Path(environment.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir)
    return chosen if chosen.is_absolute() else home / default


def _user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
