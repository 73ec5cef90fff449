"""The daemon, as people run it, outlives every hostile mail and a thousand cut connections."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kitchenwall.domain.journal import DraftRow, DraftState, EventKind
from tests.cli.person import Mailbox, Person, Running, drafts, rejection, until
from tests.hostile.conftest import Count
from tests.hostile.mails import mails, names
from tests.hostile.resources import cpu_seconds, open_files, resident, threads
from tests.servers.client import Snapshot
from tests.servers.dovecot import Dovecot
from tests.servers.proxy import Proxy

pytestmark = [pytest.mark.server, pytest.mark.timeout(110)]

EVERY = 10  # an honest rejection among so many hostile mails
MEMORY_MOST = 150 * 1024 * 1024
CUTS = 1_000
WARM = 200
PATIENT = """
safety_minutes = 60
backoff_first_seconds = 0.001
backoff_most_seconds = 0.002
"""


@dataclass(slots=True)
class Fire:
    """One running daemon, its mailbox and what is delivered into it."""

    dovecot: Dovecot
    proxy: Proxy
    person: Person
    user: str
    daemon: Running
    honest: list[str] = field(default_factory=list)
    delivered: int = 0

    def deliver_rejection(self) -> None:
        subject = f"Gardener {len(self.honest) + 1}"
        self.honest.append(subject)
        self.deliver(rejection(self.user, subject))

    def deliver(self, raw: bytes) -> None:
        """Lay a mail into INBOX as a delivery agent does, whatever is in it.

        An APPEND would not do: Dovecot refuses a mail with NUL in it.
        """
        self.delivered += 1
        inbox = self.dovecot.maildir(self.user)
        name = f"{1_800_000_000 + self.delivered}.M{self.delivered}.hostile"
        written = inbox / "tmp" / name
        written.write_bytes(raw)
        self.dovecot.own(written)
        written.rename(inbox / "new" / name)

    def answered(self) -> bool:
        """Whether every honest rejection so far has its draft."""
        created = {row.subject for row in self.rows() if row.state is DraftState.CREATED}
        return all(f"Re: {subject}" in created for subject in self.honest)

    def rows(self) -> tuple[DraftRow, ...]:
        with self.person.journal() as journal:
            return journal.drafts()

    def inbox(self) -> tuple[Snapshot, set[str]]:
        """UIDs, flags and MODSEQ as the server tells them, and the bytes of all mails."""
        with self.dovecot.client(self.user) as client:
            told = client.snapshot()
        folder = self.dovecot.maildir(self.user)
        files = [path for below in ("new", "cur") for path in (folder / below).iterdir()]
        return told, {hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@contextmanager
def under_fire(dovecot: Dovecot, user: str, folder: Path, watch: str) -> Iterator[Fire]:
    """A daemon that watches an empty INBOX through a proxy."""
    dovecot.client(user).close()
    with Proxy(dovecot.port) as proxy:
        person = Person(folder, env={"PYTHONPATH": ":".join(filter(None, sys.path))})
        person.configure(Mailbox(name="home", login=user, port=proxy.port), watch=watch)
        with person.starts() as daemon:
            proxy.wait_until(lambda: "IDLE" in proxy.names(), timeout=20)
            yield Fire(dovecot, proxy, person, user, daemon)
            assert daemon.stop() == 0
            assert "Traceback" not in daemon.said


def test_every_hostile_mail_is_outlived_and_every_honest_neighbour_answered(
    dovecot: Dovecot, mail_user: str, tmp_path: Path, count: Count
) -> None:
    with under_fire(dovecot, mail_user, tmp_path, PATIENT) as fire:
        begun = time.monotonic()
        for number, (name, raw) in enumerate(mails()):
            if number % EVERY == 0:
                fire.deliver_rejection()
            fire.deliver(raw)
            count.mails.add(name)
        fire.deliver_rejection()
        before = fire.inbox()
        until(fire.answered, 60)
        took = time.monotonic() - begun
        peak = resident(fire.daemon.pid, "VmHWM")
        assert fire.inbox() == before
        assert peak < MEMORY_MOST
        assert fire.daemon.process.poll() is None
        assert len(before[0]) == len(names()) + len(fire.honest)
        events = fire.person.events()
        lying = drafts(dovecot, mail_user)
    for subject in fire.honest:
        assert [event.kind for event in events if event.subject == subject] == [EventKind.DRAFT]
        assert sum(f"Re: {subject}\r\n".encode() in mail for mail in lying) == 1
    count.lines.append(
        f"one daemon took in {len(names())} hostile and {len(fire.honest)} honest mails in"
        f" {took:.1f} s, at most {peak / 2**20:.0f} MiB"
    )


def test_a_thousand_cut_connections_leave_nothing_behind(
    dovecot: Dovecot, mail_user: str, tmp_path: Path, count: Count
) -> None:
    with under_fire(dovecot, mail_user, tmp_path, PATIENT) as fire:
        begun = time.monotonic()
        pid = fire.daemon.pid
        cut(fire, WARM)
        before = (threads(pid), open_files(pid), resident(pid))
        cut(fire, CUTS - WARM)
        after = (threads(pid), open_files(pid), resident(pid))
        took = time.monotonic() - begun
        fire.deliver_rejection()
        until(fire.answered, 20)
        cpu = cpu_seconds(pid)
    assert after[0] <= before[0] + 1  # the timers' thread begins with their first tick
    assert after[1] == before[1]
    assert after[2] - before[2] < 2_000_000
    count.lines.append(
        f"{CUTS} cut connections in {took:.1f} s: {before[0]} threads and {before[1]} files stay,"
        f" {(after[2] - before[2]) / 1024:+.0f} KiB from the {WARM}th on,"
        f" {cpu / CUTS * 1000:.1f} ms of processor time each"
    )


def cut(fire: Fire, times: int) -> None:
    """Cut the connection, again and again, as soon as the daemon waits in IDLE."""
    for _ in range(times):
        fire.proxy.wait_until(lambda: "IDLE" in fire.proxy.names(), timeout=20)
        fire.proxy.commands.clear()
        fire.proxy.lines.clear()
        fire.proxy.cut_now()
    fire.proxy.wait_until(lambda: "IDLE" in fire.proxy.names(), timeout=20)
