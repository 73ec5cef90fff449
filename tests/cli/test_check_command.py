"""`check` says what every account's server has, what is missing, and changes nothing."""

import json
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


@pytest.fixture
def troubled(person: Person, dovecot: Dovecot, bare: Dovecot, mail_user: str) -> Person:
    """A person with a fine account and one for every trouble."""
    away = free_port()
    person.configure(
        Mailbox(name="fine", login=mail_user, port=dovecot.port),
        Mailbox(name="refused", login=f"not.{ROBIN}", port=bare.port),
        Mailbox(name="draftless", login=ROBIN, port=bare.port, password="right"),
        Mailbox(
            name="jobless",
            login="b@mail.example",
            port=dovecot.port,
            lines='folders = ["INBOX", "Jobs"]',
        ),
        Mailbox(
            name="misnamed",
            login="c@mail.example",
            port=dovecot.port,
            lines='drafts_folder = "Entwürfe"',
        ),
        Mailbox(name="away", login="d@mail.example", port=away),
        Mailbox(name="forgotten", login="e@mail.example", port=away),
        Mailbox(name="open", login="f@mail.example", port=away),
    )
    person.keep_password("forgotten", "").unlink()
    person.keep_password("open", PASSWORD).chmod(0o644)
    return person


def test_every_trouble_is_told_with_what_helps(troubled: Person) -> None:
    told = troubled.types("check")
    assert told.code == 77, "the first trouble's"
    said = {
        name: words for name, _, words in (line.partition(": ") for line in told.out.splitlines())
    }
    assert said["fine"] == "fine"
    assert 'cannot log in to "refused": the server refused the login' in said["refused"]
    assert said["draftless"].startswith("no folder is clearly for drafts; set drafts_folder")
    assert '"Jobs"' in said["jobless"]
    assert '"Entwürfe"' in said["misnamed"]
    assert "Connection refused" in said["away"]
    assert "forgotten.password: No such file or directory" in said["forgotten"]
    assert "chmod 600" in said["open"]
    folders = told.out[told.out.index("draftless:") : told.out.index("jobless:")]
    assert "all folders" in folders
    assert "Briefe" in folders


def test_programs_get_the_same_as_json(troubled: Person) -> None:
    told = json.loads(troubled.types("check", "--json").out)
    assert {account["account"]: account["code"] for account in told["accounts"]} == {
        "fine": 0, "refused": 77, "draftless": 78, "jobless": 78, "misnamed": 78, "away": 75,
        "forgotten": 77, "open": 77,
    }  # fmt: skip
    fine = told["accounts"][0]
    assert (fine["trouble"], fine["folders"], fine["uses"]["drafts"]) == (
        "",
        {"INBOX": 0},
        "Drafts",
    )
    assert "IDLE" in fine["capabilities"]
    assert told["templates"] == []


def test_a_mailbox_without_drafts_folder_is_78(person: Person, bare: Dovecot) -> None:
    person.configure(Mailbox(name="home", login=ROBIN, port=bare.port, password="right"))
    assert person.types("check").code == 78


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
    ("capabilities", "line"),
    [
        (b"IMAP4rev1", "check"),
        (b"IMAP4rev1 AUTH=PLAIN", "check --json"),
        (b"IMAP4rev1 SASL-IR AUTH=PLAIN", "once"),
    ],
)
def test_a_server_that_repeats_the_password_is_not_quoted(
    person: Person,
    scripted: Callable[[Script], ScriptedServer],
    capabilities: bytes,
    line: str,
) -> None:
    handlers: dict[str, Handler] = {"LOGIN": mocking, "AUTHENTICATE": mocking}
    server = scripted(serving(handlers, capabilities=capabilities))
    secret = CANARY if b"AUTH=PLAIN" in capabilities else CANARY.replace("ä", "ae")
    person.configure(Mailbox(name="home", login=ROBIN, port=server.port, password=secret))
    told = person.types(*line.split())
    assert told.code == 77
    assert "[secret]" in told.out + told.err
    assert "4711" not in told.out + told.err
