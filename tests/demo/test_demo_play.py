"""The demo played in this process: the real daemon, the real journal, a real server."""

from __future__ import annotations

import io
import re
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.demo.ear import Ear
from kitchenwall.demo.mails import Mail, mails
from kitchenwall.demo.play import Played, play
from kitchenwall.demo.show import Show
from kitchenwall.demo.story import Story
from kitchenwall.errors import Unavailable

MAILS = mails()


@dataclass(frozen=True)
class Evening:
    """One performance: what became of the mails, what was shown, what it left behind."""

    played: Played
    shown: str
    threads: set[str]
    files: set[str]


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    folder = tmp_path_factory.mktemp("demo")
    before = set(threading.enumerate())
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder))
        console = Console(file=out, force_terminal=True, width=80, color_system=None)
        show = Show(console=console, pace=0)
        played = play(show)
    left = {thread.name for thread in set(threading.enumerate()) - before}
    return Evening(played, out.getvalue(), left, {path.name for path in folder.iterdir()})


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_a_mail_becomes_what_was_expected(evening: Evening, mail: Mail) -> None:
    assert evening.played.became[mail.name] == mail.expect


def test_every_promise_held(evening: Evening) -> None:
    assert len(evening.played.proofs) == 4
    assert [proof.words for proof in evening.played.proofs if not proof.holds] == []


def test_every_readable_mail_is_shown_with_its_subject(evening: Evening) -> None:
    shown = " ".join(evening.shown.split())
    missing = [mail.name for mail in MAILS if mail.subject not in shown]
    assert missing == [mail.name for mail in MAILS if mail.expect == "unreadable"]


def test_every_draft_is_shown_as_a_mail_client_shows_it(evening: Evening) -> None:
    drafts = sum(mail.expect == "draft" for mail in MAILS)
    assert evening.shown.count("╭─ Drafts ─") == drafts
    assert len(re.findall(r"│  Subject  Re: ", evening.shown)) == drafts
    assert (
        len(re.findall(r"│  From     Robin Sommer <robin@home.example>", evening.shown)) == drafts
    )


def test_how_long_an_arriving_mail_took_is_told(
    evening: Evening, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = re.findall(r"read after (\d+) ms", evening.shown)
    laid = re.findall(r"its draft ready after (\d+) ms", evening.shown)
    assert len(heard) == sum(mail.arrives for mail in MAILS)
    assert len(laid) == sum(mail.arrives and mail.expect == "draft" for mail in MAILS)
    took = re.search(r"All of it took (\d+\.\d) seconds", evening.shown)
    assert took
    with capsys.disabled():
        print(f"\ndemo: {took[1]} s; read after {heard} ms, drafts ready after {laid} ms")


def test_it_is_calm_and_kind(evening: Evening) -> None:
    assert "!" not in evening.shown
    assert not re.search(
        r"\b(?:failed|fail|error|loser|unfortunately,? you)\b", evening.shown, re.IGNORECASE
    )


def test_it_says_how_to_go_on(evening: Evening) -> None:
    for command in (
        "kitchenwall config example > ~/.config/kitchenwall/config.toml",
        "kitchenwall service install",
        "kitchenwall demo --keep",
        "kitchenwall journal answer 7 yes|no",
        "kitchenwall journal resolve 8 lay|drop",
    ):
        assert command in evening.shown


def test_nothing_is_left_behind(evening: Evening) -> None:
    assert evening.files == set()
    assert not {name for name in evening.threads if name.startswith(("watch", "demo", "APS"))}


def test_a_daemon_that_does_nothing_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with open_journal(tmp_path / "state") as journal:
        story = Story(ear=Ear(), journal=journal, login="robin", patience=0.01)
        with pytest.raises(Unavailable, match="nothing was heard of a mail"):
            next(story.until(1))


def test_the_data_lies_beside_the_code() -> None:
    import kitchenwall.demo

    assert (Path(kitchenwall.demo.__path__[0]) / "mails.toml").is_file()
