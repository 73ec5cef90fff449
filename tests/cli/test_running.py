"""The daemon does its work while the person asks, answers, changes things and pulls the plug."""

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr
from pathlib import Path

import pytest

from kitchenwall.domain.journal import DraftState, EventKind
from tests.cli.person import (
    Mailbox,
    Manager,
    Person,
    Running,
    drafts,
    perhaps,
    rejection,
    until,
)
from tests.servers.client import Snapshot
from tests.servers.dovecot import Dovecot, Setup
from tests.servers.proxy import Action, Fault, Place, Proxy

pytestmark = pytest.mark.server

ROBIN = "robin@mail.example"
ALIAS = "robin.sommer@jobs.example"
LATE = "late@mail.example"
OLD = "A post of long ago"
AWAY_SECONDS = 3


@dataclass
class House:
    """A server, a person whose daemon watches it, and a service manager."""

    server: Dovecot
    person: Person
    daemon: Running
    manager: Manager
    before: Snapshot

    def deliver(self, letter: bytes) -> int:
        return self.server.deliver(ROBIN, letter)

    def draft_about(self, subject: str) -> Message:
        (found,) = (
            draft
            for draft in map(message_from_bytes, drafts(self.server, ROBIN))
            if draft["Subject"] == f"Re: {subject}"
        )
        return found


@pytest.fixture(scope="module")
def house(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One daemon for all tests that leave it alone; it stops with the last of them."""
    person = Person(tmp_path_factory.mktemp("house"))
    person.configure(
        Mailbox(name="home", login=ROBIN, port=dovecot.port, lines=f'aliases = ["{ALIAS}"]')
    )
    dovecot.deliver(ROBIN, rejection(ROBIN, OLD))
    with dovecot.client(ROBIN) as client:
        before = client.snapshot()
    with Manager() as manager, person.starts("run", NOTIFY_SOCKET=manager.address) as daemon:
        daemon.says("watching INBOX from now on")
        yield House(dovecot, person, daemon, manager, before)
        assert daemon.stop() == 0, daemon.said


@dataclass(slots=True)
class Alone(Person):
    """A person with a mailbox that no other test has."""

    login: str = ""


@pytest.fixture
def alone(tmp_path: Path, mail_user: str) -> Alone:
    return Alone(tmp_path / "home", login=mail_user)


@pytest.fixture(scope="module")
def strict() -> Iterator[Dovecot]:
    """A server that looks at passwords."""
    passwords = {"robin@mail.example": "right", "work@mail.example": "also right", LATE: "wrong"}
    with Dovecot(Setup(passwords=passwords)) as server:
        yield server


@dataclass
class Patience:
    """A daemon that looks by itself only every 15 minutes, while the person has said two things."""

    person: Person
    daemon: Running


@pytest.fixture(scope="module", autouse=True)
def patience(
    dovecot: Dovecot, strict: Dovecot, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Patience]:
    """It hears of them at its tick, for which nobody waits: others are tested meanwhile."""
    person = Person(tmp_path_factory.mktemp("patience"))
    home = Mailbox(name="home", login="patience@mail.example", port=dovecot.port)
    late = Mailbox(name="late", login=LATE, port=strict.port, password="right at last")
    person.configure(home, late, watch="backoff_first_seconds = 0.05\nbackoff_most_seconds = 0.1")
    with person.starts() as daemon:
        daemon.says("home: watching INBOX from now on")
        dovecot.deliver(home.login, perhaps(home.login, "Falconer"))
        number = person.event("Falconer").id
        daemon.says("ERROR late: stopped after repeated refusals")
        strict.set_password(LATE, late.password)
        assert "will be laid" in person.reads("journal", "answer", str(number), "yes")
        assert "late tries again" in person.reads("resume", "late")
        yield Patience(person, daemon)
        assert daemon.stop() == 0


@dataclass
class Silence:
    """A person whose server fell silent when it had a whole draft, and how that daemon ended.

    Nineteen other servers had never said anything.
    """

    person: Person
    box: Mailbox
    end: Future[int]


@pytest.fixture(scope="module", autouse=True)
def silence(dovecot: Dovecot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Silence]:
    """A daemon that was asked to end then; it takes its time while others are tested."""
    person = Person(tmp_path_factory.mktemp("silence"))
    never = Fault(place=Place.REPLY, command="APPEND", action=Action.HOLD)
    with (
        socket.create_server(("127.0.0.1", 0), backlog=99) as mute,
        Proxy(dovecot.port, never) as proxy,
        ThreadPoolExecutor(1) as waiting,
    ):
        box = Mailbox(name="home", login="silence@mail.example", port=proxy.port)
        dumb = (
            Mailbox(
                name=f"dumb{number}", login=f"{number}@mail.example", port=mute.getsockname()[1]
            )
            for number in range(19)
        )
        person.configure(box, *dumb, watch="")
        with person.starts() as daemon:
            proxy.wait_until(lambda: "IDLE" in proxy.names(), 20)
            dovecot.deliver(box.login, rejection(box.login, "Ferryman"))
            proxy.wait_until(lambda: proxy.fired, 20)
            daemon.signal(signal.SIGTERM)
            person.configure(box)
            yield Silence(person, box, waiting.submit(daemon.ends, 15))


def watching(person: Person) -> bool:
    """Whether every account was looked at by now."""
    with person.journal() as journal:
        passes = journal.passes()
    return bool(passes) and all(done.state == "watching" for done in passes)


class TestWhileItWatches:
    def test_the_first_start_begins_at_the_newest_mail(self, house: House) -> None:
        until(lambda: watching(house.person))
        assert OLD not in [event.subject for event in house.person.events()]

    def test_a_rejection_becomes_a_draft_in_its_thread(self, house: House) -> None:
        before = "<first@acorn.example>"
        letter = rejection(ALIAS, "Data Engineer", more=f"References: {before}\r\n")
        house.deliver(letter)
        event = house.person.laid("Data Engineer")
        assert event.kind is EventKind.DRAFT
        assert event.sentence.startswith("Unfortunately, we have decided not to move forward")
        draft = house.draft_about("Data Engineer")
        source = message_from_bytes(letter)
        assert draft["In-Reply-To"] == source["Message-ID"]
        assert draft["References"].split() == [before, source["Message-ID"]]
        assert parseaddr(draft["From"]) == ("Robin Sommer", ALIAS)
        assert parseaddr(draft["To"]) == parseaddr(source["From"])
        with house.server.client(ROBIN) as client:
            flags = {frozenset(flags) for flags, _ in client.snapshot("Drafts").values()}
        assert flags == {frozenset((b"\\Draft", b"\\Seen"))}

    def test_the_envelope_says_which_address_was_meant(self, house: House) -> None:
        letter = rejection(
            "everybody@acorn.example", "Archivist", more=f"Delivered-To: {ALIAS}\r\n"
        )
        house.deliver(letter)
        house.person.laid("Archivist")
        assert parseaddr(house.draft_about("Archivist")["From"]) == ("Robin Sommer", ALIAS)

    def test_what_it_reads_stays_as_it_was(self, house: House) -> None:
        with house.server.client(ROBIN) as client:
            now = client.snapshot()
        assert {uid: now[uid] for uid in house.before} == house.before
        assert not any(flags for flags, _ in now.values())

    def test_everything_can_be_asked_from_another_shell(self, house: House) -> None:
        house.deliver(rejection(ROBIN, "Beekeeper"))
        number = str(house.person.laid("Beekeeper").id)
        reads = house.person.reads
        assert "kitchenwall run watches your mail since" in reads("status")
        assert f"(process {house.daemon.pid})" in reads("status")
        assert "Beekeeper" in reads("journal")
        assert "this one was a no; a draft lies ready" in reads("journal", "show", number)
        assert "lies in Drafts" in reads("drafts")
        assert "Subject  Re: Beekeeper" in reads("drafts", "show", number)
        assert "APPEND" in reads("journal", "writes")

    def test_programs_get_the_same_as_json(self, house: House) -> None:
        house.deliver(rejection(ROBIN, "Sexton"))
        number = house.person.laid("Sexton").id
        json = house.person.json
        status = json("status")
        assert status["holder"]["pid"] == house.daemon.pid
        assert [(account["name"], account["state"]) for account in status["accounts"]] == [
            ("home", "watching")
        ]
        assert json("journal")[0]["id"] == number
        assert json("journal", "show", str(number))["draft"]["state"] == "created"
        assert json("drafts")[0]["event_id"] == number
        assert json("drafts", "show", str(number))["from"].endswith(f"<{ROBIN}>")
        assert {write["what"] for write in json("journal", "writes")} == {"APPEND"}
        assert json("journal", "asks") == json("journal", "held") == []

    def test_yes_to_a_question_lays_the_draft_soon(self, house: House) -> None:
        house.deliver(perhaps(ROBIN, "Gardener"))
        number = house.person.event("Gardener").id
        assert [ask["id"] for ask in house.person.json("journal", "asks")] == [number]
        assert "1 mail you are asked about" in house.person.reads("status")
        out = house.person.reads("journal", "answer", str(number), "yes")
        assert out == f"event {number}: this one was a no; a draft will be laid\n"
        assert house.person.laid("Gardener").kind is EventKind.DRAFT
        assert parseaddr(house.draft_about("Gardener")["From"]) == ("Robin Sommer", ROBIN)

    def test_no_to_a_question_is_the_end_of_it(self, house: House) -> None:
        house.deliver(perhaps(ROBIN, "Miller"))
        number = house.person.event("Miller").id
        out = house.person.reads("journal", "answer", str(number), "no")
        assert out == f"event {number}: was none, you said\n"
        assert house.person.json("journal", "asks") == []
        assert house.person.event("Miller").draft in (None, DraftState.SKIPPED)

    def test_a_draft_that_waits_is_laid_on_the_persons_word(self, house: House) -> None:
        house.deliver(rejection(ROBIN, "Glazier", more="Reply-To: <jobs@elsewhere.example>\r\n"))
        number = house.person.event("Glazier").id
        (held,) = house.person.json("journal", "held")
        assert (held["event"]["id"], held["words"]) == (number, ["lay", "drop"])
        assert "elsewhere.example" in house.person.reads("journal", "held")
        assert house.person.types("journal", "resolve", str(number), "lay").code == 0
        house.person.laid("Glazier")
        assert house.person.json("journal", "held") == []

    def test_a_second_one_names_the_first_and_leaves(self, house: House) -> None:
        for words in (("run",), ("once",), ("scan", "--draft")):
            told = house.person.types(*words)
            assert told.code == 75
            assert f'"run", process {house.daemon.pid}, since' in told.err

    def test_a_look_without_traces_works_beside_it(self, house: House) -> None:
        assert house.person.types("once", "--dry-run").code == 0
        assert house.person.types("check").code == 0
        assert OLD in house.person.reads("scan", "--since", "1d")


class TestSignals:
    def test_it_is_stopped_while_it_waits(self, alone: Alone, proxy: Proxy) -> None:
        alone.configure(Mailbox(name="home", login=alone.login, port=proxy.port), watch="")
        with alone.starts() as daemon:
            proxy.wait_until(lambda: "IDLE" in proxy.names(), 10)
            assert daemon.stop(5) == 0
            assert "DONE" in proxy.names()
            assert proxy.names()[-1] == "LOGOUT"

    def test_it_is_stopped_while_the_server_is_down(self, alone: Alone, proxy: Proxy) -> None:
        proxy.down = True
        alone.configure(Mailbox(name="home", login=alone.login, port=proxy.port), watch="")
        with alone.starts() as daemon:
            daemon.says("WARNING home: cannot connect")
            assert daemon.stop(5) == 0

    def test_ctrl_c_ends_it_in_peace(self, alone: Alone, proxy: Proxy) -> None:
        alone.configure(Mailbox(name="home", login=alone.login, port=proxy.port))
        with alone.starts() as daemon:
            proxy.wait_until(lambda: "IDLE" in proxy.names(), 10)
            daemon.signal(signal.SIGINT)
            assert daemon.ends(5) == 0
            assert "Traceback" not in daemon.said

    def test_a_new_configuration_is_taken_up(self, alone: Alone, dovecot: Dovecot) -> None:
        first = Mailbox(name="home", login=alone.login, port=dovecot.port)
        second = Mailbox(name="work", login=f"work.{alone.login}", port=dovecot.port)
        alone.configure(first)
        with Manager() as manager, alone.starts("run", NOTIFY_SOCKET=manager.address) as daemon:
            until(lambda: watching(alone))
            alone.configure(first, second)
            words = alone.config.parent / "templates" / "reply" / "en.txt.j2"
            words.parent.mkdir(parents=True)
            words.write_text("Fair winds and thank you!\n")
            daemon.signal(signal.SIGHUP)
            daemon.says("work: watching INBOX from now on")
            until(lambda: manager.firsts() == ["READY=1", "RELOADING=1", "READY=1"])
            dovecot.deliver(second.login, rejection(second.login, "Bookbinder"))
            alone.laid("Bookbinder")
            assert b"Fair winds" in drafts(dovecot, second.login)[0]
            assert daemon.stop() == 0
            assert manager.firsts() == ["READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]
            assert "MONOTONIC_USEC=" in manager.heard[1]

    def test_a_broken_configuration_is_refused(self, alone: Alone, dovecot: Dovecot) -> None:
        box = Mailbox(name="home", login=alone.login, port=dovecot.port)
        alone.configure(box)
        with Manager() as manager, alone.starts("run", NOTIFY_SOCKET=manager.address) as daemon:
            until(lambda: watching(alone))
            for text, trouble in (
                ("[person]\nnam = 3\n", "there is no such key"),
                (f'{alone.config.read_text()}[journal]\nfolder = "/nowhere"\n', "start it anew"),
            ):
                alone.write(text)
                daemon.signal(signal.SIGHUP)
                assert "going on with the old one" in daemon.says(trouble)
            dovecot.deliver(box.login, rejection(box.login, "Weaver"))
            assert alone.laid("Weaver").account == "home"
            assert manager.firsts() == ["READY=1", *("RELOADING=1", "READY=1") * 2]
            assert "the new configuration cannot be used" in manager.heard[-1]
            assert daemon.stop() == 0


class TestTrouble:
    def test_mail_that_came_while_the_server_was_away_is_not_lost(self, alone: Alone) -> None:
        with Dovecot() as server:
            alone.configure(Mailbox(name="home", login=alone.login, port=server.port))
            with alone.starts() as daemon:
                until(lambda: watching(alone))
                server.stop()
                daemon.says("WARNING home:")
                letter = rejection(alone.login, "Lighthouse keeper")
                inbox = server.maildir(alone.login) / "new" / "1.M1P1.home"
                inbox.write_bytes(letter)
                server.own(inbox)
                away_since = time.monotonic()
                until(lambda: time.monotonic() - away_since > AWAY_SECONDS)
                assert daemon.said.count("\n") < 100, "it tries too often"
                server.start()
                alone.laid("Lighthouse keeper")
                assert len(drafts(server, alone.login)) == 1
                assert daemon.stop() == 0

    def test_a_draft_in_flight_is_neither_waited_for_nor_doubled(
        self, silence: Silence, dovecot: Dovecot
    ) -> None:
        assert silence.end.result() == 0
        assert silence.person.event("Ferryman").draft is DraftState.INTENT
        assert "1 mail whose draft is being laid" in silence.person.reads("status")
        assert silence.person.types("once").code == 0
        assert silence.person.event("Ferryman").draft is DraftState.CREATED
        assert len(drafts(dovecot, silence.box.login)) == 1

    def test_one_account_that_is_refused_stops_and_the_other_goes_on(
        self, alone: Alone, strict: Dovecot
    ) -> None:
        good = Mailbox(name="home", login="robin@mail.example", port=strict.port, password="right")
        bad = Mailbox(name="work", login="work@mail.example", port=strict.port, password="wrong")
        alone.configure(good, bad)
        with alone.starts() as daemon:
            daemon.says("ERROR work: stopped after repeated refusals")
            said = strict.log.splitlines()
            refused = [one for one in said if "auth failed" in one and f"<{bad.login}>" in one]
            assert len(refused) == 3, refused
            letter = rejection(good.login, "Cooper")
            strict.deliver(good.login, letter)
            alone.laid("Cooper")
            told = alone.reads("status")
            assert "work stopped itself on" in told
            assert "kitchenwall resume work" in told
            assert 'see to its secret (password_from = "file")' in told
            states = {one["name"]: one["state"] for one in alone.json("status")["accounts"]}
            assert states == {"home": "watching", "work": "stopped itself"}
            strict.deliver(bad.login, rejection(bad.login, "Before it could look"))
            alone.keep_password("work", "also right")
            daemon.says("the secret has changed, trying again")
            daemon.says("work: watching INBOX from now on")
            strict.deliver(bad.login, rejection(bad.login, "Joiner"))
            assert alone.laid("Joiner").account == "work"
            assert daemon.stop() == 0


# The last two, because the tick is half a minute and both daemons have run that long by now.
def test_what_the_person_says_is_heard_at_the_next_tick(patience: Patience) -> None:
    patience.person.laid("Falconer", 40)
    patience.daemon.says("late: watching INBOX from now on", 40)


def test_the_service_manager_hears_that_it_lives(house: House) -> None:
    assert house.manager.heard[0] == "READY=1\nSTATUS=watching 1 account(s)"
    until(lambda: "WATCHDOG=1" in house.manager.heard, 40)
    assert house.manager.firsts() == ["READY=1"]
