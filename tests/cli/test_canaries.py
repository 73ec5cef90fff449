"""A password stays where the person put it, whatever goes wrong while the daemon runs."""

import base64
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.person import Mailbox, Person, Running, nested, perhaps, rejection, until
from tests.servers.dovecot import Dovecot, Setup
from tests.servers.proxy import Fault, Place, Proxy
from tests.servers.scripted import Conversation, Request, ScriptedServer, serving

HOME, WORK, ODD = "robin@home.example", "robin@work.example", "robin@odd.example"
# One for each account: let in, refused, and repeated by its server.
CANARIES = {HOME: "Kanarienvogel-4711", WORK: 'Stieglitz "0815" \\', ODD: "Zeisig+4712/=?"}


@dataclass
class Cage:
    """Everything that anybody could see from outside."""

    daemon: Running
    processes: dict[int, bytes] = field(default_factory=dict)
    outputs: list[bytes] = field(default_factory=list)

    def look_at_processes(self) -> int:
        """Note arguments and environment of the daemon and all it has started; how many so far."""
        for pid in family(self.daemon.pid):
            try:
                seen = b"".join(Path(f"/proc/{pid}/{what}").read_bytes() for what in SHOWN)
            except OSError:  # it has ended
                continue
            if seen not in self.processes.get(pid, b""):
                self.processes[pid] = self.processes.get(pid, b"") + seen
        return len(self.processes)


SHOWN = ("cmdline", "environ")


@pytest.fixture
def strict() -> Iterator[Dovecot]:
    with Dovecot(Setup(passwords={HOME: CANARIES[HOME], WORK: "another"})) as server:
        yield server


def family(pid: int) -> Iterator[int]:
    """A process and all below it."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from family(int(child))


def traces(data: bytes, secret: str) -> list[bytes]:
    """In which forms a secret is in there: as it is, quoted, and anywhere inside of base64."""
    forms = [secret.encode(), secret.replace("\\", "\\\\").replace('"', '\\"').encode()]
    for before in range(3):
        whole = base64.b64encode(bytes(before) + secret.encode())
        forms.append(whole[-(-before * 8 // 6) : (before + len(secret.encode())) * 8 // 6])
    return [form for form in forms if form in data]


def mocking(conversation: Conversation, request: Request) -> None:
    """Refuse a login and repeat it."""
    conversation.no(request, b"[AUTHENTICATIONFAILED] no: " + request.text)


@pytest.mark.parametrize("secret", CANARIES.values())
def test_a_trace_would_be_found(secret: str) -> None:
    for login in ("a", "ab", "abc"):
        sasl = base64.b64encode(f"\0{login}\0{secret}".encode())
        assert traces(b"AUTHENTICATE PLAIN " + sasl, secret)
    assert traces(f"LOGIN robin {secret}".encode(), secret)


@pytest.mark.server
def test_no_password_is_seen_anywhere(strict: Dovecot, tmp_path: Path) -> None:
    person = Person(tmp_path / "home")
    slow = person.home / "slow-pass"
    slow.write_text(f'#!/bin/sh\nsleep 0.3\ncat "{person.keep_password("slow", CANARIES[WORK])}"\n')
    slow.chmod(0o700)
    handlers = {"LOGIN": mocking}
    with (
        Proxy(strict.port) as proxy,
        ScriptedServer(serving(handlers, capabilities=b"IMAP4rev1")) as odd,
    ):
        person.configure(
            Mailbox(name="home", login=HOME, port=proxy.port, password=CANARIES[HOME]),
            Mailbox(
                name="work",
                login=WORK,
                port=strict.port,
                lines=f'password_from = "command"\npassword_command = ["{slow}"]',
            ),
            Mailbox(name="odd", login=ODD, port=odd.port, password=CANARIES[ODD]),
        )
        with person.starts() as daemon:
            cage = Cage(daemon)
            until(lambda: cage.look_at_processes() > 1)
            daemon.says("home: watching INBOX from now on")
            proxy.faults.append(Fault(place=Place.REPLY, command="APPEND"))
            letters = [rejection(HOME, "Farrier"), nested(HOME, "Deep"), perhaps(HOME, "Fuller")]
            for letter in letters:
                strict.deliver(HOME, letter)
            person.laid("Farrier", 20)
            assert proxy.fired
            proxy.cut_now()
            for name in ("work", "odd"):
                daemon.says(f"ERROR {name}: stopped after repeated refusals", 20)
            daemon.signal(signal.SIGHUP)
            cage.look_at_processes()
            for words in (
                "config show",
                "config show --json",
                "status",
                "status --json",
                "check",
                "journal",
                "password check work",
                "once",
            ):
                told = person.types(*words.split())
                cage.outputs.append((told.out + told.err).encode())
            cage.look_at_processes()
            strict.stop()
            daemon.says("WARNING home: cannot connect")
            cage.outputs.append(person.bytes_of_the_journal())
            assert daemon.stop() == 0
    assert b"[secret]" in b"".join(cage.outputs)
    kept = {person.home / f"{name}.password" for name in ("home", "slow", "odd")}
    files = [path for path in person.home.rglob("*") if path.is_file() and path not in kept]
    assert {"journal.db", "secret.key", "config.toml"} <= {path.name for path in files}
    everything = [*cage.outputs, *cage.processes.values(), *(path.read_bytes() for path in files)]
    for secret in CANARIES.values():
        assert not [traces(data, secret) for data in everything if traces(data, secret)]
