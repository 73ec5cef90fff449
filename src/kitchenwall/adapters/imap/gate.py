"""The short list of what may be said to a mail server, held at the last step before the socket.

Commands are matched whole against patterns, so that neither a slip of ours nor a word of a mail can
become another command: imapclient 4.1.0 puts CR and LF of a search value on the wire (measured).
Folders are opened with EXAMINE only and bodies read with PEEK only (RFC 3501, 6.3.2 and 6.4.5), so
nothing that is there changes; the one command that writes is APPEND of a draft.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_MAILBOX = rb'(?:"(?:[^"\\\r\n\0]|\\["\\])*"|[^\s"(){%*\\]+)'
_QUOTED = rb'"(?:[^"\\\r\n\0]|\\["\\])*"'
_SET = rb"[0-9]+(?::(?:[0-9]+|\*))?(?:,[0-9]+(?::[0-9]+)?)*"
_FIELDS = rb"HEADER\.FIELDS \([A-Z0-9 -]+\)"
_SECTION = rb"(?:HEADER|TEXT|(?:[0-9]+\.)*[0-9]+(?:\.MIME)?|" + _FIELDS + rb")?"
_ITEM = (
    rb"(?:UID|FLAGS|MODSEQ|INTERNALDATE|RFC822\.SIZE|BODYSTRUCTURE"
    rb"|BODY\.PEEK\[" + _SECTION + rb"\](?:<0\.[0-9]+>)?)"
)
_DAY = rb"[0-9]{1,2}-[A-Z][a-z]{2}-[0-9]{4}"
_OUR_ID = rb'"<rr1\.[a-z2-7]{1,64}@[a-z0-9.-]{1,253}>"'
_PLAIN_VALUE = rb'"[a-z0-9._+-]{0,64}@?[a-z0-9.-]{3,253}"'
_CRITERION = (
    rb"(?:UID "
    + _SET
    + rb"|(?:SINCE|BEFORE) "
    + _DAY
    + rb"|HEADER Message-ID "
    + _OUR_ID
    + rb"|(?:FROM|TO) "
    + _PLAIN_VALUE
    + rb")"
)

READING: Mapping[str, bytes] = {
    "CAPABILITY": rb"",
    "STARTTLS": rb"",
    "LOGIN": _QUOTED + rb" " + _QUOTED,
    "AUTHENTICATE": rb"(?:PLAIN|XOAUTH2|OAUTHBEARER)",
    "NAMESPACE": rb"",
    "LIST": rb'"" "\*"',
    "STATUS": _MAILBOX + rb" \((?:(?:UIDNEXT|UIDVALIDITY|MESSAGES) ?)+\)",
    "EXAMINE": _MAILBOX,
    "UID FETCH": _SET + rb" \(" + _ITEM + rb"(?: " + _ITEM + rb")*\)",
    "UID SEARCH": _CRITERION + rb"(?: " + _CRITERION + rb")*",
    "NOOP": rb"",
    "IDLE": rb"",
    "LOGOUT": rb"",
}
DRAFTING: Mapping[str, bytes] = {
    **READING,
    "APPEND": _MAILBOX + rb" \(\\Draft \\Seen\) \{[0-9]+\}",
}
# Only on a connection opened for this alone, and only where the person switched it on.
CLAIMING: Mapping[str, bytes] = {
    **READING,
    "SELECT": _MAILBOX,
    "UID STORE": rb"[0-9]+ \(UNCHANGEDSINCE [0-9]+\) \+FLAGS\.SILENT"
    rb" \(\$DraftClaimed \$DraftBy-[0-9a-f]{8}\)",
}


class ForbiddenCommand(Exception):
    """Something tried to say what is not on the list: our mistake, and nothing was sent."""


class Gate:
    """Follows what is sent over one connection and refuses whatever is not on its list.

    `literal_begun` tells whether the first byte of the last command's literal was handed over:
    before that, a lost connection means that the server has nothing.
    """

    def __init__(self, allowed: Mapping[str, bytes]) -> None:
        self._allowed = {name: re.compile(pattern) for name, pattern in allowed.items()}
        self._literal_left = 0
        self._line_end_due = False
        self._command = ""
        self.literal_begun = False

    def admit(self, data: bytes) -> None:
        """Raises `ForbiddenCommand` unless `data` may follow what went before."""
        if self._literal_left:
            self._admit_literal(data)
        elif self._line_end_due:
            self._line_end_due = False
            self._require(data == b"\r\n", "a literal goes on too long")
        elif self._command == "IDLE" and data == b"DONE\r\n":
            self._command = ""
        elif self._command == "AUTHENTICATE" and re.fullmatch(rb"[A-Za-z0-9+/=]*(\r\n)?|\*", data):
            pass
        else:
            self._admit_command(data)

    def begin(self) -> None:
        """A new command follows: a literal that the server refused is not sent any more."""
        if not self._line_end_due:
            self._literal_left = 0

    def _admit_literal(self, data: bytes) -> None:
        self._require(len(data) == self._literal_left, "a literal of another length")
        self.literal_begun = True
        self._literal_left = 0
        self._line_end_due = True

    def _admit_command(self, data: bytes) -> None:
        self._require(data.endswith(b"\r\n"), "a command without its end")
        line = data[:-2]
        self._require(not re.search(rb"[\r\n\0]", line), "CR, LF or NUL inside a command")
        _, _, said = line.partition(b" ")
        name, arguments = _split(said)
        pattern = self._allowed.get(name)
        self._require(pattern is not None, f"{name or 'nothing'} is not on the list")
        assert pattern is not None
        self._require(pattern.fullmatch(arguments) is not None, f"{name} with other arguments")
        self._command = name
        self.literal_begun = False
        literal = re.search(rb"\{([0-9]+)\}$", arguments) if name == "APPEND" else None
        self._literal_left = int(literal.group(1)) if literal else 0

    def _require(self, fine: bool, what: str) -> None:
        if not fine:
            raise ForbiddenCommand(f"refused to send a command to the mail server: {what}")


def _split(said: bytes) -> tuple[str, bytes]:
    """A command's name in upper case ("UID FETCH" is one name) and its arguments."""
    words = said.split(b" ", 2)
    if words[0].upper() == b"UID" and len(words) > 1:
        name, rest = b"UID " + words[1], b" ".join(words[2:])
    else:
        name, rest = words[0], b" ".join(words[1:])
    return name.upper().decode("ascii", "replace"), rest
