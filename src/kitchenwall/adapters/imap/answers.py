"""What a server's refusal means: try again, and when, or ask the person.

Response codes are those of RFC 5530; the back-off sentence is Exchange Online's (seen in the field).
"""

from __future__ import annotations

import re

from kitchenwall.adapters.logs import redact
from kitchenwall.errors import AccessDenied, KitchenwallError, Unavailable

# Code -> (away for now?, the least seconds to wait). Codes not listed mean what their context says.
_AWAY = {
    "UNAVAILABLE": 0.0,
    "INUSE": 0.0,
    "LIMIT": 300.0,
    "THROTTLED": 60.0,
    "SERVERBUG": 60.0,
    "OVERQUOTA": 900.0,
    "CORRUPTION": 900.0,
}
_PERSON = {
    "AUTHENTICATIONFAILED",
    "AUTHORIZATIONFAILED",
    "EXPIRED",
    "PRIVACYREQUIRED",
    "CONTACTADMIN",
}
_TOO_MANY = re.compile(r"too many|maximum number of connections|not connected", re.IGNORECASE)
_BACKOFF = re.compile(r"Backoff Time:? ?(\d{1,9})", re.IGNORECASE)
_CODE = re.compile(r"\[([A-Z-]{2,30})[\] ]")


def login_refused(text: str, account: str) -> KitchenwallError:
    """Why a login was answered with NO: `AccessDenied`, or `Unavailable` where waiting helps."""
    said = printable(text)
    code = _code(text)
    away = _away(text)
    if code not in _PERSON and (away is not None or _TOO_MANY.search(text)):
        return Unavailable(
            f'cannot log in to "{account}" now: the server says: {said}', away or 300.0
        )
    return AccessDenied(
        f'cannot log in to "{account}": the server refused the login: {said}; '
        f'check the password, then: kitchenwall resume "{account}"'
    )


def command_refused(what: str, text: str) -> Unavailable:
    """A command that was answered with NO or BAD where nothing else is known about it."""
    return Unavailable(f"cannot {what}: the server says: {printable(text)}", _away(text))


def printable(text: str, most: int = 200) -> str:
    """A server's words on one line, without control characters, bounded.

    Whatever becomes of them, in a log, the journal or on the screen: a server that repeats a login
    does not bring the password there.
    """
    line = "".join(sign if sign.isprintable() else " " for sign in redact(text))
    return redact(" ".join(line.split()))[:most]


def _code(text: str) -> str:
    found = _CODE.search(text)
    return found.group(1) if found else ""


def _away(text: str) -> float | None:
    """The least seconds to wait where the answer says that the server is away for now."""
    named = _BACKOFF.search(text)
    if named:
        return min(int(named.group(1)) / 1000, 3600.0)
    return _AWAY.get(_code(text))
