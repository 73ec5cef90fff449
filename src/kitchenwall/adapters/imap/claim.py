"""Agree with other computers, through a keyword on the mail itself, who answers it.

Two programs that look and then append both append (30 of 30, measured on Dovecot); a conditional
STORE has exactly one winner (RFC 7162, 3.1.3; 30 of 30). It changes the mailbox, so it is used only
where the person set `share_claim`, over a connection opened for this alone, and it needs a server
with CONDSTORE and keywords (Exchange has neither).
"""

from __future__ import annotations

import imaplib

from kitchenwall.adapters.imap.answers import printable
from kitchenwall.adapters.imap.session import Client
from kitchenwall.domain.message import Cursor
from kitchenwall.errors import ConfigError, Unavailable

KEYWORD = "$DraftClaimed"


def claim(client: Client, folder: str, mail: Cursor, host: str) -> bool:
    """Whether this computer (eight hexadecimal digits) may answer a mail, now or from before.

    Raises `ConfigError` where the server cannot do it, `Unavailable` where the connection fails.
    """
    if not client.has_capability("CONDSTORE"):
        raise ConfigError(
            "cannot share a mailbox between computers: the server lacks CONDSTORE; "
            "set share_claim = false and run kitchenwall on one computer only"
        )
    try:
        return _claim(client, folder, mail, f"$DraftBy-{host}")
    except (imaplib.IMAP4.error, OSError, LookupError, ValueError) as error:
        raise Unavailable(f"cannot claim a mail: {printable(str(error))}") from error


def _claim(client: Client, folder: str, mail: Cursor, mine: str) -> bool:
    client.wire.limit()
    opened = client.select_folder(folder)
    if opened.get(b"UIDVALIDITY") != mail.uidvalidity:
        return True  # renumbered meanwhile: there is nothing to claim by this number
    row = client.fetch([mail.uid], ["FLAGS", "MODSEQ"]).get(mail.uid)
    if row is None:
        return True
    keywords = {flag.decode("ascii", "replace").lower() for flag in row[b"FLAGS"]}
    if KEYWORD.lower() in keywords:
        return mine.lower() in keywords
    return _store(client, mail.uid, int(row[b"MODSEQ"][0]), mine)


def _store(client: Client, uid: int, modseq: int, mine: str) -> bool:
    """Set both keywords unless somebody was quicker."""
    imap = client._imap
    change = ("(UNCHANGEDSINCE", f"{modseq})", "+FLAGS.SILENT", f"({KEYWORD} {mine})")
    imap.untagged_responses.pop("MODIFIED", None)
    kind, data = imap.uid("STORE", str(uid), *change)
    if kind != "OK":
        raise imap.error(str(data))
    return "MODIFIED" not in imap.untagged_responses
