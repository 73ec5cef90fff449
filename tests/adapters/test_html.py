"""HTML is read as a person sees it, and no markup keeps the reader busy."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitchenwall.adapters.html import CHARACTERS, html_to_text
from kitchenwall.domain.text import own_words


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Dear Anna,<p>we regret", "Dear Anna,\n\nwe regret"),
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<div>a</div><div><br></div><div>b</div>", "a\n\nb"),
        ("un<b>fort</b>unately", "unfortunately"),
        ("we\n   regret\n\tto", "we regret to"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<table><tr><td>Role</td><td>Engineer</td></tr><tr><td>x</table>", "Role Engineer\nx"),
        ("<pre>a\n  b\n\nc</pre>", "a\nb\n\nc"),
        ("<div style='white-space: pre-line'>a\nb</div>", "a\nb"),
        ("a&nbsp;b &#8203;c so&shy;ft z\u200dw &amp; &lt;", "a b c soft zw & <"),
        ("Z\xfcrich \u20ac <meta charset=utf-16>x", "Z\xfcrich \u20ac x"),
        ("<a href='https://acme.example/x'>the portal</a>", "the portal"),
        ("<img alt='logo' src='https://acme.example/pixel'>text", "text"),
        ("<head><title>T</title><style>p{}</style></head><body>seen<script>x()</script>", "seen"),
        ("<!--[if mso]>outlook<![endif]-->all", "all"),
        ("<![CDATA[ x ]]>after <?php y ?>this", "after this"),
        ("a\ud800b", "a?b"),
        ("<!-- only a comment -->", ""),
        ("", ""),
        (" \n ", ""),
        ("no markup at all", "no markup at all"),
    ],
)
def test_markup_becomes_the_lines_a_person_sees(markup: str, text: str) -> None:
    assert html_to_text(markup) == text


@pytest.mark.parametrize(
    "attribute",
    [
        "style='display:none'",
        "style='DISPLAY : NONE !important; color:red'",
        "style='color:red;visibility: hidden'",
        "style='mso-hide:all'",
        "style='opacity:0'",
        "style='opacity: 0.0;'",
        "style='font-size:0px'",
        "style='font-size: 0'",
        "style='max-height:0;overflow:hidden'",
        "hidden",
    ],
)
def test_what_is_hidden_is_not_read(attribute: str) -> None:
    assert html_to_text(f"a<div {attribute}>no <b>not this</b></div>b") == "a\nb"


@pytest.mark.parametrize(
    "style",
    ["font-size:10px", "opacity:0.9", "max-height:0.5em", "x-display:none", "font-size:0.8em"],
)
def test_what_is_only_small_is_read(style: str) -> None:
    assert html_to_text(f"<p style='{style}'>seen</p>") == "seen"


@pytest.mark.parametrize(
    "quote",
    [
        "<blockquote>old<br>words</blockquote>",
        "<div class='x gmail_quote'>old<blockquote>words</blockquote></div>",
        "<div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>From:</b> Ida</div><p>old</p>",
        "<div id='x_divRplyFwdMsg'><b>Von:</b> Ida</div><p>old</p>",
        "<div class='yahoo_quoted'>old</div>",
        "<div class='protonmail_quote'>old</div>",
    ],
)
def test_quoted_mails_are_marked_and_no_own_words(quote: str) -> None:
    text = html_to_text(f"<p>my own answer, which is long enough to be one</p>{quote}")
    assert all(line.startswith("> ") for line in text.splitlines()[1:] if line)
    assert "\n> " in text
    assert own_words(text).strip() == "my own answer, which is long enough to be one"


def test_an_answer_below_a_quote_in_gmails_own_element_is_no_quote() -> None:
    text = html_to_text(
        "<div class=gmail_quote>On Monday Ida wrote:<blockquote>old</blockquote><p>new</p></div>end"
    )
    assert text == "> On Monday Ida wrote:\n\n> old\n\nnew\n\nend"


def test_between_two_quotes_in_a_quote_everything_is_quoted() -> None:
    text = html_to_text("<blockquote>a<blockquote>b</blockquote>c</blockquote>d")
    assert text == "> a\n\n> b\n\n> c\n\nd"


HOSTILE = {
    "unclosed comments": "<!--",
    "unclosed tags": "<a ",
    "unclosed attributes": "<a b='",
    "declarations": "<![",
    "cdata": "<![CDATA[",
    "instructions": "<?",
    "less than": "<",
    "closing tags": "</",
    "comments that look closed": "<!--x--!>",
    "nested div": "<div>",
    "nested tables": "<table><tr><td>",
    "nested lists": "<ul><li>",
    "nested quotes": "<blockquote>",
    "nested gmail quotes": "<div class=gmail_quote><blockquote></blockquote>",
    "links in links": "<a>",
    "forms": "<form><p></form>",
    "formatting": "<b><i><p>",
    "scripts": "<script>",
    "titles": "<title>",
    "text areas": "<textarea>",
    "selects": "<select><option>",
    "bodies": "<body a=1>",
    "ampersands": "&",
    "numbers without end": "&#x",
    "entities": "&aacute",
    "nulls": "\0",
    "breaks": "<br>",
    "paragraphs": "<p>x",
    "hidden": "<p style='display:none'>x",
    "spans": "<span>x</span>",
    "cells": "<td>x",
    "line ends": "\n",
    "pre": "<pre>\n\n\n\n",
    "frames": "<frameset><frame>",
    "plaintext": "<plaintext></p>",
    "zero width": "\u200b",
}
HOSTILE = {name: text * (CHARACTERS // len(text)) for name, text in HOSTILE.items()} | {
    "unmatched closing tags": "<b>" * 40_000 + "</i>" * 35_000,
    "unmatched closing tags in divs": "<div>" * 30_000 + "</p>" * 28_000,
    "as many as are allowed to be open": "<b>" * 480 + "</i>" * 65_000,
    "invented tags": "".join(f"<x{number}>" for number in range(30_000)) + "</y>" * 10_000,
    "many attributes": "<p " + " ".join(f"a{number}=1" for number in range(30_000)) + ">x",
    "the same attribute": "<p " + "a=1 " * 65_000 + ">x",
    "attributes of the body": "".join(f"<body a{number}=1>" for number in range(18_000)),
    "a long style": "<p style='" + "a:b;" * 65_000 + "'>x",
    "styles with spaces": "<p style='display" + " " * 200_000 + ":none'>x",
    "a long class": "<p class='" + "a " * 130_000 + "'>x",
    "a long number": "&#" + "9" * 262_000,
    "a long tag name": "<" + "a" * 262_000,
    "script in a comment in a script": "<script><!--" + "<script>" * 30_000,
    "ends of a script": "<script>" + "</" * 130_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_markup_keeps_the_reader_busy(name: str) -> None:
    begin = time.perf_counter()
    html_to_text(HOSTILE[name])
    assert time.perf_counter() - begin < 0.3


def test_text_within_hundreds_of_open_elements_is_read() -> None:
    assert (
        html_to_text("<div>" * 400 + "we regret" + "</div>" * 400 + "after") == "we regret\nafter"
    )


def test_more_than_the_cap_is_not_looked_at() -> None:
    assert html_to_text("x " * CHARACTERS) == ("x " * (CHARACTERS // 2)).strip()


@settings(deadline=None)
@given(st.text(alphabet="<>/!-[]&;#'\"= \nabpdivstyle\0\u200b\ud800", max_size=400))
def test_any_markup_gives_clean_text(markup: str) -> None:
    text = html_to_text(markup)
    assert not any(character < " " and character != "\n" for character in text)
    assert "\n\n\n" not in text
