"""The IMAP mailbox against a real Dovecot: the contract, and what only a server can show."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from kitchenwall.adapters.imap.mailbox import ImapMailbox
from kitchenwall.adapters.imap.reading import WHOLE_MOST
from kitchenwall.adapters.imap.session import Server, connect
from kitchenwall.errors import AccessDenied, ConfigError, DraftRefused, Unavailable
from tests.contracts.mailbox_contract import MailboxContract, mail
from tests.servers.dovecot import Dovecot


class Password:
    def __init__(self, word: str = "secret") -> None:
        self._word = word

    def reveal(self) -> str:
        return self._word


def server_at(port: int, login: str, **more: object) -> Server:
    settings: dict[str, object] = {
        "account": "post",
        "host": "127.0.0.1",
        "port": port,
        "login": login,
        "security": "plain",
    }
    return Server(**{**settings, **more})  # type: ignore[arg-type]


def open_box(port: int, login: str, **more: object) -> ImapMailbox:
    client = connect(server_at(port, login, **more), Password())
    return ImapMailbox(client, account="post", login=login, folder_settings={})


@dataclass
class DovecotPlace:
    dovecot: Dovecot
    user: str
    box: ImapMailbox

    def deliver(self, raw: bytes, folder: str = "INBOX") -> int:
        return self.dovecot.deliver(self.user, raw, folder)


@pytest.fixture
def place(dovecot: Dovecot, mail_user: str) -> Iterator[DovecotPlace]:
    box = open_box(dovecot.port, mail_user)
    yield DovecotPlace(dovecot, mail_user, box)
    box.close()


class TestDovecotMailbox(MailboxContract):
    pass


def test_a_mail_that_comes_during_the_wait_ends_it(place: DovecotPlace) -> None:
    place.box.examine("INBOX")
    timer = threading.Timer(0.1, place.deliver, [mail(1)])
    timer.start()
    begun = time.monotonic()
    assert place.box.wait(20)
    assert time.monotonic() - begun < 5
    timer.join()


def test_a_mail_that_came_before_the_wait_ends_it_at_once(place: DovecotPlace) -> None:
    place.box.examine("INBOX")
    place.deliver(mail(1))
    begun = time.monotonic()
    assert place.box.wait(20)
    assert time.monotonic() - begun < 1


def test_a_wait_in_vain_ends_in_time_and_can_be_woken(place: DovecotPlace) -> None:
    place.box.examine("INBOX")
    assert not place.box.wait(0.05)
    threading.Timer(0.05, place.box.wake).start()
    begun = time.monotonic()
    assert place.box.wait(20)
    assert time.monotonic() - begun < 5


def test_of_a_large_mail_only_the_words_are_fetched(place: DovecotPlace) -> None:
    boundary = "edge"
    attachment = "QUJD" * 400_000
    raw = (
        f"From: jo@acorn.example\r\nSubject: large\r\nMessage-ID: <large@acorn.example>\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n--{boundary}\r\n'
        f"Content-Type: text/plain; charset=utf-8\r\n\r\nplain words\r\n--{boundary}\r\n"
        f"Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{attachment}\r\n--{boundary}--\r\n"
    ).encode()
    place.deliver(raw)
    place.deliver(mail(2))
    large, small = place.box.arrivals("INBOX", 1)
    assert large.size == len(raw) > WHOLE_MOST
    assert len(large.raw) < 2_000
    assert b"plain words" in large.raw
    assert b"<large@acorn.example>" in large.raw
    assert small.raw == mail(2)


def test_what_is_read_stays_unread(place: DovecotPlace) -> None:
    place.deliver(mail(1))
    with place.dovecot.client(place.user) as raw:
        before = raw.snapshot("INBOX")
        list(place.box.arrivals("INBOX", 1))
        place.box.wait(0)
        assert raw.snapshot("INBOX") == before


def test_thousands_of_mails_are_read_in_batches(place: DovecotPlace) -> None:
    place.dovecot.deliver_all(place.user, [mail(number) for number in range(1, 1203)])
    assert [arrival.cursor.uid for arrival in place.box.arrivals("INBOX", 1)] == list(
        range(1, 1203)
    )


def test_an_odd_folder_name_goes_back_as_it_came(place: DovecotPlace) -> None:
    for name in ("Entwürfe & mehr", 'with "quotes"', "back\\slash", "per%cent", "日本"):
        with place.dovecot.client(place.user) as raw:
            from imapclient.imap_utf7 import encode

            quoted = encode(name).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
            raw.cmd(b'CREATE "' + quoted + b'"')
    names = {folder.name for folder in place.box.folders()}
    for name in ("Entwürfe & mehr", 'with "quotes"', "per%cent", "日本"):
        assert name in names
        assert place.box.examine(name).messages == 0


def test_a_draft_into_a_missing_folder_is_refused_and_the_connection_goes_on(
    place: DovecotPlace,
) -> None:
    with pytest.raises(DraftRefused, match="set drafts_folder"):
        place.box.append_draft("Nowhere", mail(1))
    assert place.box.examine("INBOX").messages == 0


def test_a_wrong_password_needs_the_person(dovecot: Dovecot, mail_user: str) -> None:
    with pytest.raises(AccessDenied, match="refused the login") as caught:
        connect(server_at(dovecot.port, mail_user), Password("wrong-canary"))
    assert "canary" not in str(caught.value)


def test_nobody_at_the_port_is_only_away(mail_user: str) -> None:
    with pytest.raises(Unavailable, match="cannot connect"):
        connect(server_at(1, mail_user), Password())


def test_plain_text_goes_to_this_machine_only() -> None:
    with pytest.raises(ConfigError, match="plain text would show the password"):
        connect(server_at(143, "anna", host="192.0.2.1"), Password())


def test_tls_is_verified(tls_dovecot: Dovecot, mail_user: str) -> None:
    port = tls_dovecot.tls_port
    with pytest.raises(ConfigError, match="not to be trusted"):
        connect(server_at(port, mail_user, security="tls"), Password())
    box = open_box(port, mail_user, security="tls", ca_file=str(tls_dovecot.ca_file))
    assert box.examine("INBOX").messages == 0
    box.close()


def test_starttls_is_used_or_refused(
    tls_dovecot: Dovecot, dovecot: Dovecot, mail_user: str
) -> None:
    ca_file = str(tls_dovecot.ca_file)
    box = open_box(tls_dovecot.port, mail_user, security="starttls", ca_file=ca_file)
    tls_dovecot.deliver(mail_user, mail(1))
    assert [arrival.raw for arrival in box.arrivals("INBOX", 1)] == [mail(1)]
    assert not box.wait(0.05)
    box.close()
    with pytest.raises(ConfigError, match="does not offer STARTTLS"):
        connect(server_at(dovecot.port, mail_user, security="starttls"), Password())
