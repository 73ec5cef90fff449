"""A small mail account in memory, and what an honest server says about it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_ITEM = re.compile(rb"(BODY)(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?|([A-Z0-9.]+)", re.IGNORECASE)


@dataclass(slots=True)
class Mail:
    """One mail as it lies in a folder; all of them are single parts of text."""

    uid: int
    raw: bytes
    flags: tuple[bytes, ...] = ()
    date: datetime = START

    @property
    def header(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    def fields(self, names: Iterable[bytes]) -> bytes:
        """The named header fields with their folded lines, and the empty line."""
        wanted = {name.lower() for name in names}
        lines = re.findall(rb"(?m)^[^\s:]+:.*\r\n(?:[ \t].*\r\n)*", self.header)
        return b"".join(x for x in lines if x.partition(b":")[0].lower() in wanted) + b"\r\n"


@dataclass(slots=True)
class Folder:
    """A folder; its name is what goes over the wire."""

    name: bytes
    use: bytes = b""
    uidvalidity: int = 7_000
    uidnext: int = 1
    mails: list[Mail] = field(default_factory=list)

    def add(self, raw: bytes, flags: tuple[bytes, ...] = ()) -> int:
        """Lay a mail into it; gives its UID."""
        uid, self.uidnext = self.uidnext, self.uidnext + 1
        self.mails.append(Mail(uid, raw, flags, START + timedelta(hours=uid)))
        return uid


class Account:
    """An INBOX with a few mails, and empty folders with their special uses (RFC 6154)."""

    def __init__(self, mails: int = 3) -> None:
        uses = {b"INBOX": b"", b"Drafts": b"\\Drafts", b"Sent": b"\\Sent", b"Trash": b"\\Trash"}
        self.folders = {name: Folder(name, use) for name, use in uses.items()}
        for number in range(mails):
            self.inbox.add(sample(number))

    @property
    def inbox(self) -> Folder:
        return self.folders[b"INBOX"]

    @property
    def drafts(self) -> Folder:
        return self.folders[b"Drafts"]

    def find(self, name: str | bytes) -> Folder | None:
        wanted = name.encode() if isinstance(name, str) else name
        return self.folders.get(b"INBOX" if wanted.upper() == b"INBOX" else wanted)


def sample(number: int) -> bytes:
    """An invented mail; every third one is a rejection."""
    words = "unfortunately we will not move forward with your application"
    text = words if number % 3 == 0 else "thank you for your letter, we will read it soon"
    return (
        f"From: Mara Lindt <mara@atelier{number}.example>\r\n"
        f"To: Anna <anna@home.example>\r\n"
        f"Subject: Your application at Atelier {number}\r\n"
        f"Date: Mon, 02 Mar 2026 09:{number % 60:02}:00 +0000\r\n"
        f"Message-ID: <{number}@atelier{number}.example>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "\r\n"
        f"Dear Anna,\r\n\r\n{text}.\r\n\r\nMara Lindt\r\n"
    ).encode()


def listed(account: Account) -> bytes:
    lines = (
        b'* LIST (\\HasNoChildren%b) "/" "%b"\r\n' % (b" " + f.use if f.use else b"", f.name)
        for f in account.folders.values()
    )
    return b"".join(lines)


def opened(folder: Folder) -> bytes:
    """What EXAMINE says before its tagged line."""
    return (
        b"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
        b"* OK [PERMANENTFLAGS ()] read only\r\n"
        b"* %d EXISTS\r\n* 0 RECENT\r\n"
        b"* OK [UIDVALIDITY %d] valid\r\n* OK [UIDNEXT %d] next\r\n"
        % (len(folder.mails), folder.uidvalidity, folder.uidnext)
    )


def counted(folder: Folder) -> bytes:
    """What STATUS says before its tagged line."""
    return b'* STATUS "%b" (MESSAGES %d UIDNEXT %d UIDVALIDITY %d)\r\n' % (
        *(folder.name, len(folder.mails)),
        *(folder.uidnext, folder.uidvalidity),
    )


def fetched(folder: Folder, span: str, items: bytes) -> bytes:
    """What UID FETCH says before its tagged line."""
    return b"".join(
        b"* %d FETCH (%b)\r\n" % (position, b" ".join(_items(mail, b"UID " + items)))
        for position, mail in enumerate(folder.mails, 1)
        if within(mail.uid, span, folder)
    )


def found(folder: Folder, criteria: tuple[str, ...]) -> bytes:
    """What UID SEARCH says before its tagged line; knows UID, SINCE, BEFORE, HEADER, FROM, TO and ALL."""
    uids = (b" %d" % mail.uid for mail in folder.mails if _matches(mail, folder, criteria))
    return b"* SEARCH" + b"".join(uids) + b"\r\n"


def within(uid: int, span: str, folder: Folder) -> bool:
    """Whether a UID is in a set such as "1:3,7,9:*"; "*" is the last UID (RFC 3501, 6.4.8)."""
    last = folder.mails[-1].uid if folder.mails else 0
    for part in span.split(","):
        ends = [last if end == "*" else int(end) for end in part.split(":")]
        if min(ends) <= uid <= max(ends):
            return True
    return False


def _items(mail: Mail, wanted: bytes) -> Iterable[bytes]:
    plain = {
        b"UID": b"%d" % mail.uid,
        b"FLAGS": b"(%b)" % b" ".join(mail.flags),
        b"RFC822.SIZE": b"%d" % len(mail.raw),
        b"INTERNALDATE": mail.date.strftime('"%d-%b-%Y %H:%M:%S +0000"').encode(),
        b"BODYSTRUCTURE": b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "8BIT" %d %d NIL NIL NIL)'
        % (len(mail.body), mail.body.count(b"\n")),
    }
    done = set[bytes]()
    for body, section, start, size, name in _ITEM.findall(wanted):
        key = name.upper()
        if key in plain and key not in done:
            done.add(key)
            yield key + b" " + plain[key]
        elif body:
            yield _section(mail, section, start, size)


def _section(mail: Mail, section: bytes, start: bytes, size: bytes) -> bytes:
    data = _octets(mail, section.upper())
    if size:
        data = data[int(start) :][: int(size)]
    origin = b"<%b>" % start if start else b""
    return b"BODY[%b]%b {%d}\r\n%b" % (section, origin, len(data), data)


def _octets(mail: Mail, section: bytes) -> bytes:
    if section.startswith(b"HEADER.FIELDS"):
        return mail.fields(section.partition(b"(")[2].rstrip(b")").split())
    if section.endswith(b".MIME"):
        return mail.fields([b"Content-Type"])
    known = {b"": mail.raw, b"HEADER": mail.header, b"TEXT": mail.body, b"1": mail.body}
    return known.get(section, b"")


def _matches(mail: Mail, folder: Folder, criteria: tuple[str, ...]) -> bool:
    match criteria:
        case ():
            return True
        case ("ALL", *rest):
            here = True
        case ("UID", span, *rest):
            here = within(mail.uid, span, folder)
        case ("SINCE", day, *rest):
            here = mail.date >= _day(day)
        case ("BEFORE", day, *rest):
            here = mail.date < _day(day)
        case ("HEADER", name, value, *rest):
            here = value.encode().lower() in mail.fields([name.encode()]).lower()
        case ("FROM" | "TO" as name, value, *rest):
            here = value.encode().lower() in mail.fields([name.encode()]).lower()
        case (_, *rest):
            here = False
    return here and _matches(mail, folder, tuple(rest))


def _day(written: str) -> datetime:
    return datetime.strptime(written, "%d-%b-%Y").replace(tzinfo=UTC)
