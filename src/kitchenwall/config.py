"""The person's settings: one TOML file as frozen types, checked as a whole before anything runs.

What a key means, its type, its range and its default stand beside each other in the section's
class; one short reader serves them all. No secret ever stands in the file, and no message
repeats a text that does.
"""

from __future__ import annotations

import grp
import os
import pwd
import re
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from shlex import quote
from typing import (
    Annotated,
    Any,
    Literal,
    NamedTuple,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from kitchenwall.errors import ConfigError

SYSTEM_CONFIG = Path("/etc/kitchenwall")
SYSTEM_STATE = Path("/var/lib/kitchenwall")
PORTS = {"tls": 993, "starttls": 143, "plain": 143}


class Shape(NamedTuple):
    """What a text must look like, in words and as an expression for the whole of it."""

    words: str
    pattern: re.Pattern[str]


LINE = Shape(
    "one line without control characters", re.compile(r"[^\x00-\x1f\x7f\x85\u2028\u2029]*")
)
LINES = Shape("text without control characters", re.compile(r"[^\x00-\x09\x0b-\x1f\x7f]*"))
NAME = Shape("letters, digits, dots, dashes and underscores", re.compile(r"\w[\w.-]{0,63}"))
FILE_NAME = Shape("a file name without folder", re.compile(r"|\w[\w.@-]{0,127}", re.ASCII))
ADDRESS = Shape(
    "an address such as you@mail.example",
    re.compile(r"[^\s@<>,;\"\x00-\x1f\x7f]+@[^\s@<>,;\"\x00-\x1f\x7f]+"),
)
HOST = Shape("a host name or an IP address", re.compile(r"[\w.:-]{1,253}"))
LANGUAGE = Shape('a language code such as "en"', re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,4})?"))
PATH = Shape('a path that begins with "/" or "~"', re.compile(r"|[/~][^\x00-\x1f\x7f]*"))


@dataclass(frozen=True, slots=True)
class Key:
    """What one key means, and what its value must be."""

    doc: str
    least: float = 0
    most: float = float("inf")
    shape: Shape = LINE
    some: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who you are."""

    name: Annotated[str, Key("your name, as you sign a letter", some=True)]
    signature: Annotated[str, Key("what stands below a reply (your name)", shape=LINES)] = ""
    languages: Annotated[
        tuple[str, ...], Key("the languages of your mail, best first", shape=LANGUAGE, some=True)
    ] = ("en",)
    aliases: Annotated[tuple[str, ...], Key("other addresses that are you", shape=ADDRESS)] = ()

    def __post_init__(self) -> None:
        _default(self, signature=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One mailbox. Empty folder names mean: find it."""

    name: Annotated[str, Key("what you call it", shape=NAME)]
    address: Annotated[str, Key("its mail address", shape=ADDRESS)]
    host: Annotated[str, Key("its IMAP server", shape=HOST)]
    login: Annotated[str, Key("the name to log in with (the address)")] = ""
    security: Annotated[
        Literal["tls", "starttls", "plain"], Key("how the connection is protected")
    ] = "tls"
    port: Annotated[int, Key("the server's port (by security: 993, 143, 143)", 1, 65535)] = 0
    ca_file: Annotated[str, Key("a certificate to trust beside the system's", shape=PATH)] = ""
    aliases: Annotated[tuple[str, ...], Key("its other addresses", shape=ADDRESS)] = ()
    folders: Annotated[tuple[str, ...], Key("the folders to watch", some=True)] = ("INBOX",)
    drafts_folder: Annotated[str, Key("where drafts lie")] = ""
    sent_folder: Annotated[str, Key("where sent mail lies")] = ""
    archive_folder: Annotated[str, Key("where archived mail lies")] = ""
    trash_folder: Annotated[str, Key("where deleted mail lies")] = ""
    authserv_id: Annotated[
        str, Key("your server's name in Authentication-Results; empty: such results are ignored")
    ] = ""
    share_claim: Annotated[
        bool, Key("mark answered mail on the server, for two computers with one mailbox")
    ] = False
    password_from: Annotated[
        Literal["keyring", "credential", "command", "file", "token_command"],
        Key("where its password is kept"),
    ] = "keyring"  # noqa: S105 (the name of a place)
    credential: Annotated[
        str, Key("the systemd credential's name (NAME.password)", shape=FILE_NAME)
    ] = ""
    password_command: Annotated[
        tuple[str, ...], Key("a program and its arguments that prints the password")
    ] = ()
    password_file: Annotated[str, Key("a file of yours, mode 0600", shape=PATH)] = ""
    token_command: Annotated[
        tuple[str, ...], Key("a program and its arguments that prints an OAuth 2.0 access token")
    ] = ()
    sasl: Annotated[Literal["xoauth2", "oauthbearer"], Key("how a token is shown")] = "xoauth2"

    def __post_init__(self) -> None:
        _default(
            self,
            login=self.address,
            port=PORTS.get(self.security, 0),
            credential=f"{self.name}.password",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftSettings:
    """When a reply is laid into Drafts. What is over a limit is held for you, not lost."""

    max_age_days: Annotated[int, Key("older rejections are only noted", 1, 3650)] = 14
    per_hour: Annotated[int, Key("drafts per account and hour", 0, 1000)] = 10
    per_day: Annotated[int, Key("drafts per account and day", 0, 1000)] = 30
    per_sender_day: Annotated[int, Key("drafts per sender and day", 0, 1000)] = 2
    on_ambiguous: Annotated[
        Literal["hold", "retry"], Key("when nobody knows whether a draft was stored")
    ] = "hold"
    settle_first_seconds: Annotated[
        float, Key("the first look for a draft of unknown fate", 0, 3600)
    ] = 5
    settle_second_seconds: Annotated[float, Key("the second look", 0, 3600)] = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """How mailboxes are watched."""

    idle_minutes: Annotated[float, Key("until IDLE is renewed", 0.01, 9)] = 9
    poll_minutes: Annotated[
        float, Key("between looks where a server cannot tell by itself", 0.01, 1440)
    ] = 5
    safety_minutes: Annotated[float, Key("between looks at everything", 0.01, 1440)] = 15
    command_seconds: Annotated[float, Key("for one whole command", 0.01, 600)] = 60
    connect_seconds: Annotated[float, Key("for a connection", 0.01, 600)] = 30
    backoff_first_seconds: Annotated[float, Key("after a first failure", 0.001, 3600)] = 5
    backoff_most_seconds: Annotated[float, Key("after many failures", 0.001, 86400)] = 300
    max_refusals: Annotated[int, Key("refused logins before an account stops", 1, 3)] = 3
    rescan_days: Annotated[
        int, Key("how far to look back when a server renumbers a folder", 0, 60)
    ] = 2
    rescan_most: Annotated[int, Key("how many mails to look back at most", 0, 100_000)] = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSettings:
    """How sure is sure."""

    draft_at: Annotated[
        float,
        Key("from which confidence a rejection gets a draft; below, you are asked", 0.5, 0.99),
    ] = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalSettings:
    """Where the memory lies."""

    folder: Annotated[str, Key("the journal's folder; empty: by XDG", shape=PATH)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is told while it runs."""

    level: Annotated[
        Literal["debug", "info", "warning", "error"], Key("the least that is told")
    ] = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The whole file."""

    person: Person
    accounts: tuple[Account, ...]
    draft: DraftSettings = field(default_factory=DraftSettings)
    watch: WatchSettings = field(default_factory=WatchSettings)
    detection: DetectionSettings = field(default_factory=DetectionSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    log: LogSettings = field(default_factory=LogSettings)
    path: Path = Path()

    def account(self, name: str) -> Account:
        """The account of that name. Raises `ConfigError` naming those that exist."""
        for account in self.accounts:
            if account.name.casefold() == name.casefold():
                return account
        known = ", ".join(account.name for account in self.accounts)
        raise ConfigError(f'no account is called "{name}" in {self.path}; there are: {known}')


SECTIONS: dict[str, type] = {
    "person": Person,
    "account": Account,
    "draft": DraftSettings,
    "watch": WatchSettings,
    "detection": DetectionSettings,
    "journal": JournalSettings,
    "log": LogSettings,
}


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


def load(path: Path) -> Config:
    """Read and check a file. Raises `ConfigError` with every problem at once."""
    return parse(_trusted_text(path), path)


def parse(text: str, path: Path) -> Config:
    """Check a file's text. Raises `ConfigError` with every problem at once."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Without its cause: newer Pythons keep the whole text in it.
        raise ConfigError(f"cannot read {path}: it is no valid TOML: {error}") from None
    problems = [*_unknown(tables, SECTIONS, "")]
    sections: dict[str, Any] = {
        name: _section(kind, tables.get(name, {}), name, problems)
        for name, kind in SECTIONS.items()
        if kind is not Account
    }
    accounts = _accounts(tables.get("account", []), problems)
    if problems:
        raise ConfigError(f"cannot use {path}:", tuple(problems))
    return Config(accounts=accounts, path=path, **sections)


Section = TypeVar("Section")


def _accounts(tables: object, problems: list[str]) -> tuple[Account, ...]:
    if not isinstance(tables, list):
        problems.append("account: write its heading as [[account]], in two pairs of brackets")
        return ()
    if not tables:
        problems.append("account: there is none; each begins with [[account]]")
    found: list[Account] = []
    for number, table in enumerate(tables, 1):
        account = _section(Account, table, f"account[{number}]", problems)
        if account is not None:
            problems += (
                f"account[{number}].{problem}" for problem in _disagreements(account, found)
            )
            found.append(account)
    return tuple(found)


def _disagreements(account: Account, others: Iterable[Account]) -> Iterator[str]:
    """What is wrong with keys that are right one by one."""
    if account.security == "plain" and not _is_loopback(account.host):
        yield (
            'security: "plain" would show your password and mail to the network; it is only for '
            'a server on this machine; use "tls" or "starttls"'
        )
    for key, source in SOURCES.items():
        if account.password_from == source and not getattr(account, key):
            yield f'{key}: is missing, and password_from = "{source}" needs it'
        if account.password_from != source and getattr(account, key):
            yield f'{key}: is never used unless password_from = "{source}"'
    for other in others:
        if account.name.casefold() == other.name.casefold():
            yield "name: another account has this name"
        if account.login == other.login:
            yield "login: another account has this login, and the journal could not tell them apart"


SOURCES = {
    "password_command": "command",
    "password_file": "file",
    "token_command": "token_command",
}


def _section(kind: type[Section], table: object, where: str, problems: list[str]) -> Section | None:
    """One table as its type, as far as it is right; `problems` tell what is not.

    None where a key without a default is missing or wrong.
    """
    if not isinstance(table, dict):
        problems.append(f"{where}: write its heading as [{where}], in one pair of brackets")
        return None
    hints = get_type_hints(kind, include_extras=True)
    found = [*_unknown(table, hints, f"{where}.")]
    values: dict[str, Any] = {}
    for known in fields(kind):  # type: ignore[arg-type]  # every section is a dataclass
        shape, key = get_args(hints[known.name])
        try:
            if known.name in table:
                values[known.name] = _value(shape, key, table[known.name])
            elif known.default is MISSING:
                raise ValueError(f"is missing: {key.doc}")
        except ValueError as error:
            found.append(f"{where}.{known.name}: {error}")
    problems += found
    needed = {known.name for known in fields(kind) if known.default is MISSING}  # type: ignore[arg-type]
    return kind(**values) if needed <= values.keys() else None


def _value(kind: object, key: Key, raw: object) -> object:
    """A value as its type. Raises `ValueError`; texts are not repeated, they could be secrets."""
    if kind is bool or kind is str or get_origin(kind) is Literal:
        return _word(kind, key, raw)
    if kind is int or kind is float:
        return _number(kind, key, raw)
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise ValueError('must be a list of texts, such as ["one", "two"]')
    if key.some and not raw:
        raise ValueError("must not be empty")
    return tuple(str(_word(str, key, item)) for item in raw)


def _word(kind: object, key: Key, raw: object) -> object:
    if kind is bool:
        if not isinstance(raw, bool):
            raise ValueError("must be true or false")
        return raw
    if not isinstance(raw, str):
        raise ValueError("must be a text in quotes")
    if get_origin(kind) is Literal and raw not in get_args(kind):
        raise ValueError("must be " + " or ".join(f'"{choice}"' for choice in get_args(kind)))
    if not key.shape.pattern.fullmatch(raw):
        raise ValueError(f"must be {key.shape.words}")
    if key.some and not raw.strip():
        raise ValueError("must not be empty")
    return os.path.expanduser(raw) if key.shape is PATH else raw


def _number(kind: type[int] | type[float], key: Key, raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | kind):
        raise ValueError("must be a whole number" if kind is int else "must be a number")
    if not key.least <= raw <= key.most:
        raise ValueError(f"must be between {key.least:g} and {key.most:g}, not {raw:g} ({key.doc})")
    return kind(raw)


SECRET = re.compile(r"pass|pwd|kennwort|secret|token|api_?key", re.IGNORECASE)


def _unknown(table: Mapping[str, object], known: Iterable[str], where: str) -> Iterator[str]:
    """Keys that nobody knows, each with what was probably meant."""
    names = list(known)
    for name, value in table.items():
        if name in names:
            continue
        slip = get_close_matches(name, names, 1, cutoff=0.85)
        if isinstance(value, str) and SECRET.search(name) and not slip:
            yield (
                f"{where}{name}: no secret may stand in this file; take it out and keep it with "
                '"kitchenwall password set ACCOUNT", or name another place in password_from'
            )
            continue
        homes = [title for title, kind in SECTIONS.items() if name in _names(kind)]
        guesses = [f"it belongs under {_heading(home)}" for home in homes]
        guesses += [f'did you mean "{guess}"?' for guess in get_close_matches(name, names, 1)]
        yield f"{where}{name}: there is no such key" + (f"; {guesses[0]}" if guesses else "")


def _names(kind: type) -> list[str]:
    return [known.name for known in fields(kind)]


def _heading(section: str) -> str:
    return "[[account]]" if section == "account" else f"[{section}]"


def _default(section: object, **values: object) -> None:
    """Fill keys whose default follows from other keys."""
    for name, value in values.items():
        if not getattr(section, name):
            object.__setattr__(section, name, value)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def _trusted_text(path: Path) -> str:
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
