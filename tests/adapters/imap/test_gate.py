"""The gate lets through what is on the list, whole, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.adapters.imap.gate import CLAIMING, DRAFTING, READING, ForbiddenCommand, Gate
from kitchenwall.adapters.imap.quoting import search_value

OUR_ID = b"<rr1.abcdefghijklmnopqrstuvwxyz234567@mail.example>"


@pytest.mark.parametrize(
    "command",
    [
        b"CAPABILITY",
        b'LOGIN "anna@mail.example" "pass word \\" \\\\"',
        b"AUTHENTICATE PLAIN",
        b'LIST "" "*"',
        b'STATUS "INBOX" (UIDVALIDITY UIDNEXT MESSAGES)',
        b'EXAMINE "Entw&APw-rfe"',
        b"EXAMINE INBOX",
        b"UID FETCH 5:* (UID RFC822.SIZE INTERNALDATE FLAGS)",
        b"UID FETCH 1,3:7 (UID BODY.PEEK[]<0.327680>)",
        b"UID FETCH 1 (UID BODYSTRUCTURE BODY.PEEK[HEADER]<0.65536>)",
        b"UID FETCH 1 (UID BODY.PEEK[1.2.MIME] BODY.PEEK[1.2]<0.262144>)",
        b"UID FETCH 1:* (UID BODY.PEEK[HEADER.FIELDS (MESSAGE-ID X-DRAFT-REF)])",
        b"UID SEARCH SINCE 1-Mar-2026",
        b'UID SEARCH SINCE 1-Mar-2025 BEFORE 3-Mar-2026 FROM "jo@people.example"',
        b'UID SEARCH HEADER Message-ID "' + OUR_ID + b'"',
        b'UID SEARCH FROM "people.example"',
        b"NOOP",
        b"IDLE",
        b"LOGOUT",
    ],
)
def test_what_is_on_the_list_passes(command: bytes) -> None:
    Gate(READING).admit(b"T1 " + command + b"\r\n")


@pytest.mark.parametrize(
    "command",
    [
        b"SELECT INBOX",
        b"DELETE INBOX",
        b"EXPUNGE",
        b"CLOSE",
        b"CREATE Drafts",
        b"UID STORE 1 +FLAGS (\\Seen)",
        b"UID COPY 1 Trash",
        b"UID MOVE 1 Trash",
        b"UID EXPUNGE 1",
        b"UID FETCH 1 (BODY[])",
        b"UID FETCH 1 (RFC822)",
        b"UID FETCH 1 (UID BODY[TEXT])",
        b"FETCH 1 (BODY.PEEK[])",
        b"UID SEARCH SUBJECT x",
        b'UID SEARCH HEADER Message-ID "<stranger@mail.example>"',
        b'UID SEARCH FROM "a b"',
        b"UID SEARCH BEFORE yesterday",
        b"APPEND Drafts (\\Draft \\Seen) {5}",
        b"",
        b"XYZZY",
    ],
)
def test_what_is_not_on_the_list_is_refused(command: bytes) -> None:
    with pytest.raises(ForbiddenCommand):
        Gate(READING).admit(b"T1 " + command + b"\r\n")


@pytest.mark.parametrize(
    "flags", [b"()", b"(\\Draft)", b"(\\Seen \\Draft)", b"(\\Draft \\Seen \\Flagged)"]
)
def test_only_a_draft_that_is_seen_may_be_appended(flags: bytes) -> None:
    with pytest.raises(ForbiddenCommand):
        Gate(DRAFTING).admit(b"T1 APPEND Drafts " + flags + b" {5}\r\n")


def test_a_literal_passes_once_and_whole() -> None:
    gate = Gate(DRAFTING)
    gate.admit(b'T1 APPEND "Drafts" (\\Draft \\Seen) {5}\r\n')
    assert not gate.literal_begun
    gate.admit(b"a\r\nT2")
    assert gate.literal_begun
    gate.admit(b"\r\n")
    with pytest.raises(ForbiddenCommand):
        gate.admit(b"T2 DELETE INBOX\r\n")


def test_a_literal_of_another_length_is_refused() -> None:
    gate = Gate(DRAFTING)
    gate.admit(b'T1 APPEND "Drafts" (\\Draft \\Seen) {5}\r\n')
    with pytest.raises(ForbiddenCommand):
        gate.admit(b"abcdefg")


def test_done_ends_an_idle_and_nothing_else() -> None:
    gate = Gate(READING)
    with pytest.raises(ForbiddenCommand):
        gate.admit(b"DONE\r\n")
    gate.admit(b"T1 IDLE\r\n")
    gate.admit(b"DONE\r\n")
    with pytest.raises(ForbiddenCommand):
        gate.admit(b"DONE\r\n")


def test_the_claiming_list_adds_one_flag_and_nothing_more() -> None:
    gate = Gate(CLAIMING)
    gate.admit(
        b"T1 UID STORE 7 (UNCHANGEDSINCE 12) +FLAGS.SILENT ($DraftClaimed $DraftBy-0123abcd)\r\n"
    )
    for command in (
        b"UID STORE 7 +FLAGS (\\Deleted)",
        b"UID STORE 7 (UNCHANGEDSINCE 1) -FLAGS ($DraftClaimed)",
    ):
        with pytest.raises(ForbiddenCommand):
            gate.admit(b"T2 " + command + b"\r\n")


@given(st.binary(max_size=80))
def test_line_ends_and_zeros_never_pass_inside_a_command(junk: bytes) -> None:
    line = b'T1 EXAMINE "' + junk + b'"'
    try:
        Gate(READING).admit(line + b"\r\n")
    except ForbiddenCommand:
        return
    assert not set(line) & {0, 10, 13}


@given(st.text(max_size=80))
def test_a_search_value_is_a_domain_or_a_plain_address_or_nothing(value: str) -> None:
    quoted = search_value(value)
    if quoted is None:
        return
    inside = quoted[1:-1].decode("ascii")
    assert inside == value.lower()
    assert set(inside) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-_+@")
    Gate(READING).admit(b"T1 UID SEARCH FROM " + quoted + b"\r\n")


@given(
    st.from_regex(r"[a-z0-9]{1,20}(\.[a-z0-9]{2,20}){1,3}", fullmatch=True),
    st.from_regex(r"[a-z0-9._+-]{1,20}", fullmatch=True),
)
def test_every_ordinary_domain_and_address_can_be_searched_for(domain: str, local: str) -> None:
    assert search_value(domain) == f'"{domain}"'.encode()
    assert search_value(f"{local}@{domain}".upper()) == f'"{local}@{domain}"'.encode()


@pytest.mark.parametrize(
    "value", ["", "a@b@c.example", 'x"\r\nA1 DELETE INBOX', "ünïcode.example", "a b.example"]
)
def test_anything_else_is_not_searched_for(value: str) -> None:
    assert search_value(value) is None
