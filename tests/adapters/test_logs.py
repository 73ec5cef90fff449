"""A line is one line, tells no secret, and says no more of a person than it must."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.adapters import logs
from kitchenwall.adapters.logs import Line, redact, register_secret

PRINTABLE = st.characters(exclude_categories=["Cs", "Cc"])
CANARY = 'Ünter "hund"\\42'


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Secrets of one test are none in the next."""
    yield
    forget()


def forget() -> None:
    logs._secrets.clear()
    logs._plain = logs._encoded = ()


def line(message: str, *args: object, level: int = logging.INFO, journal: bool = False) -> str:
    record = logging.LogRecord("kitchenwall", level, __file__, 1, message, args, None)
    return Line(priorities=journal).format(record)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SASL = {
    "PLAIN": b64(f"\0robin@mail.example\0{CANARY}"),
    "LOGIN": b64(CANARY),
    "XOAUTH2": b64(f"user=robin@mail.example\x01auth=Bearer {CANARY}\x01\x01"),
    "OAUTHBEARER": b64(f"n,a=r@m.example,\x01host=h\x01port=993\x01auth=Bearer {CANARY}\x01\x01"),
    "url-safe": base64.urlsafe_b64encode(f"x{CANARY}".encode()).decode(),
}
QUOTED = '"' + CANARY.replace("\\", "\\\\").replace('"', '\\"') + '"'
SPELLINGS = {
    "as it is": CANARY,
    "IMAP quoted string": QUOTED,
    "repr": repr(CANARY),
    "ascii": ascii(CANARY),
    "bytes": repr(CANARY.encode()),
    "repr of a command": repr(f"a1 LOGIN r {QUOTED}".encode()),
    "JSON": json.dumps(CANARY),
    "JSON in UTF-8": json.dumps(CANARY, ensure_ascii=False),
    "URL": quote(CANARY),
}


@pytest.mark.parametrize("form", [*SPELLINGS.values()], ids=[*SPELLINGS])
def test_a_secret_is_taken_out_in_every_spelling(form: str) -> None:
    register_secret(CANARY)
    assert "hund" not in line("before %s after", form)


@pytest.mark.parametrize("form", [*SASL.values()], ids=[*SASL])
def test_a_secret_is_taken_out_of_every_sasl_answer(form: str) -> None:
    register_secret(CANARY)
    assert line("sent %s now", form).replace("=", "") == "INFO sent [secret] now"


def test_a_secret_is_taken_out_of_a_traceback_with_its_causes() -> None:
    register_secret(CANARY)
    try:
        try:
            raise ValueError(CANARY)
        except ValueError as error:
            raise RuntimeError(f"sent {SASL['PLAIN']}") from error
    except RuntimeError:
        record = logging.LogRecord(
            "kitchenwall", logging.ERROR, __file__, 1, "failed", (), sys.exc_info()
        )
    told = Line(priorities=False).format(record)
    assert "ValueError: [secret]" in told
    assert "sent [secret]" in told
    assert "hund" not in told
    assert SASL["PLAIN"][:-2] not in told


@given(
    st.text(PRINTABLE, min_size=4, max_size=40),
    st.binary(max_size=9),
    st.binary(max_size=9),
)
def test_no_neighbour_hides_a_secret_within_base64(
    secret: str, before: bytes, after: bytes
) -> None:
    forget()
    register_secret(secret)
    text = base64.b64encode(before + secret.encode() + after).decode()
    assert redact(text).rstrip("=") == "[secret]"


@given(st.text(PRINTABLE, min_size=1, max_size=20), st.text(PRINTABLE), st.text(PRINTABLE))
def test_no_neighbour_hides_a_secret_within_quotes(secret: str, before: str, after: str) -> None:
    forget()
    register_secret(secret)
    text = before + secret + after
    for spelled in (text, repr(text), ascii(text), repr(text.encode()), json.dumps(text)):
        assert "[secret]" in redact(spelled)


def test_text_without_secrets_stays_as_it_is() -> None:
    register_secret(CANARY)
    assert redact("connected to imap.mail.example:993") == "connected to imap.mail.example:993"
    register_secret("")
    assert redact("nothing") == "nothing"


def test_of_very_many_secrets_the_latest_are_kept_out() -> None:
    register_secret(CANARY)
    for number in range(logs.MOST_SECRETS - 1):
        register_secret(f"token-{number:04}")
    register_secret(CANARY)
    register_secret("one-too-many")
    assert redact(f"{CANARY} token-0000 token-0001") == "[secret] token-0000 [secret]"
    assert len(logs._secrets) == logs.MOST_SECRETS


def test_one_event_is_one_printable_line() -> None:
    told = line("subject %s", "a\r\nINFO forged\x1b[2J\u202e\u200b\x9b\u2028z")
    assert told.isprintable()
    assert told.startswith("INFO subject a\\r\\nINFO forged\\x1b[2J\\u202e")


def test_a_long_line_keeps_its_beginning_and_its_end() -> None:
    told = line("begin %s end", "x" * 100_000)
    assert len(told) < 4100
    assert told.startswith("INFO begin")
    assert told.endswith("x end")


def test_addresses_are_shortened_but_for_debugging() -> None:
    message = 'from "Ann" <ann.lee@firm.example>, to=b@x.example; @home'
    short = 'INFO from "Ann" <a…@firm.example>, to=b…@x.example; @home'
    assert line(message) == short
    assert "ann.lee@firm.example" in line(message, level=logging.DEBUG)


def test_journald_learns_the_level() -> None:
    assert line("gone", level=logging.WARNING, journal=True) == "<4>WARNING gone"
    assert line("gone", level=logging.WARNING) == "WARNING gone"


def test_a_malformed_line_tells_where_it_is_and_not_its_arguments() -> None:
    assert line("%d", "canary") == "INFO a line of kitchenwall:1 is malformed"


def test_hostile_text_costs_little() -> None:
    register_secret(CANARY)
    started = time.perf_counter()
    for text in ("a" * 1_000_000, "a@" * 500_000, "\u202e" * 300_000, CANARY[:4] * 200_000):
        line("%s", text)
    assert time.perf_counter() - started < 2


PROGRAM = """
import logging, sys, threading, warnings
from kitchenwall.adapters import logs
logs.setup("debug")
logs.register_secret("canary-1234")
logging.getLogger("kitchenwall.app.watcher").debug("ours %s", "canary-1234")
for name in ("imapclient", "imapclient.imaplib", "mailparser", "apscheduler.x", "keyring", "a.b"):
    logging.getLogger(name).debug("theirs of %s", name)
    logging.getLogger(name).info("theirs of %s", name)
logging.getLogger("urllib3").warning("theirs is important")
logging.getLogger("kitchenwall").info("%d", "canary-1234")
warnings.warn("canary-1234")
def fail(): raise RuntimeError("canary-1234")
thread = threading.Thread(target=fail); thread.start(); thread.join()
fail()
"""


def outcome(tmp_path: Path, *, journal: bool) -> list[str]:
    """What the program above leaves on standard error."""
    with (tmp_path / "err").open("wb") as errors:
        facts = os.fstat(errors.fileno())
        stream = {"JOURNAL_STREAM": f"{facts.st_dev}:{facts.st_ino}"} if journal else {}
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            stderr=errors,
            env={**os.environ, **stream},
            timeout=30,
            check=False,
        )
    return (tmp_path / "err").read_text().splitlines()


def test_a_whole_program_tells_its_secret_nowhere(tmp_path: Path) -> None:
    told = outcome(tmp_path, journal=False)
    assert "canary" not in "\n".join(told)
    assert told[0] == "DEBUG ours [secret]"
    assert told[1] == "WARNING theirs is important"
    assert told[2] == "INFO a line of kitchenwall:11 is malformed"
    assert [text.partition("\\n")[0] for text in told[4:]] == [
        "CRITICAL stopped by a mistake of ours",
        "CRITICAL stopped by a mistake of ours",
    ]
    assert len(told) == 6


def test_under_systemd_every_line_has_its_level(tmp_path: Path) -> None:
    told = outcome(tmp_path, journal=True)
    assert [text[:3] for text in told] == ["<7>", "<4>", "<6>", "<4>", "<2>", "<2>"]
