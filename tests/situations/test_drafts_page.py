"""The page that shows twenty drafts shows those that are approved."""

from __future__ import annotations

from tools.drafts_page import PAGE, SHOWN, chosen, page


def test_the_page_is_what_its_command_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it anew with: make drafts"


def test_it_shows_twenty_in_eleven_languages() -> None:
    assert len(chosen()) == SHOWN
    assert len({path.parent.name for path in chosen()}) == 11
