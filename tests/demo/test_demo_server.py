"""The demo's own server, and the raw connection that looks at it."""

from __future__ import annotations

import gc
import imaplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.demo.letterbox import Letterbox, letterbox
from kitchenwall.demo.proofs import FOLDERS, Proof, proofs
from kitchenwall.demo.server import mail_server
from kitchenwall.errors import Unavailable

NOW = datetime(2026, 3, 3, 9, 15, tzinfo=UTC)
MAIL = b"From: ida@acme.example\r\nSubject: hello\r\n\r\nHello.\r\n"


@pytest.fixture
def port() -> Iterator[int]:
    with mail_server("anna", "secret") as port:
        yield port


@pytest.fixture
def box(port: int) -> Iterator[Letterbox]:
    with letterbox(port, "anna", "secret") as box:
        for folder in FOLDERS:
            box.make(folder)
        yield box


@pytest.fixture
def client(port: int) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4("127.0.0.1", port, timeout=5) as client:
        client.login("anna", "secret")
        yield client


def test_a_delivered_mail_lies_in_the_inbox_without_a_flag(box: Letterbox) -> None:
    uid = box.deliver(MAIL, NOW)
    lying = box.lying("INBOX")
    assert list(lying) == [uid]
    assert lying[uid].data == MAIL
    assert lying[uid].flags == frozenset()


def test_looking_changes_nothing(box: Letterbox) -> None:
    box.deliver(MAIL, NOW)
    assert box.lying("INBOX") == box.lying("INBOX")


def test_an_empty_folder_holds_nothing(box: Letterbox) -> None:
    assert box.lying("Drafts") == {}


@pytest.mark.usefixtures("box")
def test_a_wrong_password_is_refused(port: int) -> None:
    with pytest.raises(Unavailable, match="does not answer"), letterbox(port, "anna", "wrong"):
        pass


def test_the_server_ends_although_somebody_is_connected_and_waits() -> None:
    before = set(threading.enumerate())
    with mail_server("anna", "secret") as port:
        client = imaplib.IMAP4("127.0.0.1", port, timeout=5)
        client.login("anna", "secret")
        client.select("INBOX")
        client.send(b"x IDLE\r\n")
        assert client.readline().startswith(b"+")
    left = {thread.name for thread in set(threading.enumerate()) - before}
    assert "demo mail server" not in left
    client.shutdown()
    with pytest.raises(OSError, match="refused"):
        imaplib.IMAP4("127.0.0.1", port, timeout=5)


def test_a_connection_that_is_in_use_outlives_the_garbage_collector(
    client: imaplib.IMAP4,
) -> None:
    for _ in range(5):
        gc.collect()
        assert client.noop()[0] == "OK"


def test_two_servers_live_side_by_side() -> None:
    with mail_server("anna", "a") as one, mail_server("ben", "b") as two:
        assert one != two


def told(box: Letterbox, folder: Path, uid: int = 0) -> list[bool]:
    """Which promises hold, for an INBOX in which one mail was delivered."""
    with open_journal(folder / "state") as journal:
        inbox = {} if not uid else {uid: box.lying("INBOX")[uid]}
        found: list[Proof] = list(proofs(inbox, box, journal, journal.writes()))
        return [proof.holds for proof in found]


def test_a_mailbox_that_nobody_touched_keeps_every_promise(box: Letterbox, tmp_path: Path) -> None:
    uid = box.deliver(MAIL, NOW)
    assert told(box, tmp_path, uid) == [True, True, True, True]


def test_a_mail_that_was_marked_as_read_is_noticed(
    box: Letterbox, client: imaplib.IMAP4, tmp_path: Path
) -> None:
    uid = box.deliver(MAIL, NOW)
    client.select("INBOX")
    client.uid("STORE", str(uid), "+FLAGS", r"(\Seen)")
    assert told(box, tmp_path, uid) == [False, True, True, True]


def test_a_mail_that_is_gone_is_noticed(
    box: Letterbox, client: imaplib.IMAP4, tmp_path: Path
) -> None:
    uid = box.deliver(MAIL, NOW)
    inbox = box.lying("INBOX")
    client.select("INBOX")
    client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
    client.expunge()
    with open_journal(tmp_path / "state") as journal:
        first = next(proofs(inbox, box, journal, ()))
    assert not first.holds


def test_a_draft_that_the_journal_does_not_know_is_noticed(
    box: Letterbox, client: imaplib.IMAP4, tmp_path: Path
) -> None:
    client.append("Drafts", r"(\Draft \Seen)", None, MAIL)
    assert told(box, tmp_path) == [True, False, False, True]


def test_something_in_sent_is_noticed(
    box: Letterbox, client: imaplib.IMAP4, tmp_path: Path
) -> None:
    client.append("Sent", r"(\Seen)", None, MAIL)
    assert told(box, tmp_path) == [True, True, True, False]
