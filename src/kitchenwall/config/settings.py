"""What can be set: one frozen class a section, each key with its meaning, range and default."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from kitchenwall.errors import ConfigError

PasswordSource = Literal["keyring", "credential", "command", "file", "token_command"]
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
CLOCK = Shape('a time of day such as "08:30"', re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d"))
MAYBE_CLOCK = Shape(CLOCK.words, re.compile(rf"|{CLOCK.pattern.pattern}"))
ZONE = Shape('a time zone such as "Europe/Berlin"', re.compile(r"|[A-Za-z0-9_+/-]{1,64}"))
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
    timezone: Annotated[str, Key("your time zone; empty: the machine's", shape=ZONE)] = ""
    gender: Annotated[
        Literal["", "feminine", "masculine"],
        Key("how letters speak of you in languages where it shows; empty: neutral wording"),
    ] = ""

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
        PasswordSource,
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
    """What replies are like and when they are laid into Drafts. What is over a limit is held for you, not lost."""

    bridge: Annotated[
        Literal["auto", "touch", "teams", "roles", "none"],
        Key(
            "the line that keeps the bridge: as it fits, staying in touch, other teams, other roles"
        ),
    ] = "auto"
    quote: Annotated[
        Literal["none", "short", "full"],
        Key("how much of the mail is quoted below the letter"),
    ] = "none"
    thanks: Annotated[bool, Key("thank for an answer that says something specific")] = True
    asks_again: Annotated[bool, Key("ask once more where an answer is a general one")] = True
    remind_days: Annotated[
        float, Key("after how many days without an answer one reminder is laid; 0: never", 0, 59)
    ] = 0
    when: Annotated[
        Literal["now", "pause", "morning"],
        Key("when a draft is laid: at once, after a pause, on the next working morning"),
    ] = "now"
    pause_hours: Annotated[float, Key("how long a pause is", 0, 240)] = 24
    morning: Annotated[str, Key("when a working morning begins", shape=CLOCK)] = "08:30"
    quiet_from: Annotated[
        str, Key("from when on nothing is laid; empty: there is no such time", shape=MAYBE_CLOCK)
    ] = ""
    quiet_until: Annotated[str, Key("until when nothing is laid", shape=MAYBE_CLOCK)] = ""
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


def _default(section: object, **values: object) -> None:
    """Fill keys whose default follows from other keys."""
    for name, value in values.items():
        if not getattr(section, name):
            object.__setattr__(section, name, value)
