"""A source key never changes, and our own drafts are known among all others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitchenwall.domain.identity import (
    address_of,
    draft_message_id,
    draft_ref,
    is_our_ref,
    key_of,
    our_ref,
    source_key,
)


class Recorded(TypedDict):
    login: str
    mail: str
    key: str


RECORDED: list[Recorded] = json.loads(
    Path(__file__).with_name("recorded_keys.json").read_text(encoding="utf-8")
)
REF = draft_ref("ab" * 32, 0)
LOGIN = "anna@home.example"
WITHOUT_DATE = b"From: ida@acme.example\r\nMessage-ID: <a@acme.example>\r\n\r\n"


def raw(recorded: Recorded) -> bytes:
    return recorded["mail"].encode("latin-1")


def test_thirty_recorded_mails_are_thirty_different_ones() -> None:
    assert len({recorded["key"] for recorded in RECORDED}) == 30


@pytest.mark.parametrize("recorded", RECORDED, ids=range(len(RECORDED)))
def test_a_recorded_key_never_changes(recorded: Recorded) -> None:
    assert key_of(recorded["login"], raw(recorded)) == recorded["key"]


def test_the_name_of_the_account_is_no_part_of_the_key_but_the_mailbox_is() -> None:
    """Nothing named after the account goes in: the key takes the login and the mail alone."""
    assert "account" not in key_of.__annotations__
    assert "account" not in source_key.__annotations__
    assert key_of("anna@home.example", raw(RECORDED[0])) != key_of(
        "bo@home.example", raw(RECORDED[0])
    )


@pytest.mark.parametrize("recorded", RECORDED, ids=range(len(RECORDED)))
def test_a_copy_with_other_line_ends_has_the_same_key(recorded: Recorded) -> None:
    assert key_of(recorded["login"], raw(recorded).replace(b"\r\n", b"\n")) == recorded["key"]


def test_the_text_counts_only_where_message_id_or_date_is_missing() -> None:
    complete = b"Date: today\r\n" + WITHOUT_DATE
    assert key_of(LOGIN, complete + b"one") == key_of(LOGIN, complete + b"two")
    assert key_of(LOGIN, WITHOUT_DATE + b"one") != key_of(LOGIN, WITHOUT_DATE + b"two")


def test_of_the_text_only_its_first_four_kilobytes_count() -> None:
    text = b"a line of text\r\n" * 300
    key = key_of(LOGIN, WITHOUT_DATE + text)
    assert key == key_of(LOGIN, WITHOUT_DATE + text + b"and more")
    assert key == key_of(LOGIN, WITHOUT_DATE + text.replace(b"\r\n", b"\n"))


def test_headers_that_came_later_change_nothing() -> None:
    moved = b"X-Moved: by a filter\r\nReceived: from a.example\r\n" + raw(RECORDED[0])
    assert key_of(LOGIN, moved) == key_of(LOGIN, raw(RECORDED[0]))


def test_no_value_can_pass_for_a_part_of_its_neighbour() -> None:
    assert source_key("a", "bc", "d", "e", b"") != source_key("ab", "c", "d", "e", b"")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (b"Ida <Ida@Acme.Example>", "ida@acme.example"),
        (b'"x <evil@y.example>" <ida@acme.example>', "ida@acme.example"),
        (b"ida@acme.example (Ida @ home)", "ida@acme.example"),
        (b'"unclosed <ida@acme.example>', "ida@acme.example"),
        (b"ida@acme.example, bo@acme.example", "ida@acme.example"),
        (b"<>", "<>"),
        (b"", ""),
    ],
)
def test_the_address_is_found_in_a_from_line(value: bytes, address: str) -> None:
    assert address_of(value) == address


@settings(deadline=None)
@given(st.binary(max_size=2_000), st.text(max_size=50))
def test_any_bytes_have_a_key(mail: bytes, login: str) -> None:
    assert len(key_of(login, mail)) == 64


def test_a_reference_is_opaque_ascii_and_differs_by_generation() -> None:
    assert is_our_ref(REF)
    assert len(REF) == 44
    assert draft_ref("ab" * 32, 1) != REF
    assert draft_ref("ab" * 32, 0) == "rr1.se6oft45zkfht7xb3kymo4g6nlcqrbkekryryx6u"


def test_our_reference_is_found_in_a_message_id_and_in_a_header_of_our_own() -> None:
    assert our_ref(draft_message_id(REF, "home.example")) == REF
    assert our_ref(f" {REF}\r\n") == REF


@pytest.mark.parametrize(
    "value",
    [
        "",
        "rr1.",
        f"x{REF}",
        f"{REF}x",
        f"{REF}\n",
        f"<{REF}>",
        f"<{REF}@>",
        f"<{REF}@a b>",
        REF.upper(),
    ],
)
def test_what_only_looks_like_ours_is_not(value: str) -> None:
    assert not is_our_ref(value)
    assert our_ref(value) is None or value.strip() == REF
