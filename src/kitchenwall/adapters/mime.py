"""Read a received mail: from its bytes to a `Message`, or to the reason why it cannot be read.

What a mail may cost is settled before any library sees it. `domain.parts` finds the header fields
and the one text part, all of them capped; mail-parser then reads addresses and date from a header of
a few lines. It is never given the mail itself, because it lets nested mails into the text,
drops raw 8-bit characters from names, and holds attachments in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from kitchenwall.adapters.decoding import (
    decode_words,
    decoded_body,
    one_line,
    raw_header,
)
from kitchenwall.adapters.envelope import Fields, by_name, envelope, first, plain_address
from kitchenwall.domain import parts
from kitchenwall.domain.identity import address_of, is_our_ref, key_of, our_ref
from kitchenwall.domain.message import Address, Arrival, Message
from kitchenwall.domain.parts import Part
from kitchenwall.domain.reduced import KINDS_OF_WHOLE
from kitchenwall.domain.reduced import reduced_mail as reduced_mail
from kitchenwall.domain.text import has_forward, own_words
from kitchenwall.errors import UnreadableMessage

ADDRESSES = 100

_SUBJECT = 1_000
_NAME = 200
_LINE = 2_000
_VALUES = 20
_KIND = 100
_AUTOMATIC_ANSWER = (b"x-autoreply", b"x-autorespond", b"x-auto-reply-from")

_CALENDARS = ("text/calendar", "application/ics")
_DELIVERED = (b"delivered-to", b"x-original-to", b"envelope-to")

_MSG_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")  # what is visible in ASCII, but for <>@
_CHARSET = re.compile(rb";\s*charset\s*=\s*[\"']?([^\s;\"']{1,60})", re.IGNORECASE)
_METHOD = re.compile(r";\s*method\s*=\s*\"?([a-z-]{1,20})", re.IGNORECASE)
_METHOD_LINE = re.compile(r"^METHOD:([a-z-]{1,20})", re.IGNORECASE | re.MULTILINE)
_FOLDED = re.compile(r"\r?\n[ \t]")
_ORGANIZER_LINE = re.compile(
    r"^ORGANIZER([^:\r\n]{0,300}?):mailto:([^\s]{1,320})", re.IGNORECASE | re.MULTILINE
)
_COMMON_NAME = re.compile(r";CN=(?:\"([^\"]{0,200})\"|([^;:]{0,200}))", re.IGNORECASE)
_START_LINE = re.compile(r"^DTSTART[^:\r\n]{0,200}:([0-9]{8})(?:T([0-9]{6}))?", re.MULTILINE)
_MARKUP = re.compile(
    r"\s*<(?:!doctype|html|head|body|div|p|table|span|meta|style)\b", re.IGNORECASE
)
_STUB = re.compile(r"\b(?:html|browser|navigateur|navegador)\b", re.IGNORECASE)
_STUB_CHARACTERS = 300


def read_message(arrival: Arrival) -> Message:
    """The mail as the domain sees it. Raises `UnreadableMessage`, with a plain reason."""
    try:
        return _read(arrival)
    except UnreadableMessage:
        raise
    except Exception as error:  # whatever one mail does to a library, its neighbours go on
        reason = f"cannot read this mail: the reader gives up ({type(error).__name__})"
        raise UnreadableMessage(reason) from error


def peek_ref(raw: bytes) -> str | None:
    """Our reference where the mail is one of ours, from its header alone."""
    header = parts.header_of(raw)
    ref = _ascii(parts.field(header, b"X-Draft-Ref"))
    return ref if is_our_ref(ref) else our_ref(_ascii(parts.field(header, b"Message-ID")))


def _read(arrival: Arrival) -> Message:
    raw = arrival.raw
    header = parts.header_of(raw)
    fields = by_name(header)
    if not fields:
        raise UnreadableMessage("cannot read this mail: it has no header")
    all_parts = parts.parts(raw)
    kinds, method = _kinds(raw, all_parts, fields)
    event = _event(raw, all_parts)
    text, came_as_html = _text(raw, all_parts, kinds)
    _refuse_unread(text, all_parts, kinds)
    found = envelope(fields)
    message_id = next(iter(_msg_ids(fields, b"message-id")), None)
    return Message(
        key=key_of(arrival.login, raw),
        sender=found.sender,
        received=arrival.received,
        subject=_line(fields, b"subject", _SUBJECT),
        text=text,
        own_words=own_words(text),
        message_id=message_id,
        in_reply_to=_msg_ids(fields, b"in-reply-to"),
        references=_msg_ids(fields, b"references"),
        date=found.date,
        reply_to=found.reply_to,
        to=found.to,
        cc=found.cc,
        delivered_to=_delivered_to(header),
        return_path=_return_path(fields),
        auto_submitted=_automatic(fields),
        precedence=_line(fields, b"precedence", _NAME).lower(),
        list_id=_line(fields, b"list-id", _LINE),
        list_post=_line(fields, b"list-post", _LINE),
        list_unsubscribe=b"list-unsubscribe" in fields,
        auth_results=tuple(
            one_line(raw_header(value), _LINE)
            for value in fields.get(b"authentication-results", ())[:_VALUES]
        ),
        kinds=kinds,
        calendar_method=method,
        calendar_start=_calendar_start(event),
        organizer=_organizer(event),
        came_as_html=came_as_html,
        has_forward=has_forward(text) or "message/rfc822" in kinds,
        draft_ref=peek_ref(raw),
        answered=arrival.answered,
    )


def _line(fields: Fields, name: bytes, most: int) -> str:
    return one_line(decode_words(raw_header(first(fields, name))), most)


def _automatic(fields: Fields) -> str:
    """Auto-Submitted (RFC 3834, 5), or "auto-replied" where an older header says the same."""
    said = _line(fields, b"auto-submitted", _LINE).partition(";")[0].strip().lower()
    if said in ("", "no") and any(name in fields for name in _AUTOMATIC_ANSWER):
        return "auto-replied"
    return said


def _kinds(raw: bytes, all_parts: tuple[Part, ...], fields: Fields) -> tuple[tuple[str, ...], str]:
    """The content types met, each once, and the iTIP method (RFC 5546) of the first calendar part."""
    of_whole = _ascii(first(fields, KINDS_OF_WHOLE.lower())).lower().split(",")
    kinds = dict.fromkeys(part.kind for part in all_parts if len(part.kind) <= _KIND)
    named = (kind.partition(";")[0].strip() for kind in of_whole)
    kinds |= dict.fromkeys(kind for kind in named if kind and len(kind) <= _KIND)
    methods = [_method(raw, part) for part in all_parts if part.kind == "text/calendar"]
    methods += [found[1] for kind in of_whole if (found := _METHOD.search(kind))]
    return tuple(kinds)[: parts.PARTS_CAP], next(filter(None, methods), "").upper()


def _method(raw: bytes, part: Part) -> str:
    found = _METHOD.search(_ascii(parts.field(part.header, b"Content-Type")))
    found = found or _METHOD_LINE.search(_decoded(raw, part))
    return found[1] if found else ""


def _event(raw: bytes, all_parts: tuple[Part, ...]) -> str:
    """The first event of a calendar part, its long lines unfolded (RFC 5545, 3.1); "" for none."""
    part = next((part for part in all_parts if part.kind in _CALENDARS), None)
    # What stands before the event are the rules of its time zone, which have a DTSTART of their own.
    event = _decoded(raw, part).partition("BEGIN:VEVENT")[2] if part else ""
    return _FOLDED.sub("", event)


def _organizer(event: str) -> Address | None:
    """Who called an event, by CN and mailto (RFC 5545, 3.8.4.3)."""
    found = _ORGANIZER_LINE.search(event)
    spec = plain_address(found[2]) if found else ""
    if not found or not spec:
        return None
    named = _COMMON_NAME.search(found[1])
    return Address(spec, one_line((named[1] or named[2]) if named else "", _NAME))


def _calendar_start(event: str) -> datetime | None:
    """When an event begins (RFC 5545, 3.8.2.4), taken as UTC."""
    if not (found := _START_LINE.search(event)):
        return None
    try:
        when = found[1] + (found[2] or "000000")
        return datetime.strptime(when, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _text(raw: bytes, all_parts: tuple[Part, ...], kinds: tuple[str, ...]) -> tuple[str, bool]:
    """What a person would read, and whether it came as HTML. A report's words are nobody's."""
    if "multipart/report" in kinds:
        return "", False
    plain, others = _decoded_first(raw, all_parts, "text/plain")
    if _MARKUP.match(plain):
        return _seen(plain), True
    if plain and not _is_stub(plain):
        return plain, False
    markup, _ = _decoded_first(raw, all_parts, "text/html")
    if markup and (seen := _seen(markup)):
        return seen, True
    return next(filter(None, (plain, *others)), ""), False


def _seen(markup: str) -> str:
    """HTML as text. Its parser is loaded for mail that needs it."""
    from kitchenwall.adapters.html import html_to_text

    return html_to_text(markup)


def _decoded_first(raw: bytes, all_parts: tuple[Part, ...], kind: str) -> tuple[str, Iterable[str]]:
    """The first part of that kind as text, and those behind it as long as somebody asks."""
    wanted = [part for part in all_parts if part.kind == kind and not part.attached]
    texts = (_decoded(raw, part).strip() for part in wanted)
    return next(texts, ""), texts


def _is_stub(text: str) -> bool:
    """Whether the plain part only says that the mail is to be read elsewhere."""
    return len(text) <= _STUB_CHARACTERS and bool(_STUB.search(text))


def _decoded(raw: bytes, part: Part) -> str:
    charset = _CHARSET.search(parts.field(part.header, b"Content-Type"))
    encoding = parts.field(part.header, b"Content-Transfer-Encoding")
    return decoded_body(part.body(raw), _ascii(encoding), _ascii(charset[1]) if charset else "")


def _refuse_unread(text: str, all_parts: tuple[Part, ...], kinds: tuple[str, ...]) -> None:
    if text:
        return
    if any(part.unopened for part in all_parts):
        raise UnreadableMessage("cannot read this mail: its parts are nested too deep or too many")
    if "application/ms-tnef" in kinds or "application/vnd.ms-tnef" in kinds:
        raise UnreadableMessage(
            "cannot read this mail: all it holds is a winmail.dat, which only Outlook opens"
        )


def _delivered_to(header: bytes) -> tuple[str, ...]:
    found = (
        plain_address(raw_header(address_of(parts.one_line(value)).encode("latin-1")))
        for name, value in parts.fields(header)
        if name.lower() in _DELIVERED
    )
    return tuple(dict.fromkeys(filter(None, found)))[:_VALUES]


def _return_path(fields: Fields) -> str | None:
    """The envelope sender; "" for the empty one of bounces (RFC 5321, 4.5.5)."""
    if b"return-path" not in fields:
        return None
    return plain_address(address_of(first(fields, b"return-path")))


def _msg_ids(fields: Fields, name: bytes) -> tuple[str, ...]:
    found = _MSG_ID.findall(first(fields, name).decode("latin-1"))
    return tuple(dict.fromkeys(value for value in found if len(value) <= 250))[:ADDRESSES]


def _ascii(value: bytes) -> str:
    return value.decode("ascii", "replace")
