"""Of a large mail, only the words that are its own are fetched."""

import pytest

from kitchenwall.adapters.imap.structure import choose_parts


def leaf(
    kind: bytes, sub: bytes, size: int, *more: object, params: object = None
) -> tuple[object, ...]:
    return (kind, sub, params, None, None, b"7BIT", size, *more)


def test_the_plain_part_is_read_where_there_is_one() -> None:
    chosen = choose_parts(
        ([leaf(b"TEXT", b"HTML", 9000), leaf(b"TEXT", b"PLAIN", 9000)], b"ALTERNATIVE")
    )
    assert chosen.text is not None
    assert (chosen.text.section, chosen.text.kind) == ("2", "text/plain")
    assert chosen.instead is None


def test_beside_what_may_be_a_stub_the_html_is_fetched_too() -> None:
    chosen = choose_parts(
        ([leaf(b"TEXT", b"PLAIN", 20), leaf(b"TEXT", b"HTML", 9000)], b"ALTERNATIVE")
    )
    assert chosen.instead is not None
    assert chosen.instead.section == "2"


def test_attachments_and_nested_mails_are_not_read_but_their_kinds_are_known() -> None:
    attached = leaf(b"TEXT", b"PLAIN", 900, 10, None, (b"ATTACHMENT", (b"FILENAME", b"a.txt")))
    named = leaf(b"TEXT", b"PLAIN", 900, 10, params=(b"NAME", b"cv.txt"))
    nested = leaf(b"MESSAGE", b"RFC822", 900, None, leaf(b"TEXT", b"PLAIN", 500))
    invitation = leaf(b"TEXT", b"CALENDAR", 300, 9, params=(b"METHOD", b"REQUEST"))
    inner = ([leaf(b"TEXT", b"PLAIN", 4000)], b"ALTERNATIVE")
    chosen = choose_parts(([attached, named, nested, invitation, inner], b"MIXED"))
    assert chosen.text is not None
    assert chosen.text.section == "5.1"
    assert "message/rfc822" in chosen.kinds
    assert "text/calendar; method=REQUEST" in chosen.kinds


def test_a_mail_of_one_part_is_section_one() -> None:
    chosen = choose_parts(leaf(b"text", b"html", 999))
    assert chosen.text is not None
    assert chosen.text.section == "1"


@pytest.mark.parametrize(
    "structure", [None, (), b"junk", ([], b"MIXED"), leaf(b"IMAGE", b"PNG", 5)]
)
def test_where_there_is_no_text_nothing_is_chosen(structure: object) -> None:
    assert choose_parts(structure).text is None
