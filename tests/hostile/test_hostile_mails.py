"""No mail, however it is made, stops the reader, fills the memory or slips control signs through."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.adapters.envelope import ADDRESSES
from kitchenwall.domain.parts import PARTS_CAP, TEXT_CAP
from tests.hostile.mails import READABLE, SENTENCE, names

ROOT = Path(__file__).parents[2]
SECONDS = 2.0
MEMORY = 20_000_000
ONE_LINE = (
    *("key", "subject", "message_id", "in_reply_to", "references", "delivered_to", "return_path"),
    *("auto_submitted", "precedence", "list_id", "list_post", "auth_results", "kinds"),
    *("calendar_method", "draft_ref"),
)

Found = dict[str, Any]


@pytest.fixture(scope="module")
def read() -> dict[str, Found]:
    """What a child with 600 MB of address space made of every mail."""
    child = subprocess.run(
        [sys.executable, "-m", "tests.hostile.read_all"],
        cwd=ROOT,
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONWARNINGS": "error"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert child.returncode == 0, child.stderr[-2_000:]
    assert child.stderr == ""
    found = [json.loads(line) for line in child.stdout.splitlines()]
    return {one["name"]: one for one in found}


def test_there_are_at_least_130_hostile_mails_and_all_are_survived(
    read: dict[str, Found], capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(read) == len(names()) >= 130
    slowest = max(read.values(), key=lambda one: float(one["seconds"]))
    hungriest = max(read.values(), key=lambda one: int(one["grown"]))
    refused = sum("refused" in one for one in read.values())
    with capsys.disabled():
        print(
            f"\n{len(read)} hostile mails: {len(read) - refused} read, {refused} refused;"
            f" slowest {slowest['seconds']:.2f} s ({slowest['name']}),"
            f" hungriest {hungriest['grown'] / 1e6:.1f} MB ({hungriest['name']})"
        )


@pytest.mark.parametrize("name", names())
def test_a_hostile_mail_is_read_or_refused_in_time(read: dict[str, Found], name: str) -> None:
    found = read[name]
    assert found["seconds"] < SECONDS
    assert found["grown"] < MEMORY
    assert "Error" not in found.get("refused", "")
    if "message" in found:
        check(found["message"])


@pytest.mark.parametrize("name", sorted(READABLE))
def test_an_odd_but_honest_mail_is_read(read: dict[str, Found], name: str) -> None:
    message = read[name]["message"]
    assert SENTENCE in " ".join(message["text"].split())


def check(message: Found) -> None:
    """What is promised for every message."""
    assert len(message["text"]) <= TEXT_CAP
    assert len(message["to"]) + len(message["cc"]) <= 2 * ADDRESSES
    assert len(message["references"]) <= ADDRESSES
    assert len(message["kinds"]) <= PARTS_CAP
    assert not [one for one in message["text"] if is_control(one) and one != "\n"]
    for line in lines_of(message):
        assert len(line) <= 2_000
        assert not [one for one in line if is_control(one)]


def lines_of(message: Found) -> Iterator[str]:
    for name in ONE_LINE:
        value = message[name]
        yield from [value or ""] if value is None or isinstance(value, str) else value
    people = [message["sender"], *message["reply_to"], *message["to"], *message["cc"]]
    for person in filter(None, people):
        yield from (person["spec"], person["name"])


def is_control(character: str) -> bool:
    """C0 and C1 controls, direction marks, zero-width letters and line separators."""
    return (
        character < " "
        or "\x7f" <= character <= "\x9f"
        or "\u200b" <= character <= "\u200f"
        or "\u2028" <= character <= "\u202e"
        or "\u2060" <= character <= "\u206f"
        or character == "\ufeff"
    )
