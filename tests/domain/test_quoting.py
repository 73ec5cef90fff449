"""The mail below the letter, as a mail client quotes it."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.quoting import MOST_LINES, MOST_OCTETS, quote

CAME = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def mail(text: str, own: str = "", name: str = "Jo Marsh") -> Message:
    sender = Address("jo@birch.example", name)
    return Message(key="k", sender=sender, received=CAME, text=text, own_words=own)


def test_nothing_is_quoted_unless_it_is_wished() -> None:
    assert quote(mail("We chose someone else."), "none") is None
    assert quote(mail("   "), "full") is None


def test_short_is_what_they_wrote_and_full_is_all_that_stood_there() -> None:
    message = mail("No.\n\nOn Monday you wrote:\n> my letter", own="No.")
    short, full = quote(message, "short"), quote(message, "full")
    assert short is not None
    assert full is not None
    assert short.lines == "> No."
    assert full.lines == "> No.\n>\n> On Monday you wrote:\n>> my letter"
    assert full.author == "Jo Marsh"
    assert full.written == CAME


def test_a_signature_is_not_quoted() -> None:
    found = quote(mail("No.\n-- \nJo Marsh\n+49 30 0000000"), "full")
    assert found is not None
    assert found.lines == "> No."


def test_who_has_no_name_is_called_by_the_address() -> None:
    found = quote(mail("No.", name=""), "full")
    assert found is not None
    assert found.author == "jo@birch.example"


def test_a_long_mail_is_cut_where_it_can_be_seen() -> None:
    for text in ("line\n" * 500, "x" * 2_000 + "\n" + "y" * 9_000):
        found = quote(mail(text), "full")
        assert found is not None
        lines = found.lines.splitlines()
        assert lines[-1] == "> [...]"
        assert len(lines) <= MOST_LINES + 1


@given(st.text(max_size=12_000))
def test_whatever_came_every_line_of_a_quote_is_marked(text: str) -> None:
    found = quote(mail(text), "full")
    if found:
        assert all(line.startswith(">") for line in found.lines.split("\n"))
        assert len(found.lines.encode("utf-8", "replace")) <= MOST_OCTETS + 10
