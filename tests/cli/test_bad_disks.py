"""A full, damaged or too new journal is told in words that help, and costs no mail."""

import contextlib
import resource
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.adapters.sqlite.schema import MIGRATIONS
from kitchenwall.domain.journal import DraftState, EventKind
from tests.cli.person import COMMAND, Mailbox, Person, Running, drafts, rejection, until
from tests.contracts.journal_contract import an_event
from tests.servers.dovecot import Dovecot

# A mount that only the daemon sees, so that nobody has to be root and nothing has to be undone.
SMALL_DISK = (
    "unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
    'mount -t tmpfs -o size=8m,mode=0700 none "$0" && exec "$@"',
)  # fmt: skip
SETTINGS = """
safety_minutes = 0.02
backoff_first_seconds = 0.3
backoff_most_seconds = 0.3
"""
JOBS = [f"Post {number}" for number in range(5)]
READERS = ("status", "journal", "journal asks", "drafts", "journal writes")
WRITERS = ("once", "run", "resume home", "scan --draft", "journal answer 1 yes")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder with a journal of many pages."""
    folder = tmp_path_factory.mktemp("state")
    with open_journal(folder) as journal:
        for number in range(60):
            journal.record(an_event(f"{number:064}", EventKind.ASK), None, DraftState.OFFERED)
    return folder


@pytest.fixture
def person(tmp_path: Path, state: Path) -> Person:
    person = Person(tmp_path / "home")
    person.configure(Mailbox(name="home", login="robin@mail.example", port=9))
    shutil.copytree(state, person.state)
    return person


@pytest.mark.parametrize("line", [*READERS, *WRITERS])
def test_a_newer_journal_is_refused_and_stays_as_it_is(person: Person, line: str) -> None:
    file = person.state / "journal.db"
    with contextlib.closing(sqlite3.connect(file)) as newer:
        newer.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
        newer.commit()
        newer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.read_bytes()
    told = person.types(*line.split())
    assert told.code == 74, told
    assert "newer" in told.err
    assert "Traceback" not in told.err
    assert file.read_bytes() == before


@pytest.mark.parametrize("line", ["status", "once", "journal asks", "journal answer 1 yes"])
@pytest.mark.parametrize("damage", ["no journal at all", "a page in the middle"])
def test_a_damaged_journal_is_told_with_what_helps(person: Person, line: str, damage: str) -> None:
    file = person.state / "journal.db"
    if damage == "no journal at all":
        file.write_bytes(b"This is no journal but a shopping list. " * 1000)
    else:
        data = bytearray(file.read_bytes())
        for page in range(1, len(data) // 4096):
            data[page * 4096 : page * 4096 + 2000] = b"\xde\xad" * 1000
        file.write_bytes(data)
    told = person.types(*line.split())
    assert told.code == 74, told
    assert f"the journal {file} is damaged" in told.err
    assert "begin a new one" in told.err
    assert "Traceback" not in told.err


class Limit:
    """What a quota does: no file of the daemon's grows beyond two pages any more (setrlimit(2))."""

    words = "the disk does not read or write as it should"
    before: tuple[str, ...] = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))

    def free(self, pid: int) -> None:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


class SmallDisk:
    """A disk of its own for the state folder, on which somebody else takes the last octet."""

    words = "the disk is full; make room, then everything goes on from where it was"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, mode=0o700)
        self.folder = folder
        self.before = (*SMALL_DISK, str(folder))
        tried = subprocess.run([*self.before, "true"], capture_output=True, check=False)
        if tried.returncode:
            pytest.skip(f"nobody may mount a disk of one's own here: {tried.stderr.decode()}")

    def fill(self, pid: int) -> None:
        with contextlib.suppress(OSError), self._filler(pid).open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65_536))

    def free(self, pid: int) -> None:
        self._filler(pid).unlink()

    def _filler(self, pid: int) -> Path:
        return Path(f"/proc/{pid}/root{self.folder}/filler")


@pytest.mark.parametrize("kind", [Limit, SmallDisk])
def test_a_full_disk_costs_no_mail(
    tmp_path: Path, dovecot: Dovecot, mail_user: str, kind: type[Limit] | type[SmallDisk]
) -> None:
    person = Person(tmp_path / "home")
    box = Mailbox(name="home", login=mail_user, port=dovecot.port)
    person.configure(box, watch=SETTINGS, level="info")
    disk = kind(person.state)
    with Running(person, ["run"], {}, disk.before) as daemon:
        daemon.says("watching INBOX from now on")
        dovecot.deliver(mail_user, rejection(mail_user, "Before"))
        until(lambda: len(drafts(dovecot, mail_user)) == 1)
        disk.fill(daemon.pid)
        for job in JOBS:
            dovecot.deliver(mail_user, rejection(mail_user, job))
        said = daemon.says(disk.words, 20)
        assert "Traceback" not in said
        assert len(drafts(dovecot, mail_user)) == 1, "nothing is laid that is not on record"
        disk.free(daemon.pid)
        until(lambda: len(drafts(dovecot, mail_user)) == 1 + len(JOBS), 20)
        assert daemon.said.count(": draft: ") == 1 + len(JOBS)
        assert daemon.stop() == 0
    assert len(drafts(dovecot, mail_user)) == 1 + len(JOBS)


@pytest.mark.parametrize("line", ["run", "once", "status", "journal"])
def test_a_journal_that_finds_no_room_at_all_is_told(tmp_path: Path, line: str) -> None:
    person = Person(tmp_path / "home")
    person.configure(Mailbox(name="home", login="robin@mail.example", port=9))
    argv = ["prlimit", "--fsize=2048", *COMMAND, line]
    done = subprocess.run(argv, env=person.env, capture_output=True, text=True, check=False)
    assert done.returncode == 74, done
    assert f"kitchenwall: cannot open the journal {person.state / 'journal.db'}: " in done.stderr
    assert "Traceback" not in done.stderr
