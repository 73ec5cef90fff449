"""How an account logs in: with PLAIN, LOGIN, a token; and what a refusal means."""

import base64
import json

import pytest

from kitchenwall.adapters.imap.answers import command_refused, login_refused
from kitchenwall.adapters.imap.session import Client, Server, connect
from kitchenwall.errors import AccessDenied, Unavailable
from tests.servers.scripted import Conversation, Request, Script, ScriptedServer, serving


class Secret:
    def __init__(self, word: str) -> None:
        self._word = word

    def reveal(self) -> str:
        return self._word


def log_in(
    script: Script, *, mechanism: str = "", secret: str = "secret", login: str = "anna"
) -> Client:
    with ScriptedServer(script) as server:
        where = Server(
            account="post", host="127.0.0.1", port=server.port, login=login, security="plain",
            mechanism=mechanism, command_seconds=2, connect_seconds=2,
        )  # fmt: skip
        client = connect(where, Secret(secret))
        client.wire.close()
        return client


class Heard:
    """Takes what a client answers to a challenge, and says yes or reports an error first."""

    def __init__(self, report: bytes = b"") -> None:
        self.report = report
        self.answers: list[bytes] = []

    def __call__(self, conversation: Conversation, request: Request) -> None:
        conversation.send(b"+ \r\n")
        self.answers.append(base64.b64decode(conversation.line()))
        if self.report:
            conversation.send(b"+ " + base64.b64encode(self.report) + b"\r\n")
            self.answers.append(base64.b64decode(conversation.line()))
            conversation.send(request.tag + b" NO [AUTHENTICATIONFAILED] its day has passed\r\n")
        else:
            conversation.send(request.tag + b" OK logged in\r\n")


def test_plain_is_used_where_it_is_offered_so_any_password_can_be_said() -> None:
    heard = Heard()
    log_in(serving({"AUTHENTICATE": heard}), secret="grüner Käse")
    assert heard.answers == [b"\0anna\0" + "grüner Käse".encode()]


def test_login_is_used_where_plain_is_not_offered() -> None:
    said: list[bytes] = []

    def login(conversation: Conversation, request: Request) -> None:
        said.append(request.text)
        conversation.send(request.tag + b" OK logged in\r\n")

    script = serving({"LOGIN": login}, capabilities=b"IMAP4rev1 IDLE")
    log_in(script, login="anna b", secret='pass "word" \\')
    assert said == [b'LOGIN "anna b" "pass \\"word\\" \\\\"']


def test_a_password_that_login_cannot_say_is_explained() -> None:
    with pytest.raises(AccessDenied, match="only ASCII passwords") as caught:
        log_in(serving({}, capabilities=b"IMAP4rev1"), secret="grüner Käse")
    assert "Käse" not in str(caught.value)


@pytest.mark.parametrize(
    ("mechanism", "first"),
    [
        ("xoauth2", b"user=anna\1auth=Bearer token-1\1\1"),
        ("oauthbearer", b"n,a=anna,\1auth=Bearer token-1\1\1"),
    ],
)
def test_a_token_is_shown_as_the_mechanism_wants_it(mechanism: str, first: bytes) -> None:
    heard = Heard()
    log_in(serving({"AUTHENTICATE": heard}), mechanism=mechanism, secret="token-1")
    assert heard.answers == [first]


@pytest.mark.parametrize(("mechanism", "second"), [("xoauth2", b""), ("oauthbearer", b"\1")])
def test_an_error_report_is_answered_and_the_refusal_heard(mechanism: str, second: bytes) -> None:
    heard = Heard(json.dumps({"status": "401"}).encode())
    with pytest.raises(AccessDenied, match="its day has passed") as caught:
        log_in(serving({"AUTHENTICATE": heard}), mechanism=mechanism, secret="token-canary")
    assert heard.answers[1] == second
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        ("[UNAVAILABLE] try later", 300.0),
        ("[LIMIT] too many logins", 300.0),
        ("Request is throttled. Suggested Backoff Time: 299961 milliseconds", 299.961),
        ("Too many simultaneous connections", 300.0),
        ("User is authenticated but not connected.", 300.0),
    ],
)
def test_a_server_that_is_busy_is_tried_again_later(said: str, wait: float) -> None:
    error = login_refused(said, "post")
    assert isinstance(error, Unavailable)
    assert error.retry_after == wait


@pytest.mark.parametrize(
    "said", ["[AUTHENTICATIONFAILED] no", "[EXPIRED] too old", "Invalid credentials"]
)
def test_a_server_that_refuses_needs_the_person(said: str) -> None:
    error = login_refused(said, "post")
    assert isinstance(error, AccessDenied)
    assert 'kitchenwall resume "post"' in str(error)


def test_what_a_server_says_stays_on_one_line() -> None:
    error = command_refused("read mail", "NO \x1b[31m red\r\nLOG: forged")
    assert str(error) == "cannot read mail: the server says: NO [31m red LOG: forged"
