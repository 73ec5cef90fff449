"""What is remembered: events, drafts and their states, people, applications."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kitchenwall.domain.facts import Facts
from kitchenwall.domain.message import Address, Cursor
from kitchenwall.domain.verdict import Verdict


class EventKind(StrEnum):
    """What happened to a mail that mattered."""

    DRAFT = "draft"
    ASK = "ask"
    NOTE = "note"
    HOLD = "hold"
    UNREADABLE = "unreadable"
    DISMISSED = "dismissed"


class DraftState(StrEnum):
    """The life of one draft.

    OFFERED waits for the person's yes; PLANNED may be laid; INTENT means that an APPEND may have
    been sent and its outcome is not recorded; CREATED, SKIPPED and HELD are ends, the last one
    until the person decides.
    """

    OFFERED = "offered"
    PLANNED = "planned"
    INTENT = "intent"
    CREATED = "created"
    HELD = "held"
    SKIPPED = "skipped"


# Which state may follow which. CREATED is for ever: a draft that was laid belongs to the person.
# PLANNED to CREATED is a draft that was found lying there; SKIPPED to PLANNED is the person's yes.
FOLLOWS: Mapping[DraftState, frozenset[DraftState]] = {
    DraftState.OFFERED: frozenset({DraftState.PLANNED, DraftState.HELD, DraftState.SKIPPED}),
    DraftState.PLANNED: frozenset(
        {
            DraftState.PLANNED,
            DraftState.INTENT,
            DraftState.CREATED,
            DraftState.HELD,
            DraftState.SKIPPED,
        }
    ),
    DraftState.INTENT: frozenset(
        {DraftState.PLANNED, DraftState.CREATED, DraftState.HELD, DraftState.SKIPPED}
    ),
    DraftState.HELD: frozenset(
        {DraftState.PLANNED, DraftState.CREATED, DraftState.HELD, DraftState.SKIPPED}
    ),
    DraftState.SKIPPED: frozenset({DraftState.PLANNED}),
    DraftState.CREATED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply ready to be laid. `data` are its exact bytes, CRLF line ends (RFC 5322).

    `ref` is the opaque value of X-Draft-Ref and the left part of `message_id`. `question` is what
    the letter asks, and `remarks` are for the person alone and stand in no letter.
    """

    ref: str
    message_id: str
    recipient: Address
    subject: str
    data: bytes
    question: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event to be recorded. All times are UTC. `follows` is the event of the no that it answers."""

    source_key: str
    account: str
    login: str
    folder: str
    cursor: Cursor
    received: datetime
    recorded: datetime
    kind: EventKind
    because: str
    sender: Address | None = None
    subject: str = ""
    message_id: str | None = None
    verdict: Verdict | None = None
    facts: Facts | None = None
    follows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A recorded event, as it is shown. `decision` is what the person said about it, and when."""

    id: int
    source_key: str
    account: str
    login: str
    folder: str
    cursor: Cursor
    received: datetime
    recorded: datetime
    kind: EventKind
    because: str
    sender: Address | None
    subject: str
    message_id: str | None
    outcome: str
    confidence: float
    language: str
    sentence: str
    company: str
    role: str
    stage: str
    feedback: str
    person: str
    draft: DraftState | None
    decision: str = ""
    decided: datetime | None = None
    follows: int | None = None
    formality: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """A draft in the journal.

    `folder`, `uidvalidity` and `uidnext` are what the Drafts folder said just before the APPEND
    (None until then); `uid` is where it was verified. `intended` is when the APPEND was about to
    be sent, UTC. `generation` counts deliberate repetitions. `source_id` is the Message-ID of
    the mail it answers, `source_folder` and `source` where that mail lies. A PLANNED draft is not
    laid before `due`.
    """

    id: int
    event_id: int
    login: str
    ref: str
    message_id: str
    recipient: Address
    subject: str
    data: bytes
    state: DraftState
    because: str
    generation: int
    created: datetime
    folder: str | None
    uidvalidity: int | None
    uidnext: int | None
    uid: int | None
    intended: datetime | None
    source_id: str | None
    source_folder: str
    source: Cursor
    source_received: datetime
    question: str = ""
    remarks: tuple[str, ...] = ()
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """An account that stopped itself. `secret_mark` tells whether the secret has changed since."""

    login: str
    reason: str
    since: datetime
    secret_mark: str


@dataclass(frozen=True, slots=True)
class Write:
    """One write to a server: the login, the command, the folder, which draft or mail, and when."""

    login: str
    what: str
    folder: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Pass:
    """The last completed pass over an account."""

    login: str
    account: str
    at: datetime
    seen: int
    state: str


def application_key(company: str, role: str) -> tuple[str, str] | None:
    """What makes two mails speak of one application; None where neither is known.

    Upper and lower case, accents of width, punctuation, legal forms ("GmbH") and gender tags
    ("m/w/d") make no difference; an unknown half is "".
    """
    key = company_key(company), _role_key(role)
    return key if any(key) else None


def company_key(company: str) -> str:
    """What makes two names one company: letters and digits, without the legal forms behind it."""
    return _bare("".join(company_words(company)))


def company_words(company: str) -> tuple[str, ...]:
    """The words of a company's name in small letters, "&" as a word, without legal forms behind it."""
    name = _folded(company).replace("&", " and ").replace(",", " ").replace(".", "")
    words = tuple(name.split())
    while (bare := _without_form(words)) != words:
        words = bare
    return words


# Only behind a name: in front of it, the same letters are part of it ("SE Ranking").
_FORMS = (
    "gmbh|mbh|ag|se|eg|kg|kgaa|ug|ohg|and co|ltd|limited|plc|llc|llp|inc|incorporated|corp"
    "|corporation|sa|sas|sarl|srl|spa|sl|bv|nv|sp z oo|sp zoo|sp z o o|sro|s r o|as|a s|ab|aps"
    "|a/s|oy|oyj|lda|ltda"
)
_LEGAL_FORMS = tuple(tuple(form.split()) for form in _FORMS.split("|"))
_GENDER_TAGS = re.compile(
    r"\(?(?<!\w)(?:[mwfdxh](?:\s?[/|*]\s?[mwfdxhi])+|all genders|alle geschlechter)(?!\w)\)?"
)


def _without_form(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without one legal form at their end; never without all of them."""
    for form in _LEGAL_FORMS:
        if len(form) < len(words) and words[-len(form) :] == form:
            return words[: -len(form)]
    return words


def _role_key(role: str) -> str:
    return _bare(_GENDER_TAGS.sub(" ", _folded(role)))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _bare(text: str) -> str:
    return "".join(char for char in text if char.isalnum())
