"""Mail as it comes from a server, and mail as we see it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_FORWARDED = re.compile(
    r"\s*(?:fwd?|wg|tr|rv|doorst|pd|i|enc|vb|vl|videresendt|přeposláno)\s*:", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """How far a folder has been read: everything up to `uid` under this `uidvalidity`."""

    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One mail as a server (or a file) handed it over.

    `raw` is at most the headers and text that we ask for, never the attachments of a large mail;
    `size` is what the server says the whole mail has. `received` is the server's clock, UTC.
    `answered` is the server's \\Answered flag.
    """

    account: str
    login: str
    folder: str
    cursor: Cursor
    received: datetime
    size: int
    raw: bytes
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox: `spec` is local@domain in lower case, `name` its display name on one line."""

    spec: str
    name: str = ""

    @property
    def local(self) -> str:
        return self.spec.rpartition("@")[0]

    @property
    def domain(self) -> str:
        return self.spec.rpartition("@")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A received mail as the domain sees it. All strings are clean of control characters.

    `key` is the source key (see `domain.identity`). `text` is what a person would read: the
    plain part, or the HTML part as text, without nested mails. `own_words` is `text` without
    quotes, forwarded parts, signature and legal footer. `message_id`, `in_reply_to` and
    `references` hold msg-ids with their angle brackets, only well-formed ones (RFC 5322, 3.6.4).
    `delivered_to` lists Delivered-To, X-Original-To and Envelope-To from the top. `auth_results`
    are the Authentication-Results values from the top (RFC 8601). `kinds` are the content types
    met, such as "text/calendar". `calendar_method` is the iTIP method where a calendar part
    names one, `calendar_start` when its first event begins (to a day: its time zone is not read).
    `organizer` is who called its event (RFC 5545, 3.8.4.3). `draft_ref` is our own opaque reference where the mail is one of ours.
    """

    key: str
    sender: Address | None
    received: datetime
    subject: str = ""
    text: str = ""
    own_words: str = ""
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    date: datetime | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    return_path: str | None = None
    auto_submitted: str = ""
    precedence: str = ""
    list_id: str = ""
    list_post: str = ""
    list_unsubscribe: bool = False
    auth_results: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    calendar_method: str = ""
    calendar_start: datetime | None = None
    organizer: Address | None = None
    came_as_html: bool = False
    has_forward: bool = False
    draft_ref: str | None = None
    answered: bool = False

    @property
    def written(self) -> datetime:
        """The older of the server's and the writer's date: moving a mailbox renews the former."""
        return min(self.received, self.date or self.received)

    @property
    def says_forwarded(self) -> bool:
        """Whether the subject says that another mail is passed on ("Fwd:")."""
        return _FORWARDED.match(self.subject) is not None
