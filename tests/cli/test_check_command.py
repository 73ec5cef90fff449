"""`check` says what every account's server has, what is missing, and changes nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.person import PASSWORD, Mailbox, Person, rejection
from tests.servers.dovecot import Dovecot, Setup, free_port
from tests.servers.scripted import (
    Conversation,
    Handler,
    Request,
    Script,
    ScriptedServer,
    serving,
)

ROBIN = "robin@mail.example"
CANARY = 'Wellensittich "4711" im  Käfig'


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path / "home")


@pytest.fixture(scope="module")
def bare() -> Iterator[Dovecot]:
    """A server with passwords, and without a folder that is for drafts."""
    folders = {"Sent": "\\Sent", "Briefe": ""}
    with Dovecot(Setup(folders=folders, passwords={ROBIN: "right"})) as server:
        yield server


def test_a_healthy_account_is_fine_and_stays_as_it_is(
    person: Person, dovecot: Dovecot, mail_user: str
) -> None:
    dovecot.deliver(mail_user, rejection(mail_user, "Potter"))
    person.configure(Mailbox(name="home", login=mail_user, port=dovecot.port))
    with dovecot.client(mail_user) as client:
        before = client.snapshot(), client.status("Drafts")
    out = person.reads("check")
    assert out.splitlines()[0] == "home: fine"
    for words in ("INBOX (1)", "Drafts", "IDLE, UIDPLUS, SPECIAL-USE", "templates: fine"):
        assert words in out
    with dovecot.client(mail_user) as client:
        assert (client.snapshot(), client.status("Drafts")) == before
    assert not person.state.exists()


def test_programs_get_the_same_as_json(person: Person, dovecot: Dovecot, mail_user: str) -> None:
    person.configure(Mailbox(name="home", login=mail_user, port=dovecot.port))
    told = person.json("check")
    (home,) = told["accounts"]
    assert (home["account"], home["code"], home["trouble"]) == ("home", 0, "")
    assert home["uses"]["drafts"] == "Drafts"
    assert home["folders"] == {"INBOX": 0}
    assert "IDLE" in home["capabilities"]
    assert told["templates"] == []


def test_a_refused_password_is_77_and_the_others_are_looked_at(
    person: Person, dovecot: Dovecot, bare: Dovecot, mail_user: str
) -> None:
    wrong = Mailbox(name="work", login=ROBIN, port=bare.port, password="left")
    person.configure(wrong, Mailbox(name="home", login=mail_user, port=dovecot.port))
    told = person.types("check")
    assert told.code == 77
    assert 'work: cannot log in to "work": the server refused the login' in told.out
    assert "home: fine" in told.out


def test_a_password_that_is_not_there_is_77(person: Person, dovecot: Dovecot) -> None:
    box = Mailbox(name="home", login=ROBIN, port=dovecot.port)
    person.configure(box)
    person.keep_password("home", "").unlink()
    told = person.types("check")
    assert told.code == 77
    assert "home.password: No such file or directory" in told.out
    person.keep_password("home", PASSWORD).chmod(0o644)
    told = person.types("check")
    assert told.code == 77
    assert "chmod 600" in told.out


def test_a_mailbox_without_drafts_folder_is_78_and_names_what_there_is(
    person: Person, bare: Dovecot
) -> None:
    box = Mailbox(name="home", login=ROBIN, port=bare.port, password="right")
    person.configure(box)
    told = person.types("check")
    assert told.code == 78
    assert "home: no folder is clearly for drafts; set drafts_folder" in told.out
    assert "Briefe" in told.out
    assert "drafts       none found" in told.out


@pytest.mark.parametrize(
    ("lines", "missing"),
    [('folders = ["INBOX", "Jobs"]', "Jobs"), ('drafts_folder = "Entwürfe"', "Entwürfe")],
)
def test_a_folder_that_is_not_there_is_78_and_named(
    person: Person, dovecot: Dovecot, mail_user: str, lines: str, missing: str
) -> None:
    person.configure(Mailbox(name="home", login=mail_user, port=dovecot.port, lines=lines))
    told = person.types("check")
    assert told.code == 78
    assert f'"{missing}"' in told.out.splitlines()[0]
    assert "Archive" in told.out


def test_a_server_that_is_away_is_75(person: Person) -> None:
    person.configure(Mailbox(name="home", login=ROBIN, port=free_port()))
    told = person.types("check")
    assert told.code == 75
    assert "Connection refused" in told.out


def test_a_template_that_cannot_be_filled_is_78(
    person: Person, dovecot: Dovecot, mail_user: str
) -> None:
    person.configure(Mailbox(name="home", login=mail_user, port=dovecot.port))
    own = person.config.parent / "templates" / "reply" / "en.txt.j2"
    own.parent.mkdir(parents=True)
    own.write_text("Dear {{ nobody_knows_this }}")
    told = person.types("check")
    assert told.code == 78
    assert "template: " in told.out
    assert "en.txt.j2" in told.out


def mocking(conversation: Conversation, request: Request) -> None:
    """Refuse a login and repeat what was said, as a careless server might."""
    said = request.text
    if request.name == "AUTHENTICATE" and len(request.words) < 3:
        conversation.send(b"+ \r\n")
        said += b" " + conversation.line()
    conversation.no(request, b"[AUTHENTICATIONFAILED] no: " + said)


@pytest.mark.parametrize(
    "capabilities", [b"IMAP4rev1", b"IMAP4rev1 AUTH=PLAIN", b"IMAP4rev1 SASL-IR AUTH=PLAIN"]
)
def test_a_server_that_repeats_the_password_is_not_quoted(
    person: Person, scripted: Callable[[Script], ScriptedServer], capabilities: bytes
) -> None:
    handlers: dict[str, Handler] = {"LOGIN": mocking, "AUTHENTICATE": mocking}
    server = scripted(serving(handlers, capabilities=capabilities))
    secret = CANARY if b"AUTH=PLAIN" in capabilities else CANARY.replace("ä", "ae")
    person.configure(Mailbox(name="home", login=ROBIN, port=server.port, password=secret))
    for words in (("check",), ("check", "--json"), ("once",)):
        told = person.types(*words)
        assert told.code == 77
        assert "[secret]" in told.out + told.err
        assert "4711" not in told.out + told.err
