import imaplib
import itertools
import time

import pytest

from tests.servers.client import Gone, RawClient, Refused
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import CONNECT, Action, Fault, Place, Proxy

MAIL = b"Subject: A trap\r\n\r\nx1 LOGOUT\r\nx2 DELETE INBOX\r\n"
pytestmark = pytest.mark.server


def connected(proxy: Proxy, user: str) -> RawClient:
    return RawClient(proxy.port, timeout=3).login(user)


def kept(dovecot: Dovecot, user: str) -> int:
    with dovecot.client(user) as client:
        return client.status("Drafts")["MESSAGES"]


def test_commands_are_recorded_and_mail_is_not_taken_for_commands(
    proxy: Proxy, mail_user: str
) -> None:
    with connected(proxy, mail_user) as client:
        client.append("Drafts", MAIL, b"\\Draft")
        client.cmd(b"examine Drafts")
        client.cmd(b"uid fetch 1 (FLAGS)")
    assert proxy.names() == ["LOGIN", "APPEND", "EXAMINE", "UID FETCH"]


def test_words_literals_sizes_and_answers_are_kept(proxy: Proxy, mail_user: str) -> None:
    with connected(proxy, mail_user) as client:
        client.append("Drafts", MAIL, b"\\Draft")
    append = proxy.commands[1]
    assert append.words == ("APPEND", "Drafts", "(\\Draft)", f"{{{len(MAIL)}}}")
    assert append.literals == [MAIL]
    assert append.size == len(append.tag) + 1 + len(append.text) + 2 + len(MAIL) + 2
    assert b"APPENDUID" in append.answered


def test_two_literals_belong_to_one_command(proxy: Proxy, mail_user: str) -> None:
    with connected(proxy, mail_user) as client:
        client.cmd(b"CREATE Young")
        client.cmd(b"RENAME {} {}", b"Young", b"Old")
    assert proxy.commands[-1].literals == [b"Young", b"Old"]
    assert proxy.names() == ["LOGIN", "CREATE", "RENAME"]


def test_a_refused_literal_is_not_waited_for(proxy: Proxy, mail_user: str) -> None:
    with connected(proxy, mail_user) as client:
        with pytest.raises(Refused, match="TRYCREATE"):
            client.append("Nowhere", MAIL)
        client.cmd(b"NOOP")
    assert proxy.names() == ["LOGIN", "APPEND", "NOOP"]


def test_done_and_the_answer_to_a_challenge_are_no_commands(proxy: Proxy, mail_user: str) -> None:
    with imaplib.IMAP4("127.0.0.1", proxy.port, timeout=5) as imap:
        imap.authenticate("PLAIN", lambda _: f"\0{mail_user}\0secret".encode())
        imap.select()
        imap.send(b"z1 IDLE\r\n")
        imap.readline()
        imap.send(b"DONE\r\n")
        assert imap.readline().startswith(b"z1 OK")
    wanted = ["CAPABILITY", "AUTHENTICATE", "RESPONSE", "SELECT", "IDLE", "DONE", "LOGOUT"]
    assert proxy.names() == wanted


def test_the_moment_a_mail_is_announced_is_known(
    proxy: Proxy, dovecot: Dovecot, mail_user: str
) -> None:
    with connected(proxy, mail_user) as client:
        client.cmd(b"EXAMINE INBOX")
        before = time.monotonic()
        dovecot.deliver(mail_user, MAIL)
        client.cmd(b"NOOP")
    announced = proxy.said(b"* 1 EXISTS")
    assert len(announced) == 1
    assert before < announced[0].at < time.monotonic()


def test_literals_are_not_taken_for_lines_of_the_server(
    proxy: Proxy, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, b"Subject: x\r\n\r\n* 7 EXISTS\r\n")
    with connected(proxy, mail_user) as client:
        client.mails()
    assert not proxy.said(b"* 7 EXISTS")


@pytest.mark.parametrize(
    ("place", "offset", "stored"),
    [
        (Place.COMMAND, 0, 0),
        (Place.COMMAND, 9, 0),
        (Place.LITERAL, 0, 0),
        (Place.LITERAL, 20, 0),
        (Place.LITERAL, len(MAIL), 0),
        (Place.END, 0, 1),
        (Place.ANSWER, 0, 0),
        (Place.ANSWER, 3, 0),
        (Place.REPLY, 0, 1),
        (Place.REPLY, 5, 1),
    ],
)
def test_an_append_is_cut_where_the_test_says(
    dovecot: Dovecot, mail_user: str, place: Place, offset: int, stored: int
) -> None:
    fault = Fault(place=place, command="APPEND", offset=offset)
    with Proxy(dovecot.port, fault) as proxy, connected(proxy, mail_user) as client:
        with pytest.raises((Gone, OSError)):
            client.append("Drafts", MAIL)
        assert proxy.fired == [fault]
    until = time.monotonic() + 3
    while kept(dovecot, mail_user) < stored and time.monotonic() < until:
        time.sleep(0.01)
    assert kept(dovecot, mail_user) == stored


def test_a_cut_reply_gives_the_client_exactly_so_many_octets(
    dovecot: Dovecot, mail_user: str
) -> None:
    fault = Fault(place=Place.REPLY, command="NOOP", offset=5)
    with Proxy(dovecot.port, fault) as proxy, connected(proxy, mail_user) as client:
        client.send(b"NOOP")
        with pytest.raises(Gone, match=r"^r2 OK$"):
            client.line()


def test_offsets_can_be_counted_until_nothing_fires(dovecot: Dovecot, mail_user: str) -> None:
    for offset in itertools.count():
        fault = Fault(place=Place.COMMAND, command="NOOP", offset=offset)
        with Proxy(dovecot.port, fault) as proxy, connected(proxy, mail_user) as client:
            try:
                client.cmd(b"NOOP")
            except (Gone, OSError):
                continue
            assert not proxy.fired
            break
    assert offset == len(b"r2 NOOP\r\n") + 1


def test_the_second_of_its_name_is_struck_across_connections(
    dovecot: Dovecot, mail_user: str
) -> None:
    fault = Fault(place=Place.COMMAND, command="LOGIN", occurrence=2)
    with Proxy(dovecot.port, fault) as proxy:
        connected(proxy, mail_user).close()
        with RawClient(proxy.port) as client, pytest.raises((Gone, OSError)):
            client.login(mail_user)
        connected(proxy, mail_user).close()
        assert proxy.connections == 3


def test_a_reset_is_heard_as_a_reset(dovecot: Dovecot, mail_user: str) -> None:
    fault = Fault(place=Place.END, command="NOOP", action=Action.RESET)
    with (
        Proxy(dovecot.port, fault) as proxy,
        connected(proxy, mail_user) as client,
        pytest.raises(ConnectionResetError),
    ):
        client.cmd(b"NOOP")


def test_a_black_hole_neither_answers_nor_closes(dovecot: Dovecot, mail_user: str) -> None:
    fault = Fault(place=Place.ANSWER, command="NOOP", action=Action.HOLD)
    with Proxy(dovecot.port, fault) as proxy, connected(proxy, mail_user) as client:
        client.send(b"NOOP")
        proxy.wait_until(lambda: proxy.fired)
        with pytest.raises(TimeoutError):
            client.line(timeout=0.1)
        connected(proxy, mail_user).close()


def test_a_quiet_connection_can_be_cut_held_or_reset(proxy: Proxy, mail_user: str) -> None:
    with connected(proxy, mail_user) as client:
        proxy.cut_now()
        with pytest.raises(Gone):
            client.line()
    with connected(proxy, mail_user) as client:
        proxy.reset_now()
        with pytest.raises(ConnectionResetError):
            client.line()
    with connected(proxy, mail_user) as client:
        proxy.hold_now()
        client.send(b"NOOP")
        with pytest.raises(TimeoutError):
            client.line(timeout=0.1)


def test_a_connection_can_be_cut_before_its_greeting(dovecot: Dovecot) -> None:
    fault = Fault(place=Place.ANSWER, command=CONNECT)
    with Proxy(dovecot.port, fault) as proxy:
        with pytest.raises((Gone, OSError)):
            RawClient(proxy.port)
        RawClient(proxy.port).close()


def test_a_round_trip_takes_its_time(dovecot: Dovecot, mail_user: str) -> None:
    with Proxy(dovecot.port, rtt_ms=60) as proxy, connected(proxy, mail_user) as client:
        start = time.monotonic()
        client.cmd(b"NOOP")
        assert 0.06 <= time.monotonic() - start < 1


def test_single_octets_arrive_as_the_same_answer(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver(mail_user, MAIL)
    with Proxy(dovecot.port, segment=1) as proxy, connected(proxy, mail_user) as client:
        assert client.mails() == [MAIL]


def test_a_server_that_is_down_comes_back(dovecot: Dovecot, mail_user: str) -> None:
    with Proxy(dovecot.port) as proxy:
        proxy.down = True
        with pytest.raises((Gone, OSError)):
            connected(proxy, mail_user)
        proxy.down = False
        connected(proxy, mail_user).close()


def test_tls_is_read_along(tls_dovecot: Dovecot, mail_user: str) -> None:
    assert tls_dovecot.certificates
    with Proxy(tls_dovecot.port, certificates=tls_dovecot.certificates) as proxy:
        with RawClient(proxy.port, ca_file=tls_dovecot.ca_file) as client:
            client.login(mail_user)
            big = b"Subject: big\r\n\r\n" + b"x" * 500_000
            client.append("Drafts", big)
            assert client.mails("Drafts") == [big]
        assert proxy.names() == ["LOGIN", "APPEND", "EXAMINE", "UID FETCH"]
