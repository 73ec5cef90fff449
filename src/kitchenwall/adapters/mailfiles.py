"""Read mails from files one by one: .eml, folders, Maildir, mbox and JSON lines.

Only one mail is held at a time, and of that at most `MAIL_MOST` bytes, so a mailbox may be of any
size. What cannot be read becomes a `Problem`, and its neighbours go on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BufferedReader

from kitchenwall.adapters.mailrows import BadRow, raw_mail, rows
from kitchenwall.adapters.mbox import split, without_envelope
from kitchenwall.domain.identity import message_id_of
from kitchenwall.domain.parts import header_of

MAIL_MOST = 2_000_000
SAID = ("label", "lang", "source")
STANDARD_INPUT = "-"

_SUFFIXES = (".eml", ".mbox", ".jsonl", ".ndjson")
_MAILDIR = ("new", "cur")
# The suffix of a file, the flags of a Maildir (with the signs that file systems allow for ":").
_NOT_IN_ID = re.compile(r"\.eml\Z|[:;!]2,[^/]*\Z", re.IGNORECASE)
_BOM = b"\xef\xbb\xbf"
_LONGEST_ID = 200
_LONGEST_SAID = 100
_GUESSED_FROM = 512
_UNREADABLE = {
    b"\x1f\x8b": "it is compressed; unpack it first, for example with gunzip",
    b"BZh": "it is compressed; unpack it first with bunzip2",
    b"\xfd7zXZ\x00": "it is compressed; unpack it first with unxz",
    b"\x28\xb5\x2f\xfd": "it is compressed; unpack it first with unzstd",
    b"PK\x03\x04": "it is compressed; unpack it first with unzip",
    b"7z\xbc\xaf": "it is compressed; unpack it first with 7z",
    b"\xd0\xcf\x11\xe0": "it is one of Outlook's own files; save the mail as .eml there",
    b"!BDN": "it is one of Outlook's own files; save the mails as .eml or mbox",
    b"\xff\xfe": "it is UTF-16; save it as UTF-8",
    b"[": "it is one JSON array; write one object a line, for example with jq -c '.[]'",
}


@dataclass(frozen=True, slots=True)
class MailFile:
    """One mail: the file as it was named, what it is called there, and its bytes.

    `id` is the file's name without suffix (.eml), its unique name (Maildir), the row's id or
    number (JSON lines), or the Message-ID, where there is none the number (mbox). `said` is what a
    row says of its mail besides, in `SAID`; None for a mail that came in no row.
    """

    file: str
    id: str
    raw: bytes
    said: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read, and why, in words for the person."""

    file: str
    because: str


Found = MailFile | Problem


def mails(paths: Iterable[str], standard_input: BufferedReader) -> Iterator[Found]:
    """All mails of these files and folders, in the order given and by name within a folder.

    A file that is named is read as what it holds; in a folder, .eml, .mbox and JSON lines (.jsonl,
    .ndjson) count, an mbox without suffix, and everything in the new and cur of a Maildir. "-" is
    standard input.
    """
    for path in paths:
        if path == STANDARD_INPUT:
            yield from _guarded(path, standard_input)
        elif os.path.isdir(path):
            yield from _folder(path)
        else:
            yield from _file(path)


def _folder(path: str) -> Iterator[Found]:
    """Everything below a folder; links to folders are not followed, because they may lead back."""
    ahead, empty = [path], True
    while ahead:
        place = ahead.pop()
        try:
            if not os.path.isdir(place):
                empty = False
                yield from _file(place)
            else:
                ahead += reversed(_within(place))
        except OSError as error:
            empty = False
            yield Problem(place, error.strerror or str(error))
    if empty:
        kinds = ", ".join(_SUFFIXES)
        yield Problem(path, f"there is no mail in it (a Maildir, or files ending in {kinds})")


def _within(folder: str) -> list[str]:
    """What to go on with in a folder, by name."""
    with os.scandir(folder) as entries:
        named = sorted(entries, key=lambda entry: entry.name)
    above, name = os.path.split(os.path.abspath(folder))
    of_maildir = name in _MAILDIR and _is_maildir(above)
    leave_out = ("tmp",) if _is_maildir(folder) else ()
    return [
        entry.path
        for entry in named
        if entry.name not in leave_out and _counts(entry, of_maildir=of_maildir)
    ]


def _counts(entry: os.DirEntry[str], *, of_maildir: bool) -> bool:
    """Folders and mails count; hidden ones do not, but for the subfolders of a Maildir (Maildir++)."""
    hidden = entry.name.startswith(".")
    if entry.is_dir(follow_symlinks=False):
        return not hidden or _is_maildir(entry.path)
    if hidden or not entry.is_file():
        return False
    return of_maildir or _suffix(entry.name) in _SUFFIXES or _is_bare_mbox(entry)


def _is_bare_mbox(entry: os.DirEntry[str]) -> bool:
    """Whether it is an mbox as Thunderbird and mutt name them, without any suffix."""
    if "." in entry.name:
        return False
    try:
        with open(entry.path, "rb") as stream:
            return stream.read(5) == b"From "
    except OSError:
        return True  # it is told when it is read


def _is_maildir(folder: str) -> bool:
    return os.path.isdir(os.path.join(folder, "cur"))


def _file(path: str) -> Iterator[Found]:
    try:
        with open(path, "rb") as stream:
            yield from _guarded(path, stream)
    except OSError as error:
        yield Problem(path, error.strerror or str(error))


def _guarded(path: str, stream: BufferedReader) -> Iterator[Found]:
    """What a stream holds; an error of the disk or the pipe ends it and is told."""
    try:
        yield from _held(path, stream)
    except OSError as error:
        yield Problem(path, error.strerror or str(error))


def _held(path: str, stream: BufferedReader) -> Iterator[Found]:
    start = stream.peek(_GUESSED_FROM)[:_GUESSED_FROM]
    text = start.removeprefix(_BOM).lstrip()
    refused = next((why for mark, why in _UNREADABLE.items() if text.startswith(mark)), "")
    suffix = _suffix(path)
    if refused or not text:
        yield Problem(path, refused or "it is empty")
    elif suffix == ".eml":
        yield _single(path, stream)
    elif text.startswith(b"{") or suffix in (".jsonl", ".ndjson"):
        yield from _rows(path, stream)
    elif text.startswith(b"From "):
        yield from _mbox(path, stream)
    else:
        yield _single(path, stream)


def _single(path: str, stream: BufferedReader) -> MailFile:
    raw = stream.read(MAIL_MOST).removeprefix(_BOM).lstrip(b"\r\n")
    called = _NOT_IN_ID.sub("", os.path.basename(path))
    return MailFile(path, called, without_envelope(raw))


def _mbox(path: str, stream: BufferedReader) -> Iterator[Found]:
    for number, raw in enumerate(split(stream, MAIL_MOST), 1):
        message_id = message_id_of(header_of(raw)).strip("<> ")[:_LONGEST_ID]
        yield MailFile(path, message_id or str(number), raw)


def _rows(path: str, stream: BufferedReader) -> Iterator[Found]:
    for number, row in enumerate(rows(stream), 1):
        if isinstance(row, BadRow):
            yield Problem(f"{path}, line {number}", str(row))
        elif row is not None:
            called = row.get("id")
            known = isinstance(called, str | int) and str(called)[:_LONGEST_ID]
            yield MailFile(path, known or str(number), raw_mail(row), _said(row))


def _said(row: Mapping[str, object]) -> Mapping[str, str]:
    values = ((name, row.get(name)) for name in SAID)
    return {name: value[:_LONGEST_SAID] for name, value in values if isinstance(value, str)}


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()
