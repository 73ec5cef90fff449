"""Know a mail again for ever, and know our own drafts among all others.

The scheme "v1" is frozen: a key that was recorded once must come out the same after every upgrade.
It rests on raw bytes and on the fixed rules here and in `domain.parts`, never on what a library
makes of them.
"""

from __future__ import annotations

import base64
import hashlib
import re

from kitchenwall.domain import parts

SCHEME = "v1"
_TEXT = 4_096

_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z)', re.DOTALL)
_COMMENT = re.compile(rb"\([^()]*\)")
_ANGLE = re.compile(rb"<([^<>]*)>")
_REF = r"rr1\.[a-z2-7]{40}"
_OUR_REF = re.compile(_REF)
_OUR_ID = re.compile(rf"<({_REF})@[^<>\s@]+>")


def source_key(login: str, message_id: str, sender: str, date: str, text_part: bytes) -> str:
    """The lasting name of a mail in one mailbox: 64 lower-case hexadecimal digits.

    `login` names the mailbox, never the account's name in the file, which may change. The other
    values are what `message_id_of`, `address_of` and `date_of` read; `text_part` counts, with
    its first 4 KB, only where Message-ID or Date is missing.
    """
    text = b"" if message_id and date else _text_hash(text_part)
    return _digest(
        SCHEME.encode(), _utf8(login), _utf8(message_id), _utf8(sender), _utf8(date), text
    ).hex()


def key_of(login: str, raw: bytes) -> str:
    """The source key of a mail as it was received."""
    header = parts.header_of(raw)
    message_id, date = message_id_of(header), date_of(header)
    text = b"" if message_id and date else parts.text_part(raw)
    return source_key(login, message_id, address_of(parts.field(header, b"From")), date, text)


def message_id_of(header: bytes) -> str:
    """The first Message-ID as written, white space collapsed, ASCII letters in lower case."""
    return _text(parts.field(header, b"Message-ID").lower())


def date_of(header: bytes) -> str:
    """The first Date as written, white space collapsed."""
    return _text(parts.field(header, b"Date"))


def address_of(raw: bytes) -> str:
    """The address in an undecoded From value, in lower case.

    Quoted strings and comments are set aside; then what stands in the first angle brackets, else
    the first word with an @, else everything.
    """
    bare = _COMMENT.sub(b" ", _QUOTED.sub(b" ", raw))
    for value in (bare, raw):
        angle = _ANGLE.search(value)
        if angle and b"@" in angle[1]:
            return _text(b"".join(angle[1].lower().split()))
        word = next((word for word in value.split() if b"@" in word), b"")
        if word:
            return _text(word.lower().strip(b"<>,;"))
    return _text(parts.one_line(raw.lower()))


def draft_ref(source_key: str, generation: int) -> str:
    """The opaque name of the draft that answers a mail; `generation` counts deliberate repetitions."""
    digest = _digest(SCHEME.encode(), source_key.encode("ascii"), str(generation).encode("ascii"))
    return "rr1." + base64.b32encode(digest).decode("ascii")[:40].lower()


def draft_message_id(ref: str, domain: str) -> str:
    """The Message-ID of a draft, with its angle brackets."""
    return f"<{ref}@{domain}>"


def is_our_ref(value: str) -> bool:
    """Whether a value is a reference of ours, and nothing else."""
    return _OUR_REF.fullmatch(value) is not None


def our_ref(message_id: str) -> str | None:
    """The reference in a Message-ID or X-Draft-Ref of ours; None for everybody else's."""
    value = message_id.strip()
    if is_our_ref(value):
        return value
    found = _OUR_ID.fullmatch(value)
    return found[1] if found else None


def _digest(*values: bytes) -> bytes:
    """Each value goes in behind its length, so that none can pass for the beginning of the next."""
    digest = hashlib.sha256()
    for value in values:
        digest.update(len(value).to_bytes(8, "big") + value)
    return digest.digest()


def _text_hash(text: bytes) -> bytes:
    """Line ends as LF and no white space at the end: both differ between copies of one mail."""
    return hashlib.sha256(text[: 2 * _TEXT].replace(b"\r\n", b"\n")[:_TEXT].rstrip()).digest()


def _text(value: bytes) -> str:
    """Each byte as one character, so that nothing is lost and nothing can fail."""
    return value.decode("latin-1")


def _utf8(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
