import imaplib
import ssl

import pytest

from bench.mailboxes import fill, mails
from tests.servers.client import Gone, RawClient, Refused
from tests.servers.dovecot import Dovecot, Setup

MAIL = b"From: Ines <ines@clay.example>\r\nSubject: Pottery\r\n\r\nGr\xfc\xdfe\r\n"
pytestmark = pytest.mark.server


def test_a_delivered_mail_is_there_byte_for_byte(dovecot: Dovecot, mail_user: str) -> None:
    uid = dovecot.deliver(mail_user, MAIL)
    with dovecot.client(mail_user) as client:
        assert client.mails() == [MAIL]
        assert list(client.snapshot()) == [uid]


def test_the_standard_library_can_speak_with_it(dovecot: Dovecot, mail_user: str) -> None:
    with imaplib.IMAP4("127.0.0.1", dovecot.port, timeout=5) as imap:
        assert imap.login(mail_user, "secret")[0] == "OK"


def test_a_wrong_password_is_refused_and_the_next_login_works(
    dovecot: Dovecot, mail_user: str
) -> None:
    with RawClient(dovecot.port) as client:
        with pytest.raises(Refused, match="AUTHENTICATIONFAILED"):
            client.login(mail_user, "wrong")
        client.login(mail_user)


def test_special_use_folders_are_listed(dovecot: Dovecot, mail_user: str) -> None:
    with dovecot.client(mail_user) as client:
        listed = b"\n".join(client.cmd(b'LIST "" "*"'))
    for name in (b"Drafts", b"Sent", b"Archive", b"Trash", b"Junk"):
        assert b"\\%b) " % name in listed


def test_a_snapshot_shows_every_change_of_flags(dovecot: Dovecot, mail_user: str) -> None:
    uid = dovecot.deliver(mail_user, MAIL)
    with dovecot.client(mail_user) as client:
        before = client.snapshot()
        client.cmd(b"SELECT INBOX")
        client.cmd(b"UID STORE %d +FLAGS (\\Seen kw)" % uid)
        after = client.snapshot()
    assert before[uid][0] == frozenset()
    assert after[uid][0] == {b"\\Seen", b"kw"}
    assert after[uid][1] > before[uid][1] > 0


def test_reading_mails_changes_nothing(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver_all(mail_user, [MAIL, MAIL])
    with dovecot.client(mail_user) as client:
        before = client.snapshot()
        client.mails()
        assert client.snapshot() == before


def test_resetting_uidvalidity_makes_old_uids_void(dovecot: Dovecot, mail_user: str) -> None:
    dovecot.deliver_all(mail_user, [MAIL] * 3, "Drafts")
    with dovecot.client(mail_user) as client:
        before = client.status("Drafts")
    dovecot.reset_uidvalidity(mail_user, "Drafts")
    with dovecot.client(mail_user) as client:
        after = client.status("Drafts")
    assert after["UIDVALIDITY"] != before["UIDVALIDITY"]
    assert after["MESSAGES"] == 3


def test_a_literal_holds_a_folder_name(dovecot: Dovecot, mail_user: str) -> None:
    with dovecot.client(mail_user) as client:
        client.cmd(b"CREATE {}", b"Two words")
        assert b"Two words" in b"".join(client.cmd(b'LIST "" {}', b"Two*"))
        assert client.append("Two words", MAIL, b"\\Draft") == 1


def test_tls_and_starttls_verify_against_the_own_authority(
    tls_dovecot: Dovecot, mail_user: str
) -> None:
    with RawClient(tls_dovecot.tls_port, ca_file=tls_dovecot.ca_file) as client:
        client.login(mail_user)
    with RawClient(tls_dovecot.port) as client:
        client.starttls(tls_dovecot.ca_file)
        client.login(mail_user)


def test_a_stranger_does_not_trust_the_certificate(tls_dovecot: Dovecot) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        imaplib.IMAP4_SSL(
            "127.0.0.1",
            tls_dovecot.tls_port,
            ssl_context=ssl.create_default_context(),
            timeout=5,
        )


@pytest.mark.parametrize(
    ("setup", "complaint"),
    [
        (Setup(tls=True, days=-1), "expired"),
        (Setup(tls=True, names=("elsewhere.example",)), "Hostname mismatch"),
    ],
)
def test_a_bad_certificate_can_be_had(setup: Setup, complaint: str) -> None:
    with Dovecot(setup) as server, pytest.raises(ssl.SSLCertVerificationError, match=complaint):
        RawClient(server.tls_port, ca_file=server.ca_file)


def test_a_server_is_made_to_measure() -> None:
    setup = Setup(
        folders={"INBOX.Entwürfe": "\\Drafts", "INBOX.A&B": ""},
        prefix="INBOX.",
        separator=".",
        without=frozenset({"IDLE", "UIDPLUS"}),
        passwords={"anna": "geheim"},
    )
    with Dovecot(setup) as server:
        with server.client("anna", "geheim") as client:
            offered = b" ".join(client.cmd(b"CAPABILITY")).split()
            assert not {b"IDLE", b"UIDPLUS"} & set(offered)
            assert b"MOVE" in offered
            listed = client.cmd(b'LIST "" "*"')
            assert any(b"\\Drafts" in line and b"INBOX.Entw&APw-rfe" in line for line in listed)
            client.append("INBOX.Entwürfe", MAIL)
            assert client.status("INBOX.Entwürfe")["MESSAGES"] == 1
        assert list(server.maildir("anna", "INBOX.Entwürfe").glob("[cn]*/*.M*"))
        server.set_password("anna", "anders")
        with RawClient(server.port) as client, pytest.raises(Refused):
            client.login("anna", "geheim")
        server.client("anna", "anders").close()


def test_a_restart_keeps_port_and_mail_and_a_kill_leaves_nobody() -> None:
    with Dovecot() as server:
        server.deliver("anna", MAIL)
        with server.client("anna") as witness:
            server.restart()
            with pytest.raises(Gone):
                witness.line()
        with server.client("anna") as client:
            assert client.mails() == [MAIL]
            server.kill()
            with pytest.raises(Gone):
                client.line()
        with pytest.raises(ConnectionRefusedError):
            server.client("anna")
    assert not server.folder.exists()


def test_a_bench_mailbox_is_read_back_in_its_order(dovecot: Dovecot, mail_user: str) -> None:
    made = list(mails(200, seed=7))
    assert fill(dovecot, mail_user, 200, seed=7) == sum(m.kind == "rejection" for m in made) > 0
    with dovecot.client(mail_user) as client:
        assert client.mails() == [mail.raw for mail in made]
        newest = client.cmd(b"UID FETCH 200 (INTERNALDATE)")[0]
    assert made[-1].received.strftime("%d-%b-%Y %H:%M:%S").encode() in newest
