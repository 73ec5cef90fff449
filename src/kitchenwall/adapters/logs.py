"""Tell what happens on standard error: one line an event, and no secret in any of them.

The last thing that happens to a line, with its traceback, is that every secret we were given is
taken out of it, as it is and in the forms in which it travels or is quoted.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from urllib.parse import quote

MASK = "[secret]"
MOST_CHARACTERS = 4000
# sd-daemon(3): what a line must begin with so that journald knows its level.
PRIORITIES = {
    logging.DEBUG: "<7>",
    logging.INFO: "<6>",
    logging.WARNING: "<4>",
    logging.ERROR: "<3>",
    logging.CRITICAL: "<2>",
}
# Libraries speak only from this level on, whatever the person wants to hear from us: their
# debug lines hold mail text, and imapclient's hold whole commands.
LIBRARIES = {
    "": logging.WARNING,
    "imapclient": logging.WARNING,
    "apscheduler": logging.WARNING,
    "keyring": logging.WARNING,
    "urllib3": logging.WARNING,
    "mailparser": logging.CRITICAL,
}

_ATOM = r"[^\s@<>\"'(),:;=\[\]]"
ADDRESS = re.compile(rf"(?<!{_ATOM})({_ATOM}){_ATOM}*@(?=[\w.-])")
BASE64 = re.compile(r"[A-Za-z0-9+/_-]{3,}")

# Access tokens are new every hour, and the old ones open nothing any more.
MOST_SECRETS = 200

_lock = threading.Lock()
_secrets: dict[str, None] = {}
_plain: tuple[str, ...] = ()
_encoded: tuple[str, ...] = ()


def setup(level: str) -> None:
    """Log to standard error from `level` ("debug", "info", "warning", "error") on.

    What nobody catches goes the same way instead of being printed as it is.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line(priorities=_is_journal()))
    logging.basicConfig(handlers=[handler], level=LIBRARIES[""], force=True)
    for name, least in LIBRARIES.items():
        logging.getLogger(name).setLevel(least)
    logging.getLogger("kitchenwall").setLevel(level.upper())
    logging.captureWarnings(True)
    # A line that cannot be written must not be explained with its arguments on standard error.
    logging.raiseExceptions = False
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def register_secret(value: str) -> None:
    """From now on, keep this out of every line; of very many secrets, the latest are kept."""
    global _plain, _encoded
    if not value:
        return
    with _lock:
        known = value in _secrets
        _secrets.pop(value, None)
        _secrets[value] = None
        if known:
            return
        if len(_secrets) > MOST_SECRETS:
            del _secrets[next(iter(_secrets))]
        # The longest first, so that no form is cut in half by a shorter one.
        _plain = _longest_first(_spellings)
        _encoded = _longest_first(_within_base64)


def forget_secrets() -> None:
    """Begin anew with no secret known."""
    global _plain, _encoded
    with _lock:
        _secrets.clear()
        _plain = _encoded = ()


def redact(text: str) -> str:
    """The text without any registered secret."""
    for form in _plain:
        text = text.replace(form, MASK)
    if _encoded:
        text = BASE64.sub(_redact_base64, text)
    return text


class Line(logging.Formatter):
    """A record as one printable line."""

    def __init__(self, *, priorities: bool) -> None:
        super().__init__("%(levelname)s %(message)s")
        self._priorities = priorities

    def format(self, record: logging.LogRecord) -> str:
        """The line: redacted, shortened, escaped, with journald's priority where it listens."""
        try:
            text = _capped(redact(super().format(record)))
        except (TypeError, ValueError, KeyError):
            text = f"{record.levelname} a line of {record.name}:{record.lineno} is malformed"
        if record.levelno > logging.DEBUG:
            text = ADDRESS.sub(r"\1…@", text)
        prefix = PRIORITIES.get(record.levelno, "<5>") if self._priorities else ""
        return prefix + _one_line(text)


def _spellings(value: str) -> set[str]:
    """A secret as it is, as an IMAP quoted string (RFC 3501, 4.3), and as programs quote it."""
    imap = value.replace("\\", "\\\\").replace('"', '\\"')
    forms = {value, imap}
    for form in (value, imap):
        python = {repr(form)[1:-1], ascii(form)[1:-1], repr(form.encode())[2:-1]}
        # repr escapes an apostrophe only where the whole text has quotation marks, too.
        forms |= python | {text.replace("'", "\\'") for text in python if "\\'" not in text}
        forms |= {
            json.dumps(form)[1:-1],
            json.dumps(form, ensure_ascii=False)[1:-1],
        }
    return forms | {quote(value), quote(value, safe="")}


def _within_base64(value: str) -> set[str]:
    """What a secret looks like somewhere inside of base64, in its three possible positions.

    So no SASL form has to be listed: PLAIN, XOAUTH2 and OAUTHBEARER all hold the secret whole.
    The characters at the edges, which depend on the neighbours, are left out.
    """
    data = value.encode()
    found = set()
    for before in range(3):
        text = base64.b64encode(bytes(before) + data).decode().rstrip("=")
        first = -(-before * 8 // 6)
        last = (before + len(data)) * 8 // 6
        inner = text[first:last]
        if len(inner) >= 3:
            found |= {inner, inner.translate(str.maketrans("+/", "-_"))}
    return found


def _redact_base64(match: re.Match[str]) -> str:
    word = match[0]
    return MASK if any(form in word for form in _encoded) else word


def _longest_first(forms_of: Callable[[str], set[str]]) -> tuple[str, ...]:
    forms = set().union(*(forms_of(value) for value in _secrets))
    return tuple(sorted(forms, key=len, reverse=True))


def _capped(text: str) -> str:
    """A line that is too long loses its middle: a traceback says at its end what happened."""
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2
    return f"{text[:half]} […{len(text) - 2 * half} characters…] {text[-half:]}"


def _one_line(text: str) -> str:
    """The text with everything that is not printable spelled out, direction marks included."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _is_journal() -> bool:
    """Whether standard error leads to journald (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        facts = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{facts.st_dev}:{facts.st_ino}"


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    log = logging.getLogger("kitchenwall")
    log.critical("stopped by a mistake of ours", exc_info=(kind, error, trace))


def _uncaught_in_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_value is not None:
        _uncaught(what.exc_type, what.exc_value, what.exc_traceback)
