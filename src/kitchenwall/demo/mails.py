"""The demo's mails: invented people and companies, read from data and made fresh each time."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from importlib.resources import files

PERSON = "Robin Sommer"
ADDRESS = "robin@home.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail, and what the journal should say of it afterwards.

    `expect` is the name of an `EventKind`, or "nothing". `arrives` mails come while the demo
    watches. The text lies in `nested` parts, one in another.
    """

    name: str
    sender: str
    subject: str
    text: str
    expect: str
    hours_ago: float = 0.0
    arrives: bool = False
    nested: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    def sent(self, now: datetime) -> datetime:
        """When it was sent, to the second: a Date header says no more."""
        return (now - timedelta(hours=self.hours_ago)).replace(microsecond=0)

    def data(self, now: datetime) -> bytes:
        """Its bytes, as they would come to the server."""
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = f"{PERSON} <{ADDRESS}>"
        mail["Date"] = format_datetime(self.sent(now))
        mail["Subject"] = self.subject
        mail["Message-ID"] = f"<{self.name}@{parseaddr(self.sender)[1].rpartition('@')[2]}>"
        for name, value in self.headers.items():
            mail[name] = value
        if self.nested:
            return _nested(bytes(mail), self.text, self.nested)
        mail.set_content(self.text, cte="8bit")
        return bytes(mail)


def mails() -> tuple[Mail, ...]:
    """All mails in the order in which they come."""
    text = files("kitchenwall.demo").joinpath("mails.toml").read_text("utf-8")
    rows = tomllib.loads(text)["mail"]
    return tuple(Mail(sender=row.pop("from"), text=row.pop("text").lstrip(), **row) for row in rows)


def _nested(header: bytes, text: str, depth: int) -> bytes:
    """The text inside so many parts that a careless reader gives up or falls over."""
    opened = (
        f'Content-Type: multipart/mixed; boundary="b{level}"\r\n\r\n--b{level}\r\n'
        for level in range(depth)
    )
    lines = text.replace("\n", "\r\n")
    inner = "".join(opened) + "Content-Type: text/plain\r\n\r\n" + lines
    return header.rstrip() + b"\r\nMIME-Version: 1.0\r\n" + inner.encode()
