"""An mbox is split while it is read, and prose is never taken for a separator."""

from __future__ import annotations

import io
import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.adapters.mbox import split

MOST = 1_000_000
DATED = b"From ab@acme.example Tue Mar  4 10:00:00 2025\n"
MAIL = b"Subject: one\n\nHello\n"


class Trickle(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, most: int) -> None:
        super().__init__(data)
        self._most = most

    def read(self, size: int | None = -1) -> bytes:
        return super().read(self._most)


class Endless(io.BytesIO):
    """A file of the same mail, over and over, that is never in memory."""

    def __init__(self, mail: bytes, size: int) -> None:
        super().__init__()
        self._mail, self._left = mail, size

    def read(self, size: int | None = -1) -> bytes:
        given = self._mail * (min(size or 0, self._left) // len(self._mail))
        self._left -= len(given)
        return given


def mails(data: bytes, most: int = MOST) -> list[bytes]:
    return list(split(io.BytesIO(data), most))


@pytest.mark.parametrize(
    "separator",
    [
        b"From ab@acme.example Tue Mar  4 10:00:00 2025",
        b"From - Tue Mar 04 10:00:00 2025",
        b"From 1825600000000000001@xxx Tue Mar 04 10:00:00 +0000 2025",
        b"From MAILER-DAEMON Tue Mar  4 10:00:00 MET DST 2025",
        b"From ab@acme.example Tue, 4 Mar 2025 10:00:00 +0000",
        b"From ab@acme.example 2025-03-04 10:00:00",
        b"From ab@acme.example 2025-03-04T10:00:00Z",
        b"From ab@acme.example Tue Mar  4 10:00 2025",
        b"From ab@acme.example Tue Mar  4 10:00:00 2025 remote from relay",
        b"From nobody",
    ],
)
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_separators_of_many_programs_are_known(separator: bytes, end: bytes) -> None:
    mail = MAIL.replace(b"\n", end)
    assert mails((separator + end + mail + end) * 3) == [mail] * 3


@pytest.mark.parametrize(
    "prose",
    [
        b"From here on everything is different\nSubject: this is still prose\n",
        b"From the 10:00 train in 2025 we saw\nthe sea\n",
        b"From\nFrom: nobody\n",
        b"From there\nhttps://acme.example\n",
        b"From what you wrote I see this:\n> a: b\n",
    ],
)
def test_prose_that_begins_with_from_stays_in_its_mail(prose: bytes) -> None:
    mail = b"Subject: one\n\nHello\n\n" + prose
    assert mails(DATED + mail + b"\n" + DATED + MAIL) == [mail, MAIL]


def test_a_missing_empty_line_before_a_separator_is_forgiven() -> None:
    assert mails(DATED + MAIL + DATED + MAIL) == [MAIL, MAIL]


def test_escapes_are_taken_away_once() -> None:
    escaped = b"Subject: one\n\n>From me\n>>From you\n> From nobody\n"
    assert mails(DATED + escaped + b"\n") == [
        b"Subject: one\n\nFrom me\n>From you\n> From nobody\n"
    ]


def test_a_second_envelope_line_is_no_part_of_the_mail() -> None:
    assert mails(DATED + b">From ab@acme.example Tue Mar  4 09:00:00 2025\n" + MAIL) == [MAIL]


def test_a_long_mail_is_cut_and_the_next_one_is_whole() -> None:
    long = b"Subject: long\n\n" + b"x" * 50_000 + b"\n"
    found = mails(DATED + long + b"\n" + DATED + MAIL, most=1_000)
    assert found == [long[:1_000], MAIL]


def test_an_endless_line_is_no_trouble() -> None:
    found = mails(DATED + b"From " * 1_000_000 + b"\n\n" + DATED + MAIL, most=100)
    assert found[-1] == MAIL


def test_nothing_and_blank_lines_are_no_mail() -> None:
    assert mails(b"") == []
    assert mails(b"\n\n\n") == []


@given(
    st.lists(
        st.lists(
            st.sampled_from(
                [b"", b"hi", b"From me to you", b">From you", b"From a 10:00:00 2025", b"x" * 3000]
            ),
            max_size=12,
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([1, 2, 7, 100, 2_047, 2_048, 2_049, 70_000]),
)
def test_what_was_written_as_mboxrd_is_read_again(bodies: list[list[bytes]], most: int) -> None:
    written = [b"Subject: one\n\n" + b"\n".join(lines) + b"\n" for lines in bodies]
    escaped = [re.sub(rb"^(>*From )", rb">\1", mail, flags=re.MULTILINE) for mail in written]
    data = b"".join(DATED + mail + b"\n" for mail in escaped)
    most = most if len(data) < 2_000 else max(most, 500)
    assert list(split(Trickle(data, most), MOST)) == written


def test_memory_does_not_grow_with_the_file() -> None:
    mail = DATED + b"Subject: one\n\n" + b"word " * 2_000 + b"\n\n"
    tracemalloc.start()
    count = sum(1 for _ in split(Endless(mail, 60_000_000), MOST))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count > 5_000
    assert peak < 4_000_000
