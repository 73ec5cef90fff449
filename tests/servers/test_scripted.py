import contextlib
import imaplib
import re
import socket
import time
from pathlib import Path

import pytest

from tests.servers.account import sample
from tests.servers.client import Gone, RawClient, Refused
from tests.servers.hostile import hostile_servers
from tests.servers.scripted import (
    Conversation,
    Request,
    ScriptedServer,
    recovering,
    serving,
)
from tests.servers.tls import issue

HOSTILE = dict(hostile_servers())
LOGIN, EXAMINE = b'LOGIN "anna" "secret"', b"EXAMINE INBOX"
MAIL = b"Message-ID: <a@home.example>\r\nX-Draft-Ref: a\r\n\r\nThank you\r\n"
ROAD = {
    "greeting": [],
    "capabilities": [b"CAPABILITY", LOGIN],
    "capability": [b"CAPABILITY"],
    "login": [LOGIN],
    "authenticate": [b"AUTHENTICATE XOAUTH2 dXNlcj1hbm5h", b""],
    "list": [LOGIN, b'LIST "" "*"'],
    "examine": [LOGIN, EXAMINE],
    "status": [LOGIN, b"STATUS Drafts (MESSAGES UIDNEXT UIDVALIDITY)"],
    "fetch": [LOGIN, EXAMINE, b"UID FETCH 1:* (FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[])"],
    "search": [LOGIN, EXAMINE, b"UID SEARCH UID 1:*"],
    "idle": [LOGIN, EXAMINE, b"IDLE", b"DONE"],
    "append": [LOGIN, b"APPEND Drafts (\\Draft) {%d}" % len(MAIL), MAIL],
    "noop": [LOGIN, b"NOOP"],
    "logout": [b"LOGOUT"],
    "mailbox": [LOGIN, EXAMINE, b"UID FETCH 1:* (BODYSTRUCTURE BODY.PEEK[HEADER])"],
    "starttls": [b"STARTTLS"],
}
UNTAGGED = (b"DONE", MAIL, b"")


def heard(name: str, server: ScriptedServer, patience: float = 0.04) -> bytes:
    """Walk the road to the hostile command; what the server says there, up to 100 kB of it."""
    said = b""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port)) as sock:
        sock.settimeout(patience)
        said = answer(sock, b"* ")
        for number, step in enumerate(ROAD[name.split("/")[0]]):
            if step in UNTAGGED and re.match(rb"a\d (NO|BAD)", said):
                break
            tag = b"" if step in UNTAGGED else b"a%d " % number
            sock.sendall(tag + step + b"\r\n")
            said = answer(sock, tag or b"a%d " % (number - 1)) or said
    return said


def answer(sock: socket.socket, tag: bytes) -> bytes:
    """Read until a tagged line, "+", the end, silence, or too much."""
    said, until = b"", time.monotonic() + 0.3
    with contextlib.suppress(TimeoutError):
        while len(said) < 100_000 and time.monotonic() < until:
            chunk = sock.recv(65536)
            said += chunk
            last = said[said[:-1].rfind(b"\n") + 1 :]
            if not chunk or (last.startswith((tag, b"+")) and said.endswith(b"\n")):
                break
    return said


# honest where no script says otherwise


def test_without_a_script_the_server_is_honest() -> None:
    with ScriptedServer(serving()) as server, RawClient(server.port) as client:
        client.login("anna")
        assert client.status("INBOX") == {"MESSAGES": 3, "UIDNEXT": 4, "UIDVALIDITY": 7000}
        assert client.mails() == [sample(0), sample(1), sample(2)]
        assert client.cmd(b"UID SEARCH UID 2:*")[0] == b"* SEARCH 2 3"
        assert client.append("Drafts", MAIL, b"\\Draft \\Seen") == 1
        assert client.snapshot("Drafts") == {1: (frozenset({b"\\Draft", b"\\Seen"}), 0)}
        with pytest.raises(Refused, match="TRYCREATE"):
            client.append("Nowhere", MAIL)
        assert server.account.drafts.mails[0].raw == MAIL
    assert server.names()[:2] == ["LOGIN", "STATUS"]


def test_the_standard_library_understands_the_honest_server() -> None:
    with (
        ScriptedServer(serving()) as server,
        imaplib.IMAP4("127.0.0.1", server.port, timeout=3) as imap,
    ):
        imap.login("anna", "secret")
        assert imap.select(readonly=True) == ("OK", [b"3"])
        kind, data = imap.uid("FETCH", "2", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        assert kind == "OK"
        assert data[0][1] == b"Subject: Your application at Atelier 1\r\n\r\n"
        assert imap.uid("SEARCH", "HEADER", "Message-ID", '"<2@atelier2.example>"')[1] == [b"3"]
        assert "Drafts" in str(imap.list())


def test_idle_announces_what_comes() -> None:
    with ScriptedServer(serving()) as server, RawClient(server.port) as client:
        client.login("anna").cmd(EXAMINE)
        client.send(b"IDLE")
        assert client.line().startswith(b"+")
        server.account.inbox.add(sample(9))
        assert client.line(timeout=2) == b"* 4 EXISTS"
        client.raw(b"DONE\r\n")
        assert b" OK" in client.line()


def test_a_handler_strikes_at_its_command_alone() -> None:
    def no_room(conversation: Conversation, request: Request) -> None:
        conversation.no(request, b"[OVERQUOTA] full")

    with ScriptedServer(serving({"APPEND": no_room})) as server, RawClient(server.port) as client:
        client.login("anna")
        with pytest.raises(Refused, match="OVERQUOTA"):
            client.append("Drafts", MAIL)
        client.cmd(b"NOOP")
        assert not server.account.drafts.mails


def test_a_script_may_wait_for_a_command() -> None:
    def script(conversation: Conversation) -> None:
        conversation.send(b"* OK hello\r\n")
        conversation.bad(conversation.expect("NOOP"))
        conversation.close()

    with ScriptedServer(script) as server, RawClient(server.port) as client:
        client.login("anna")
        with pytest.raises(Refused, match="BAD"):
            client.cmd(b"NOOP")
        with pytest.raises(Gone):
            client.line()


def test_a_server_may_recover() -> None:
    with ScriptedServer(recovering(HOSTILE["login/eof"])) as server:
        with RawClient(server.port) as client, pytest.raises(Gone):
            client.login("anna")
        with RawClient(server.port) as client:
            client.login("anna")
        assert server.connections == 2


def test_a_mistake_in_a_script_is_not_hidden() -> None:
    def script(conversation: Conversation) -> None:
        raise LookupError("a slip")

    server = ScriptedServer(script)
    with pytest.raises(Gone):
        RawClient(server.port)
    with pytest.raises(LookupError, match="a slip"):
        server.close()


def test_starttls_is_real_and_injection_comes_before_it(tmp_path: Path) -> None:
    certificates = issue(tmp_path)
    injecting = ScriptedServer(HOSTILE["starttls/injection"], certificates=certificates)
    with injecting as server, RawClient(server.port) as client:
        client.send(b"STARTTLS")
        assert b" OK" in client.line()
        assert client.line() == b"* CAPABILITY IMAP4rev1 X-INJECTED"
    with (
        ScriptedServer(serving(), certificates=certificates) as server,
        RawClient(server.port) as client,
    ):
        client.starttls(certificates.ca_file)
        client.login("anna")


# hostile


def test_there_are_many_hostile_servers_and_every_family_is_known() -> None:
    assert len(HOSTILE) > 300
    assert {name.split("/")[0] for name in HOSTILE} == set(ROAD)


@pytest.mark.parametrize("family", ROAD)
def test_every_hostile_server_plays_its_script_and_ends(family: str, tmp_path: Path) -> None:
    certificates = issue(tmp_path) if family == "starttls" else None
    for name, script in hostile_servers(family):
        start = time.monotonic()
        with ScriptedServer(script, certificates=certificates, pace=0.001) as server:
            heard(name, server, patience=0.02)
        assert time.monotonic() - start < 2, name


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("greeting/eof", rb"\Z"),
        ("greeting/preauth", rb"\* PREAUTH"),
        ("greeting/http", rb"HTTP/1.1 400"),
        ("greeting/half-a-line", rb"\* OK \[CAPABI\Z"),
        ("greeting/endless-line", rb"[^\n]{99000}"),
        ("login/bye", rb"\* BYE [^\n]*\n\Z"),
        ("login/wrong-tag", rb"ZZ99 OK"),
        ("login/no-backoff-time", rb"a0 NO .*Backoff Time: 2961"),
        ("login/ok-without-text", rb"a0 OK\r\n\Z"),
        ("authenticate/xoauth2-400", rb"a0 NO \[AUTHENTICATIONFAILED\]"),
        ("capability/no-line", rb"a0 OK"),
        ("list/carriage-return-in-a-name", rb'"two\rA9 DELETE INBOX"\r\n'),
        ("list/two-drafts", rb"(?s)\\Drafts.*\\Drafts"),
        ("list/no-drafts", rb"(?s)(?!.*Drafts).*Sent"),
        ("list/no-special-use", rb"(?s)(?!.*\\Drafts).*Drafts"),
        ("list/literal-bomb", rb"(?s).*\{2000000000\}\r\nxxx"),
        ("examine/uidvalidity-missing", rb"(?s)(?!.*UIDVALIDITY).*UIDNEXT"),
        ("examine/uidvalidity-zero", rb"(?s).*\[UIDVALIDITY 0\]"),
        ("examine/uidvalidity-changes", rb"(?s).*\[UIDVALIDITY 7001\]"),
        ("examine/exists-negative", rb"(?s).*\* -1 EXISTS"),
        ("status/uidnext-missing", rb"\* STATUS \"Drafts\" \(MESSAGES 0 UIDVALIDITY 7000\)"),
        ("status/name-as-literal", rb"\* STATUS \{6\}\r\nDrafts \("),
        ("fetch/no-body", rb"(?s)(?!.*BODY).*INTERNALDATE"),
        ("fetch/body-is-nil", rb"(?s)(?!.*Dear).*BODY\[\] NIL\)"),
        ("fetch/body-is-quoted", rb"(?s)(?!.*\{\d).*BODY\[\] \"From: [^\r\n]*\"\)"),
        ("fetch/wrong-uid", rb"\* 1 FETCH \(UID 991 "),
        ("fetch/no-uid", rb"(?!.*UID)\* 1 FETCH \(FLAGS"),
        ("fetch/expunge-in-the-middle", rb"(?s)\* 1 FETCH .*\* 1 EXPUNGE\r\n\* 2 FETCH .*a2 OK"),
        ("fetch/every-row-twice", rb"(?s)(.*\* 1 FETCH){2}"),
        ("fetch/literal-bomb", rb"(?s).*\{2000000000\}\r\nxxx"),
        ("fetch/literal-cut", rb"(?s)(?!.*a2 OK).*\}\r\n.{17}\Z"),
        ("fetch/structure-deep", rb".*\({400}\"TEXT"),
        ("fetch/eof", rb"(?!.*FETCH)"),
        ("fetch/nul-bytes", rb"(?s).*De\0ar"),
        ("search/no-line", rb"a2 OK"),
        ("idle/exists-with-plus", rb"(?s).*a2 OK"),
        ("idle/bad", rb"a2 BAD"),
        ("idle/done-bad", rb"a2 BAD"),
        ("idle/done-unanswered", rb"\+"),
        ("append/no-overquota", rb"a1 NO \[OVERQUOTA\]"),
        ("append/plus-then-eof", rb"\+ go on\r\n\Z"),
        ("append/ok-without-uid", rb"(?!.*APPENDUID).*a1 OK"),
        ("append/appenduid-unknown", rb"a1 OK \[APPENDUID 7000 555\]"),
        ("starttls/ok-then-plain", rb"a0 OK begin TLS\r\n"),
    ],
)
def test_a_hostile_server_does_what_its_name_says(name: str, says: bytes) -> None:
    with ScriptedServer(HOSTILE[name]) as server:
        said = heard(name, server)
    assert re.search(says, said), said[:500]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("eof-in-the-literal", 0),
        ("eof-not-stored", 0),
        ("ok-not-stored", 0),
        ("ok-then-gone", 0),
        ("no-overquota", 0),
        ("eof-but-stored", 1),
        ("no-but-stored", 1),
        ("appenduid-unknown", 1),
        ("stored-twice", 2),
    ],
)
def test_what_an_append_left_behind_is_known(name: str, kept: int) -> None:
    with ScriptedServer(HOSTILE[f"append/{name}"]) as server:
        heard(f"append/{name}", server)
        assert len(server.account.drafts.mails) == kept


@pytest.mark.parametrize(
    "name",
    ["before-plus", "with-plus", "in-the-gap", "split", "octet-by-octet", "after-still-here"],
)
def test_a_mail_that_comes_in_idle_is_really_there(name: str) -> None:
    with ScriptedServer(HOSTILE[f"idle/exists-{name}"]) as server, RawClient(server.port) as client:
        client.login("anna").cmd(EXAMINE)
        client.send(b"IDLE")
        lines = [client.line()]
        while name != "in-the-gap" and not {b"* 4 EXISTS"} & set(lines):
            lines.append(client.line(timeout=2))
        client.raw(b"DONE\r\n")
        while b" OK done" not in client.line(timeout=2):
            pass
        assert len(client.mails()) == 4
    assert server.names() == ["LOGIN", "EXAMINE", "IDLE", "EXAMINE", "UID FETCH"]


def test_the_standard_library_notices_a_bye() -> None:
    with ScriptedServer(HOSTILE["noop/bye"]) as server:
        imap = imaplib.IMAP4("127.0.0.1", server.port, timeout=3)
        imap.login("anna", "secret")
        with pytest.raises(imaplib.IMAP4.abort):
            imap.noop()
        imap.shutdown()
