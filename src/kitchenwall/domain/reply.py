"""Compose the reply: the exact bytes that are laid into Drafts.

The same input gives the same bytes. The headers are From, To, Subject, Date, Message-ID,
In-Reply-To, References, X-Draft-Ref and those of MIME, and no others, whatever the mail that is
answered says: none names the program, none could send a copy elsewhere, and there is no
Auto-Submitted, because a person will send this (RFC 3834).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from kitchenwall.domain.facts import Facts
from kitchenwall.domain.journal import Reply
from kitchenwall.domain.message import Address, Message

LONGEST_SUBJECT = 200
LONGEST_NAME = 80
MOST_REFERENCES = 20
LONGEST_ID = 900

_REPLY_MARK = re.compile(
    r"(?:(?:re|aw|antw|antwort|sv|vs|vá|r|rif|tr|odp|ref?s|ynt|ha|bls|回复|答复)"
    r"\s?(?:\[\d{1,3}\]|\(\d{1,3}\)|\^?\d{0,3})\s?[:：]\s*)+",
    re.IGNORECASE,
)
_REF = re.compile(r"[A-Za-z0-9._-]{1,200}")
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+>")
_NOT_IN_NAMES = re.compile(r'[",;:<>@()\[\]\\]+')
_NO_SUBJECT = {
    "en": "Your reply to my application",
    "de": "Ihre Rückmeldung zu meiner Bewerbung",
    "fr": "Votre réponse à ma candidature",
    "es": "Su respuesta a mi candidatura",
    "nl": "Uw reactie op mijn sollicitatie",
    "pl": "Odpowiedź na moją aplikację",
    "it": "La sua risposta alla mia candidatura",
    "pt": "Resposta à minha candidatura",
    "sv": "Svar på min ansökan",
    "da": "Svar på min ansøgning",
    "cs": "Odpověď na mou žádost",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a letter: plain text, and the same as HTML where there is any."""

    text: str
    html: str | None = None


def compose(
    message: Message,
    facts: Facts,
    to: Address,
    words: Words,
    identity: Address,
    ref: str,
    message_id: str,
    now: datetime,
) -> Reply:
    """A reply to `message`, from `identity` to `to`, as bytes with CRLF line ends (RFC 5322).

    `ref` and `message_id` are ours (see `domain.identity`); `now` is aware and becomes the Date.
    The HTML is laid beside the text where the mail came as HTML. Raises ValueError for an address,
    reference or Message-ID that cannot stand in a header: such a thing never comes from a mail.
    """
    if not _REF.fullmatch(ref) or not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError(f"not a reference and Message-ID of ours: {ref!r}, {message_id!r}")
    subject = reply_subject(message.subject, facts.language)
    letter = EmailMessage(_POLICY)
    letter["From"] = _mailbox(identity)
    letter["To"] = _mailbox(to)
    letter["Subject"] = subject
    letter["Date"] = now
    letter["Message-ID"] = message_id
    if references := thread(message):
        letter["In-Reply-To"] = references[-1]
        letter["References"] = " ".join(references)
    letter["X-Draft-Ref"] = ref
    letter["MIME-Version"] = "1.0"
    _fill(letter, words, with_html=message.came_as_html, ref=ref)
    return Reply(
        ref=ref, message_id=message_id, recipient=to, subject=subject, data=letter.as_bytes()
    )


def reply_subject(subject: str, language: str = "en") -> str:
    """One "Re: " and the subject without its own reply marks, on one line of at most 200 characters."""
    bare = one_line(subject[:2_000])
    bare = _REPLY_MARK.sub("", bare, count=1) if _REPLY_MARK.match(bare) else bare
    bare = bare.strip() or _NO_SUBJECT.get(language, _NO_SUBJECT["en"])
    return f"Re: {bare}"[:LONGEST_SUBJECT].rstrip()


def thread(message: Message) -> tuple[str, ...]:
    """The References of an answer; the last one is In-Reply-To (RFC 5322, 3.6.4).

    The mail's own References, or its In-Reply-To where that names exactly one mail, then its
    Message-ID. Empty where it has no Message-ID. Long threads keep their first and last 20.
    """
    parent = _usable_ids((message.message_id or "",))
    if not parent:
        return ()
    earlier = message.references or (message.in_reply_to if len(message.in_reply_to) == 1 else ())
    ids = (*(one for one in _usable_ids(earlier) if one != parent[0]), *parent)
    return ids if len(ids) <= MOST_REFERENCES + 1 else (ids[0], *ids[-MOST_REFERENCES:])


def one_line(text: str) -> str:
    """Text that can stand on one line of a header or letter, and cannot pass for anything else.

    NFC; line ends and control characters become spaces; invisible, bidirectional and broken
    characters go; "=?" is parted, so that nobody decodes it once more (RFC 2047).
    """
    shown = (
        " " if unicodedata.category(c) in _SPACING else c
        for c in unicodedata.normalize("NFC", text)
        if unicodedata.category(c) not in _DROPPED
    )
    return " ".join("".join(shown).replace("=?", "= ?").split())


_SPACING = frozenset(("Cc", "Zl", "Zp", "Zs"))
_DROPPED = frozenset(("Cf", "Cs", "Co", "Cn"))


class _Folding(EmailPolicy):
    """Our own folding of the headers that hold words and ids of others.

    The standard one encodes ids that are longer than a line, and in some releases loses spaces
    between encoded words and quotes around names (CPython 92081, 121284).
    """

    def fold(self, name: str, value: Any) -> str:
        written = _FOLDS.get(name.lower())
        return f"{name}: {written(name, value)}\r\n" if written else super().fold(name, value)

    def fold_binary(self, name: str, value: Any) -> bytes:
        return self.fold(name, value).encode("ascii")


def _ids(_name: str, value: Any) -> str:
    return "\r\n ".join(str(value).split())


def _sentence(name: str, value: Any) -> str:
    charset = "us-ascii" if str(value).isascii() else "utf-8"
    return Header(str(value), charset, header_name=name).encode(linesep="\r\n")


def _mailboxes(name: str, value: Any) -> str:
    (address,) = value.addresses
    shown = address.display_name
    if not shown:
        return str(address.addr_spec)
    phrase = f'"{shown}"' if shown.isascii() else _sentence(name, shown)
    return (
        f"{phrase}\r\n <{address.addr_spec}>"
        if len(phrase) > 60
        else f"{phrase} <{address.addr_spec}>"
    )


_FOLDS: dict[str, Callable[[str, Any], str]] = {
    **dict.fromkeys(("from", "to"), _mailboxes),
    **dict.fromkeys(("message-id", "in-reply-to", "references", "x-draft-ref"), _ids),
    "subject": _sentence,
}
_POLICY = _Folding(linesep="\r\n", raise_on_defect=False)


def _mailbox(address: Address) -> HeaderAddress:
    """An address with its display name; a name that looks like an address is left out."""
    domain = address.domain.encode("idna").decode("ascii") if address.domain else ""
    name = "" if "@" in address.name else one_line(_NOT_IN_NAMES.sub(" ", address.name))
    return HeaderAddress(name[:LONGEST_NAME].strip(), address.local, domain)


def _usable_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    """Ids that can stand on a line of ours as they are, each once."""
    return tuple(dict.fromkeys(one for one in ids if _is_usable_id(one)))


def _is_usable_id(one: str) -> bool:
    return len(one) <= LONGEST_ID and "=?" not in one and _MESSAGE_ID.fullmatch(one) is not None


def _fill(letter: EmailMessage, words: Words, *, with_html: bool, ref: str) -> None:
    letter.set_content(_body(words.text), cte="quoted-printable")
    if with_html and words.html:
        letter.add_alternative(_body(words.html), subtype="html", cte="quoted-printable")
        for part in letter.iter_parts():
            del part["MIME-Version"]
        # "=_" cannot occur in quoted-printable text (RFC 2045, 6.7).
        letter.set_boundary("=_" + hashlib.sha256(ref.encode()).hexdigest()[:32])


def _body(text: str) -> str:
    """Lines with plain ends, without control and broken characters, and one line end at the end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = (
        "".join(c for c in line if unicodedata.category(c) not in ("Cc", "Cs")) for line in lines
    )
    return "\n".join(line.rstrip() for line in kept).strip("\n") + "\n"
