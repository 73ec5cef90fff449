"""Bytes become clean text whatever they claim to be, in linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitchenwall.adapters.decoding import clean_text, decode_words, decoded, decoded_body, one_line


@pytest.mark.parametrize(
    "charset", ["punycode", "idna", "undefined", "unicode_escape", "zlib", "\0", "é"]
)
def test_what_is_no_charset_is_not_asked(charset: str) -> None:
    assert decoded("\\xe9 é".encode(), charset) == "\\xe9 é"


def test_a_text_that_was_cut_in_a_character_loses_only_that() -> None:
    assert decoded("Grüß".encode()[:-1], "utf-8") == "Grü"


def test_a_line_has_no_line_ends_of_any_kind() -> None:
    assert one_line("a\r\nb\x0bc\x85d\u2028e\u2029f\x1eg", 100) == "a b c d e f g"


def test_a_line_is_cut() -> None:
    assert one_line("a b " * 1_000, 5) == "a b a"


def test_long_runs_of_combining_marks_take_no_time() -> None:
    begin = time.perf_counter()
    clean_text("u" + "\u0315\u0300" * 130_000)
    assert time.perf_counter() - begin < 0.3


def test_encoded_words_without_an_end_take_no_time() -> None:
    begin = time.perf_counter()
    for word in ("=?", "=?a?q?", "=?a?q?x", "=?utf-8?q?a?= "):
        decode_words(word * 8_000)
    assert time.perf_counter() - begin < 0.3


@settings(deadline=None)
@given(
    st.binary(max_size=500),
    st.sampled_from(["base64", "quoted-printable", "x-uuencode", "8bit", ""]),
    st.text(max_size=20),
)
def test_any_body_is_decoded(body: bytes, encoding: str, charset: str) -> None:
    text = decoded_body(body, encoding, charset)
    assert not any(one < " " and one != "\n" for one in text)
    text.encode("utf-8")


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_words_are_decoded_and_cleaning_is_final(value: str) -> None:
    line = one_line(decode_words(value), 200)
    assert one_line(line, 200) == line
    assert clean_text(clean_text(value)) == clean_text(value)
