from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.adapters.lock import mail_work
from kitchenwall.adapters.sqlite import SqliteJournal, open_journal
from kitchenwall.cli import show
from kitchenwall.cli.main import main
from kitchenwall.domain.journal import DraftState, EventKind, Pass, Stop
from kitchenwall.domain.message import Address
from tests.contracts.journal_contract import (
    LOGIN,
    NOW,
    SENTENCE,
    a_draft,
    a_reply,
    an_arrival,
    an_event,
)

CONFIG = """
[person]
name = "Alex Rowan"
[[account]]
name = "home"
address = "alex@home.example"
host = "imap.home.example"
[[account]]
name = "work"
address = "alex@work.example"
host = "imap.work.example"
[journal]
folder = "{folder}"
"""


@dataclass
class Person:
    """Somebody with a configuration, a journal and a shell."""

    config: Path
    folder: Path
    captured: pytest.CaptureFixture[str]

    def types(self, *words: str) -> tuple[int, str, str]:
        """The exit code, what was said, what went to standard error."""
        code = main(["--config", str(self.config), *words])
        said = self.captured.readouterr()
        return code, said.out, said.err

    def reads(self, *words: str) -> str:
        code, out, err = self.types(*words)
        assert (code, err) == (0, "")
        return out

    def json(self, *words: str) -> Any:
        return json.loads(self.reads(*words, "--json"))


@pytest.fixture
def person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Person:
    config, folder = tmp_path / "config.toml", tmp_path / "state"
    config.write_text(CONFIG.format(folder=folder))
    config.chmod(0o600)
    return Person(config, folder, capsys)


@pytest.fixture
def journal(person: Person) -> Iterator[SqliteJournal]:
    """The daemon's own opening of the same file: every test runs beside it."""
    with open_journal(person.folder, clock=lambda: NOW) as opened:
        yield opened


def an_ask(journal: SqliteJournal, key: str = "a" * 64) -> int:
    reply = a_reply(f"rr1.{key}")
    return journal.record(an_event(key, EventKind.ASK), reply, DraftState.OFFERED)


class TestJournal:
    def test_an_empty_journal_says_so(self, person: Person) -> None:
        assert person.reads("journal") == "nothing is on record yet\n"
        assert person.reads("journal", "asks") == "nothing is asked\n"
        assert person.reads("journal", "held") == "nothing is held\n"
        assert person.json("journal", "list") == []

    def test_the_list_tells_what_each_event_was(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        a_draft(journal, DraftState.CREATED)
        an_ask(journal, "b" * 64)
        journal.quarantine(an_arrival(), "too deep", NOW)
        out = person.reads("journal", "list")
        heading, *lines = out.splitlines()
        assert heading.split() == ["EVENT", "RECEIVED", "FROM", "ABOUT", "WHAT"]
        assert lines[0].endswith("could not be read")
        assert lines[1].endswith("was this one a no?")
        assert lines[2].endswith("this one was a no; a draft lies ready")
        assert "Birch Ltd" in lines[2]

    def test_the_list_can_be_shorter_and_of_one_kind(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        for n in range(5):
            an_ask(journal, f"{n:064d}")
        journal.quarantine(an_arrival(), "too deep", NOW)
        assert [event["id"] for event in person.json("journal", "--limit", "2")] == [6, 5]
        assert len(person.json("journal", "list", "--limit", "0")) == 6
        (unreadable,) = person.json("journal", "list", "--kind", "unreadable")
        assert unreadable["because"] == "too deep"

    def test_an_event_is_shown_with_its_sentence_and_signals(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        draft = a_draft(journal, DraftState.CREATED)
        out = person.reads("journal", "show", str(draft.event_id))
        assert f'"{SENTENCE}"' in out
        assert '+2.5  "other candidates"' in out
        assert "97% (en)" in out
        assert "created to jo@birch.example: verified" in out
        told = person.json("journal", "show", str(draft.event_id))
        assert told["event"]["company"] == "Birch Ltd"
        assert told["event"]["received"] == "2026-03-02T09:27:15.250000+00:00"
        assert told["evidence"][0]["rule"] == "en.other_candidates"
        assert told["draft"]["state"] == "created"
        assert "data" not in told["draft"]

    def test_an_unknown_event_is_a_usage_error(self, person: Person) -> None:
        for words in (("show", "4"), ("answer", "4", "yes"), ("resolve", "4", "drop")):
            code, out, err = person.types("journal", *words)
            assert (code, out) == (64, "")
            assert err == (
                "kitchenwall: there is no event 4 in the journal; kitchenwall journal lists them\n"
            )

    def test_an_ask_is_shown_and_answered_while_the_daemon_runs(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        with mail_work(person.folder, "run"):
            event_id = an_ask(journal)
            assert SENTENCE in person.reads("journal", "asks")
            journal.changed()
            out = person.reads("journal", "answer", str(event_id), "yes")
            assert out == "event 1: this one was a no; a draft will be laid\n"
            assert journal.changed()
            assert len(journal.drafts(DraftState.PLANNED)) == 1
            assert person.json("journal", "asks") == []

    def test_without_a_daemon_the_answer_says_when_it_is_laid(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        out = person.reads("journal", "answer", str(an_ask(journal)), "yes")
        assert "kitchenwall once" in out

    def test_a_no_is_taken_at_its_word(self, person: Person, journal: SqliteJournal) -> None:
        told = person.json("journal", "answer", str(an_ask(journal)), "no")
        assert (told["kind"], told["draft"]) == ("dismissed", "skipped")

    def test_what_is_held_names_the_words_that_fit(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        hold = journal.record(an_event(kind=EventKind.HOLD), a_reply(), DraftState.OFFERED)
        held = a_draft(journal, DraftState.HELD, "b" * 64)
        out = person.reads("journal", "held")
        assert "lay|drop" in out
        assert "again|found|drop" in out
        assert "for the test" in out
        told = {one["event"]["id"]: one["words"] for one in person.json("journal", "held")}
        assert told == {hold: ["lay", "drop"], held.event_id: ["again", "found", "drop"]}
        for event_id, words in told.items():
            assert person.json("journal", "resolve", str(event_id), words[-1])["kind"] == "note"
        assert person.json("journal", "held") == []

    def test_a_word_that_does_not_fit_says_which_do(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        journal.record(an_event(kind=EventKind.HOLD), a_reply(), DraftState.OFFERED)
        code, _, err = person.types("journal", "resolve", "1", "again")
        assert code == 64
        assert err.endswith("say one of: lay, drop\n")


class TestDrafts:
    def test_no_draft_yet(self, person: Person) -> None:
        assert person.reads("drafts") == "there is no draft yet\n"

    def test_drafts_are_listed_newest_first(self, person: Person, journal: SqliteJournal) -> None:
        a_draft(journal, DraftState.CREATED)
        a_draft(journal, DraftState.OFFERED, "b" * 64)
        _, newest, oldest = person.reads("drafts", "list").splitlines()
        assert newest.endswith("waits for your word")
        assert oldest.endswith("lies in Drafts")
        assert [draft["state"] for draft in person.json("drafts")] == ["offered", "created"]

    def test_a_draft_is_shown_as_a_mail_client_does(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        draft = a_draft(journal, DraftState.PLANNED)
        out = person.reads("drafts", "show", str(draft.event_id))
        assert "From     Alex Rowan <alex@home.example>" in out
        assert "To       Jo Marsh <jo@birch.example>" in out
        assert "Subject  Re: Your application" in out
        assert "\nThank you for telling me.\n" in out
        assert out.endswith(
            "for you alone\n  why this question: nobody has talked with you\n  best sent in the morning\n"
        )
        told = person.json("drafts", "show", str(draft.event_id))
        assert told["text"].strip() == "Thank you for telling me."

    def test_an_event_without_a_draft_has_none_to_show(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        journal.record(an_event(), None, DraftState.OFFERED)
        code, _, err = person.types("drafts", "show", "1")
        assert code == 64
        assert "has no draft" in err


class TestStatus:
    def test_before_anything_happened(self, person: Person) -> None:
        out = person.reads("status")
        assert out.startswith("nobody watches your mail right now")
        assert out.count("not looked at yet") == 2
        assert out.endswith("nothing waits for you\n")

    def test_while_the_daemon_runs(self, person: Person, journal: SqliteJournal) -> None:
        journal.note_pass(Pass(LOGIN, "home", NOW, 3, "watching"))
        with mail_work(person.folder, "run"):
            told = person.json("status")
            assert "kitchenwall run watches your mail since" in person.reads("status")
        assert told["holder"]["pid"] == os.getpid()
        home, work = told["accounts"]
        assert (home["state"], home["seen"]) == ("watching", 3)
        assert datetime.fromisoformat(home["last"]) == NOW
        assert datetime.fromisoformat(home["next"]) == NOW + timedelta(minutes=15)
        assert (work["state"], work["last"], work["next"]) == ("not looked at yet", None, None)
        assert person.json("status")["accounts"][0]["state"] == "not watched now"

    def test_a_stop_says_how_to_lift_it(self, person: Person, journal: SqliteJournal) -> None:
        journal.record_stop(Stop(LOGIN, "the server refused the password", NOW, "mark"))
        out = person.reads("status")
        assert "stopped itself" in out
        assert "the server refused the password" in out
        assert "kitchenwall password set home" in out
        assert "kitchenwall resume home" in out

    def test_what_waits_is_counted(self, person: Person, journal: SqliteJournal) -> None:
        an_ask(journal, "a" * 64)
        a_draft(journal, DraftState.HELD, "b" * 64)
        journal.record(an_event("c" * 64, EventKind.HOLD), a_reply("rr1.c"), DraftState.OFFERED)
        a_draft(journal, DraftState.PLANNED, "d" * 64)
        a_draft(journal, DraftState.INTENT, "e" * 64)
        journal.quarantine(an_arrival(), "too deep", NOW)
        assert person.json("status")["waiting"] == {
            "asks": 1,
            "held": 2,
            "unreadable": 1,
            "to_be_laid": 1,
            "uncertain": 1,
        }
        out = person.reads("status")
        assert "1 mail you are asked about: kitchenwall journal asks" in out
        assert "2 mails whose draft waits for your word: kitchenwall journal held" in out

    def test_without_a_configuration_it_says_how_to_make_one(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        assert main(["status"]) == 78
        assert "kitchenwall config example" in capsys.readouterr().err


class TestHowItIsShown:
    @pytest.mark.parametrize(
        ("dirty", "shown"),
        [
            ("plain", "plain"),
            ("Žofie, 株式会社", "Žofie, 株式会社"),
            ("a\x1b[31mb\r\nc\td", "a [31mb  c d"),
            ("evil\u202egpj.exe\u200b", "evilgpj.exe"),
            ("half\ud800", "half\N{REPLACEMENT CHARACTER}"),
            ("a\u2028b", "a b"),
        ],
    )
    def test_a_mail_cannot_steer_the_terminal(self, dirty: str, shown: str) -> None:
        assert show.clean(dirty) == shown

    def test_markup_in_a_mail_stays_text_in_a_table(
        self, person: Person, journal: SqliteJournal
    ) -> None:
        event = replace(
            an_event(company="", role=""),
            sender=Address("jo@birch.example", "[bold]Jo[/bold] [/]"),
            subject="\x1b]0;title\x07[link=x]Re",
        )
        journal.record(event, None, DraftState.OFFERED)
        assert "[bold]Jo[/bold] [/]" in on_a_terminal(person, "journal")
        assert "\x1b]0;" not in on_a_terminal(person, "journal")
        assert "\x1b]0;" not in person.reads("journal", "show", "1")

    def test_the_voice_is_calm(self, person: Person, journal: SqliteJournal) -> None:
        for n, kind in enumerate(EventKind):
            journal.record(an_event(f"{n:064d}", kind), None, DraftState.OFFERED)
        for n, state in enumerate(DraftState, 1):
            a_draft(journal, state, f"{n}".rjust(64, "f"))
        said = [person.reads(*words) for words in COMMANDS]
        for out in said:
            assert not {"!", "fail", "Unfortunately"} & set(out)
            assert "fail" not in out.lower()
            assert "unfortunately" not in out.lower()

    def test_times_are_local_to_the_minute(self, monkeypatch: pytest.MonkeyPatch) -> None:
        at = datetime(2026, 1, 31, 23, 59, 59, tzinfo=UTC)
        assert show.moment(at) == f"{at.astimezone():%Y-%m-%d %H:%M}"
        assert show.moment(None) == ""

    def test_commands_import_nothing_heavy_to_be_described(self) -> None:
        heavy = ("sqlite3", "rich", "kitchenwall.adapters", "kitchenwall.config", "json")
        code = (
            "import sys, argparse\n"
            "from kitchenwall.cli import drafts, journal, status\n"
            "for module in (drafts, journal, status):\n"
            "    module.add_arguments(argparse.ArgumentParser())\n"
            f"print([name for name in {heavy} if name in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
        )
        assert done.stdout.strip() == "[]"


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("journal",),
    ("journal", "asks"),
    ("journal", "held"),
    ("journal", "show", "1"),
    ("drafts",),
    ("status",),
)


def on_a_terminal(person: Person, *words: str) -> str:
    """What a terminal of 200 columns would be sent."""
    command = [sys.executable, "-m", "kitchenwall", "--config", str(person.config), *words]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0) as screen:
        with open(theirs, "wb", buffering=0) as terminal:
            process = subprocess.Popen(command, stdout=terminal, env=environment)
        seen = b"".join(iter(_reader(screen.read), b""))
        assert process.wait(30) == 0
    return seen.decode()


def _reader(read: Callable[[int], bytes]) -> Callable[[], bytes]:
    def some() -> bytes:
        try:
            return read(65_536)
        except OSError:
            # Linux says so when the last writer has closed the terminal.
            return b""

    return some
