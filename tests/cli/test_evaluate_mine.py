"""A person labels a sample of their own mail in a terminal, and nothing else is changed by it."""

from __future__ import annotations

import json
import re
import signal
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.cli.person import Mailbox, Person, mail, nested, perhaps, rejection
from tests.cli.terminal import Window
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy

ROBIN = "robin.mine@mail.example"
NOES, DOUBTS, OTHERS = 6, 2, 20
ALL = NOES + DOUBTS + OTHERS + 3
ODD = "Odd \x1b[31mred\x07 \u202etxt.exe"
LONG = "\n".join(
    f"{number}: a position with very many words in one line that has to be broken somewhere \x1b[2J"
    for number in range(40)
)


@pytest.fixture(scope="module")
def post(dovecot: Dovecot) -> Dovecot:
    """A mailbox with six noes, two that may be one, twenty letters, and three that are odd."""
    noes = (rejection(ROBIN, f"Post {number}", days=20 * number) for number in range(NOES))
    doubts = (perhaps(ROBIN, f"Perhaps {number}") for number in range(DOUBTS))
    letters = (mail(ROBIN, f"Letter {number}", "We meet at four.\n") for number in range(OTHERS))
    odd = (
        mail(ROBIN, ODD, "Hello \x1b[31mRobin\x1b[0m.\n"),
        mail(ROBIN, "Long", LONG),
        mail(ROBIN, "漢字 " * 30, "木工の学校\n" * 30),
    )
    theirs = rejection(ROBIN, "My own words")
    own = re.sub(rb"From: [^\r]*", f"From: Robin <{ROBIN}>".encode(), theirs, count=1)
    dovecot.deliver_all(ROBIN, [*noes, *doubts, *letters, *odd, nested(ROBIN, "Deep"), own])
    return dovecot


@pytest.fixture
def person(post: Dovecot, tmp_path: Path) -> Person:
    person = Person(tmp_path / "home")
    person.configure(Mailbox(name="home", login=ROBIN, port=post.port))
    return person


def window(person: Person, *words: str, columns: int = 80, lines: int = 24, **env: str) -> Window:
    return Window(person, ("evaluate", "--mine", *words), columns=columns, lines=lines, **env)


def answers(person: Person) -> list[dict[str, Any]]:
    path = person.state / "evaluation.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def subject_in(shown: str) -> str:
    found = re.search(r"^subject +(.*)$", shown, re.MULTILINE)
    assert found, shown
    return found[1].strip()


def right_key(subject: str) -> str:
    return "r" if subject.startswith(("Post", "Perhaps 0")) else "o"


def answered(terminal: Window, count: int, first: int = 1, total: int = 10) -> list[str]:
    """Answer so many mails rightly; their subjects."""
    subjects = []
    for number in range(first, first + count):
        shown = terminal.sees("q stop")
        assert f"mail {number} of {total}: what is it?" in shown
        subjects.append(subject_in(shown))
        terminal.press(right_key(subjects[-1]))
    return subjects


def test_a_sample_is_labelled_from_first_to_last(person: Person, post: Dovecot) -> None:
    with post.client(ROBIN) as client:
        before = client.snapshot()
    with window(person, "--sample", "10") as terminal:
        subjects = answered(terminal, 10)
        assert "That was the last one." in terminal.sees("u undo the last")
        terminal.press("\r")
        code, shown = terminal.ends()
        assert terminal.is_as_before
    assert code == 0
    assert len(set(subjects)) == 10
    assert any(subject.startswith("Post") for subject in subjects)
    assert {subject for subject in subjects if subject.startswith("Perhaps")} == {
        "Perhaps 0", "Perhaps 1",
    }  # fmt: skip
    assert f"{ALL} mails since" in shown
    assert "you told of 10 what they are" in shown
    assert "1 could not be read and were left out" in shown
    assert re.search(rf"lay a draft +\d+ +0 +{NOES}\n", shown)
    assert re.search(rf"ask you +1 +1 +{DOUBTS}\n", shown)
    assert "nothing would have been done wrongly with what you told" in shown
    assert "too small a sample to say" in shown
    with post.client(ROBIN) as client:
        assert client.snapshot() == before


def test_only_the_answers_are_kept_and_for_the_person_alone(person: Person) -> None:
    with window(person, "--sample", "3") as terminal:
        answered(terminal, 3, total=3)
        terminal.sees("u undo the last")
        terminal.press(" ")
        terminal.ends()
    (path,) = person.state.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {name for line in answers(person) for name in line} == {
        "key", "answer", "outcome", "confidence", "layer", "weight",
    }  # fmt: skip
    for words in ("Post", "Perhaps", "Letter", "acorn", "Feld", "four"):
        assert words not in path.read_text()


def test_the_verdict_is_not_to_be_seen_while_it_is_asked(person: Person) -> None:
    with window(person, "--sample", "10") as terminal:
        for _ in range(10):
            shown = terminal.sees("q stop").lower()
            for word in ("reject", "unsure", "confiden", "sure", "draft"):
                assert word not in shown.replace("unfortunately", "")
            terminal.press("s")
        terminal.sees("u undo the last")


def test_it_goes_on_where_it_was_left_and_asks_nothing_twice(person: Person) -> None:
    with window(person, "--sample", "10") as terminal:
        first = answered(terminal, 4)
        terminal.sees("mail 5 of 10")
        terminal.press("q")
        code, shown = terminal.ends()
        assert terminal.is_as_before
    assert code == 0
    assert "you told of 4 what they are" in shown
    assert "6 of the sample have no answer yet; the same command goes on with them" in shown
    with window(person, "--sample", "10") as terminal:
        second = answered(terminal, 6, total=6)
        terminal.sees("That was the last one.")
        terminal.press("x\r")
        assert "you told of 10 what they are" in terminal.ends()[1]
    assert not set(first) & set(second)
    with window(person, "--sample", "10") as terminal:
        code, shown = terminal.ends()
    assert code == 0
    assert "what is it?" not in shown
    assert len(answers(person)) == 10


def test_ctrl_c_loses_no_answer(person: Person) -> None:
    with window(person, "--sample", "10") as terminal:
        answered(terminal, 2)
        terminal.sees("mail 3 of 10")
        terminal.press("\x03")
        code, shown = terminal.ends()
        assert terminal.is_as_before
        assert terminal.raw.count("\x1b[?1049h") == terminal.raw.count("\x1b[?1049l") == 1
    assert code == 130
    assert "kept 2 answers; kitchenwall evaluate --mine goes on from there" in shown
    assert "Traceback" not in shown
    assert len(answers(person)) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_leaves_a_terminal_that_can_be_used(person: Person, number: int) -> None:
    with window(person, "--sample", "10") as terminal:
        answered(terminal, 1)
        terminal.sees("mail 2 of 10")
        terminal.process.send_signal(number)
        assert terminal.ends()[0] == 130
        assert terminal.is_as_before
    assert len(answers(person)) == 1


def test_a_window_that_is_closed_loses_no_answer(person: Person) -> None:
    with window(person, "--sample", "10") as terminal:
        answered(terminal, 2)
        terminal.sees("mail 3 of 10")
        terminal.close()
    assert len(answers(person)) == 2


def test_being_killed_loses_no_answer(person: Person) -> None:
    with window(person, "--sample", "10") as terminal:
        answered(terminal, 3)
        terminal.sees("mail 4 of 10")
        terminal.process.kill()
        terminal.ends()
    found = person.json("evaluate", "--mine", "--sample", "10")
    assert (found["told"], found["left"]) == (3, 7)


def test_an_answer_can_be_taken_back_also_the_last_one(person: Person) -> None:
    with window(person, "--sample", "2") as terminal:
        terminal.sees("mail 1 of 2")
        terminal.press("u")
        terminal.sees("mail 1 of 2")
        terminal.press("r")
        terminal.sees("mail 2 of 2")
        terminal.press("u")
        terminal.sees("mail 1 of 2")
        terminal.press("s")
        terminal.sees("mail 2 of 2")
        terminal.press("O")
        terminal.sees("That was the last one.")
        terminal.press("u")
        terminal.sees("mail 2 of 2")
        terminal.press("r")
        terminal.sees("That was the last one.")
        terminal.press(" ")
        shown = terminal.ends()[1]
    assert [line["answer"] for line in answers(person)] == [
        "rejection", "none", "skip", "other", "none", "rejection",
    ]  # fmt: skip
    assert "you told of 1 what they are" in shown
    assert "1 you skipped" in shown


def test_a_key_that_means_nothing_changes_nothing(person: Person) -> None:
    with window(person, "--sample", "1") as terminal:
        for keys in ("", "x", "é", "\x1b[15~", "7", "\x1b[C"):
            terminal.press(keys)
            terminal.sees("mail 1 of 1")
        terminal.press("\x04")
        assert terminal.ends()[0] == 0
    assert answers(person) == []


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (40, 20), (24, 12)])
def test_no_line_is_wider_than_the_window_and_no_mail_steers_it(
    person: Person, columns: int, lines: int
) -> None:
    seen: dict[str, str] = {}
    with window(person, "--sample", "40", columns=columns, lines=lines) as terminal:
        for number in range(1, ALL + 1):
            start = len(terminal.raw)
            shown = terminal.sees("q stop")
            assert f"mail {number} of {ALL}" in shown
            seen[subject_in(shown)] = terminal.raw[start:]
            for line in shown.splitlines():
                assert sum(1 + ("\u2e80" <= char < "\uff00") for char in line) <= columns
            terminal.press("s")
        terminal.sees("That was the last one.")
    odd = next(raw for subject, raw in seen.items() if subject.startswith("Odd"))
    assert "\x1b[31m" not in odd
    assert "\x07" not in odd
    assert "\u202e" not in odd
    assert len(seen) == ALL


def test_a_long_mail_is_shown_in_pages(person: Person) -> None:
    with window(person, "--sample", "40") as terminal:
        while "Long" not in (shown := terminal.sees("q stop")):
            terminal.press("s")
        pages = re.search(r"page 1 of (\d+): space for more, b back", shown)
        assert pages
        assert int(pages[1]) > 3
        assert " 0: a position" in shown.replace("\n", " ")
        terminal.press(" ")
        shown = terminal.sees("q stop")
        assert f"page 2 of {pages[1]}" in shown
        assert "0: a position" not in [line[:13] for line in shown.splitlines()]
        terminal.press("\x1b[5~")
        assert "page 1 of" in terminal.sees("q stop")
        for _ in range(int(pages[1]) + 2):
            terminal.press("\x1b[6~")
            shown = terminal.sees("q stop")
        assert f"page {pages[1]} of {pages[1]}" in shown


def test_no_colour_is_shown_where_none_is_wanted(person: Person) -> None:
    with window(person, "--sample", "2", NO_COLOR="1") as terminal:
        answered(terminal, 1, total=2)
        terminal.sees("mail 2 of 2")
        terminal.press("q")
        terminal.ends()
        assert not re.search(r"\x1b\[[0-9;]*(?:3[0-7]|4[0-7]|9[0-7])m", terminal.raw)


def test_a_dumb_terminal_is_enough(person: Person) -> None:
    with window(person, "--sample", "2", TERM="dumb") as terminal:
        answered(terminal, 2, total=2)
        terminal.sees("That was the last one.")
        terminal.press(" ")
        code, shown = terminal.ends()
        assert "\x1b" not in terminal.raw
    assert code == 0
    assert "you told of 2 what they are" in shown


def test_what_would_have_been_done_wrongly_is_told(person: Person) -> None:
    with window(person, "--sample", "10") as terminal:
        for _ in range(10):
            subject = subject_in(terminal.sees("q stop"))
            terminal.press("o" if subject.startswith("Post") else "r")
        terminal.sees("That was the last one.")
        terminal.press(" ")
        shown = terminal.ends()[1]
    assert "done wrongly" in shown
    assert re.search(r"jonas\.feld@acorn\d+\.example  Post \d", shown)
    assert "something else, called rejection (decision:" in shown
    assert "a no, called other" in shown


def test_programs_get_what_was_answered_and_are_asked_nothing(person: Person) -> None:
    with window(person, "--sample", "10") as terminal:
        answered(terminal, 10)
        terminal.sees("That was the last one.")
        terminal.press(" ")
        terminal.ends()
    found = person.json("evaluate", "--mine", "--sample", "10")
    assert (found["mails"], found["told"], found["left"], found["unreadable"]) == (ALL, 10, 0, 1)
    assert found["plans"]["draft"]["all"] == NOES
    assert found["plans"]["ask"] == {"rejection": 1, "other": 1, "all": DOUBTS}
    assert sum(layer["mails"] for layer in found["layers"]) == ALL
    assert sum(layer["told"] for layer in found["layers"]) == 10
    assert found["estimates"]["precision"]["value"] == 1.0
    assert found["estimates"]["rejections"]["value"] >= NOES
    assert found["wrong"] == []


def test_programs_get_a_report_also_where_nothing_was_answered(person: Person) -> None:
    found = person.json("evaluate", "--mine")
    assert (found["told"], found["left"]) == (0, 30)
    assert found["matrix"] == {}
    assert found["estimates"]["precision"]["too_small"] is True
    assert not person.state.exists()


def test_without_a_terminal_it_says_that_it_needs_one(person: Person) -> None:
    told = person.types("evaluate", "--mine")
    assert told.code == 64
    assert told.err.startswith(
        "kitchenwall: --mine shows mails and asks what they are, which needs"
    )


def test_it_looks_only_as_far_back_as_is_said(person: Person) -> None:
    assert person.json("evaluate", "--mine", "--since", "30d")["mails"] == ALL
    assert person.json("evaluate", "--mine", "--since", "2999-01-01")["mails"] == 0
    with window(person, "--since", "2999-01-01") as terminal:
        code, shown = terminal.ends()
    assert code == 0
    assert "no mail that could be judged came since 2999-01-01" in shown


def test_answers_about_mails_that_were_not_looked_at_are_not_counted(person: Person) -> None:
    with window(person, "--sample", "2") as terminal:
        answered(terminal, 2, total=2)
        terminal.sees("That was the last one.")
        terminal.press(" ")
        terminal.ends()
    found = person.json("evaluate", "--mine", "--since", "2999-01-01")
    assert (found["told"], found["elsewhere"]) == (0, 2)


def test_an_account_that_refuses_does_not_hinder_the_other(person: Person, post: Dovecot) -> None:
    wrong = Mailbox(name="work", login="work@mail.example", port=post.port, password="left")
    person.configure(wrong, Mailbox(name="home", login=ROBIN, port=post.port))
    told = person.types("evaluate", "--mine", "--json")
    assert told.code == 77
    assert told.err.startswith('kitchenwall: work: cannot log in to "work"')
    assert json.loads(told.out)["mails"] == ALL
    assert person.json("evaluate", "--mine", "--account", "home")["mails"] == ALL


def test_nothing_is_said_to_the_server_that_could_change_anything(
    person: Person, post: Dovecot, proxy: Proxy
) -> None:
    person.configure(Mailbox(name="home", login=ROBIN, port=proxy.port))
    with window(person, "--sample", "4") as terminal:
        answered(terminal, 1, total=4)
        terminal.sees("mail 2 of 4")
        terminal.press("q")
        terminal.ends()
    assert set(proxy.names()) <= {
        "CAPABILITY", "ID", "LOGIN", "AUTHENTICATE", "ENABLE", "NAMESPACE", "LIST", "EXAMINE",
        "UID SEARCH", "UID FETCH", "NOOP", "LOGOUT", "RESPONSE",
    }  # fmt: skip
    fetched = [command.text for command in proxy.commands if b"BODY" in command.text]
    assert fetched
    assert all(b"BODY[" not in text for text in fetched)
    assert "EXAMINE" in proxy.names()
    assert not (person.state / "journal.db").exists()
