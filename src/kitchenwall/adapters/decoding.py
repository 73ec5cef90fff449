"""Turn a mail's bytes into clean text, whatever they claim to be.

Nothing here raises for any input. Time is linear in the input: normalisation (quadratic in runs of
combining marks: 3 s for 64,000 of them) works on short pieces only, and charsets whose codecs
are quadratic or no charsets at all are not asked.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
import unicodedata

_CHARSET = re.compile(r"[a-z0-9][a-z0-9_.:+-]{0,39}")
_NO_CHARSETS = frozenset(("idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"))
_MEANT = {"iso8859-1": "cp1252", "gb2312": "gb18030", "ascii": ""}
ENCODED_WORD = re.compile(
    r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bq])\?([^?]*)\?=", re.IGNORECASE
)
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
_UUENCODED = ("x-uuencode", "uuencode", "uue", "x-uue")

_LINE_ENDS = re.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_SPACES = re.compile("[\t\x1f\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_UNSEEN = re.compile(
    "[\0-\x08\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_PIECE = re.compile(r"\S{1,200}")


def decoded_body(body: bytes, encoding: str, charset: str) -> str:
    """A part's text from its undecoded bytes, its transfer encoding and its declared charset.

    The body may have been cut anywhere. Charsets are tried in the order declared, UTF-8,
    Windows-1252, Latin-1; the last one never fails.
    """
    return clean_text(decoded(_without_transfer_encoding(body, encoding.strip().lower()), charset))


def decoded(data: bytes, charset: str) -> str:
    """Bytes as text: by the declared charset, else UTF-8, Windows-1252, Latin-1."""
    for candidate in filter(None, (_usable(charset), "utf-8", "cp1252")):
        try:
            return data.decode(candidate)
        except (LookupError, ValueError):
            if candidate == "utf-8" and _is_cut_utf8(data):
                return data.decode("utf-8", "ignore")
    return data.decode("latin-1")


def raw_header(value: bytes) -> str:
    """A header value as text where it carries raw 8-bit characters: UTF-8, else Windows-1252."""
    return decoded(value, "utf-8")


def decode_words(value: str) -> str:
    """The text with its encoded words read (RFC 2047); what is none stays as it is written.

    White space between neighbours is dropped, and a character that is split between two of them
    is put together.
    """
    pieces: list[str] = []
    data, charset, end = b"", "", 0
    for found in ENCODED_WORD.finditer(value):
        gap = value[end : found.start()]
        follows = bool(data) and not gap.strip()
        if not (follows and found[1].lower() == charset):
            pieces += [decoded(data, charset), "" if follows else gap]
            data = b""
        charset, end = found[1].lower(), found.end()
        data += _word(found[2], found[3])
    return "".join((*pieces, decoded(data, charset), value[end:]))


def one_line(text: str, most: int) -> str:
    """Visible characters only, composed (NFC), on one line, at most `most` of them."""
    seen = _UNSEEN.sub("", _SPACES.sub(" ", _LINE_ENDS.sub(" ", text)))
    return " ".join(_composed(seen).split())[:most].rstrip()


def clean_text(text: str) -> str:
    """Lines that end in a line feed; no control, invisible or direction characters; NFC."""
    return _composed(_UNSEEN.sub("", _SPACES.sub(" ", _LINE_ENDS.sub("\n", text))))


def _composed(text: str) -> str:
    if text.isascii():
        return text
    return "\n".join(
        [line if line.isascii() else _composed_line(line) for line in text.split("\n")]
    )


def _composed_line(line: str) -> str:
    return _PIECE.sub(lambda piece: unicodedata.normalize("NFC", piece[0]), line)


def _usable(charset: str) -> str:
    """A codec's name where the charset has one that reads text in linear time, else nothing."""
    name = charset.strip().lower()
    if not _CHARSET.fullmatch(name):
        return ""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return ""
    return "" if found in _NO_CHARSETS else _MEANT.get(found, found)


def _is_cut_utf8(data: bytes) -> bool:
    """Whether only the last character is broken: the text was cut in the middle of it."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data" and error.start > 0
    return False


def _without_transfer_encoding(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return _from_base64(body)
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    if encoding in _UUENCODED:
        return _from_uuencode(body)
    return body


def _from_base64(data: bytes) -> bytes:
    """What is no base64 is passed over; what is missing at the end is taken as cut off."""
    digits = _NO_BASE64.sub(b"", data.partition(b"=")[0])
    digits = digits[: len(digits) - (len(digits) % 4 == 1)]
    return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def _from_uuencode(body: bytes) -> bytes:
    lines: list[bytes] = []
    for line in body.splitlines():
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            lines.append(binascii.a2b_uu(line))
        except binascii.Error:
            return body
    return b"".join(lines)


def _word(encoding: str, text: str) -> bytes:
    data = text.encode("utf-8", "ignore")
    return _from_base64(data) if encoding in "bB" else binascii.a2b_qp(data, header=True)
