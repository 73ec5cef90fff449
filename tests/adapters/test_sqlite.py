from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import signal
import sqlite3
import stat
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import SqliteJournal, connection, open_journal, schema
from kitchenwall.domain.identity import draft_ref
from kitchenwall.domain.journal import DraftState, EventKind
from kitchenwall.domain.message import Cursor
from kitchenwall.errors import JournalTrouble, UsageError
from tests.contracts.journal_contract import (
    DRAFTS,
    LOGIN,
    NOW,
    JournalContract,
    a_draft,
    a_reply,
    an_arrival,
    an_event,
)

_fresh = multiprocessing.get_context("spawn")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def journal(folder: Path) -> Iterator[SqliteJournal]:
    with open_journal(folder, clock=lambda: NOW) as opened:
        yield opened


class TestSqliteJournal(JournalContract):
    """The file keeps what every journal promises."""


class TestWhatThePersonSays:
    def an_ask(self, journal: SqliteJournal) -> int:
        return journal.record(an_event(kind=EventKind.ASK), a_reply(), DraftState.OFFERED)

    def test_a_yes_plans_the_offered_draft(self, journal: SqliteJournal) -> None:
        event = journal.answer(self.an_ask(journal), True)
        assert (event.kind, event.draft) == (EventKind.DRAFT, DraftState.PLANNED)
        assert (event.decision, event.decided) == ("you said that this was a no", NOW)
        assert journal.laid_since(LOGIN, NOW) == 1

    def test_a_yes_without_a_draft_is_noted(self, journal: SqliteJournal) -> None:
        event_id = journal.record(an_event(kind=EventKind.ASK), None, DraftState.OFFERED)
        assert journal.answer(event_id, True).kind is EventKind.NOTE

    def test_a_no_dismisses_event_and_draft(self, journal: SqliteJournal) -> None:
        event = journal.answer(self.an_ask(journal), False)
        assert (event.kind, event.draft) == (EventKind.DISMISSED, DraftState.SKIPPED)
        assert journal.events(EventKind.ASK) == ()

    def test_a_mistaken_no_can_be_taken_back(self, journal: SqliteJournal) -> None:
        event_id = self.an_ask(journal)
        journal.answer(event_id, False)
        event = journal.answer(event_id, True)
        assert (event.kind, event.draft) == (EventKind.DRAFT, DraftState.PLANNED)

    def test_what_was_not_asked_cannot_be_answered_yes(self, journal: SqliteJournal) -> None:
        event_id = journal.record(an_event(), a_reply(), DraftState.PLANNED)
        with pytest.raises(UsageError, match="nothing is asked about event 1"):
            journal.answer(event_id, True)

    def test_an_unknown_event_is_said_to_be_unknown(self, journal: SqliteJournal) -> None:
        with pytest.raises(UsageError, match="no event 7"):
            journal.answer(7, True)
        with pytest.raises(UsageError, match="no event 7"):
            journal.resolve(7, "drop")

    def test_a_draft_in_flight_cannot_be_dismissed(self, journal: SqliteJournal) -> None:
        draft = a_draft(journal, DraftState.INTENT)
        with pytest.raises(UsageError, match="right now"):
            journal.answer(draft.event_id, False)

    @pytest.mark.parametrize(
        ("how", "kind", "state"),
        [
            ("lay", EventKind.DRAFT, DraftState.PLANNED),
            ("drop", EventKind.NOTE, DraftState.SKIPPED),
        ],
    )
    def test_a_hold_is_resolved(
        self, journal: SqliteJournal, how: str, kind: EventKind, state: DraftState
    ) -> None:
        event_id = journal.record(an_event(kind=EventKind.HOLD), a_reply(), DraftState.OFFERED)
        event = journal.resolve(event_id, how)
        assert (event.kind, event.draft) == (kind, state)

    def test_a_hold_without_a_draft_is_no_dead_end(self, journal: SqliteJournal) -> None:
        event_id = journal.record(an_event(kind=EventKind.HOLD), None, DraftState.OFFERED)
        assert journal.resolve(event_id, "drop").kind is EventKind.NOTE

    def test_a_word_that_does_not_fit_is_answered_with_those_that_do(
        self, journal: SqliteJournal
    ) -> None:
        event_id = journal.record(an_event(kind=EventKind.HOLD), a_reply(), DraftState.OFFERED)
        with pytest.raises(UsageError, match=r'"found" does not fit.*lay, drop'):
            journal.resolve(event_id, "found")
        held = a_draft(journal, DraftState.HELD, "b" * 64)
        with pytest.raises(UsageError, match=r'"lay" does not fit.*again, found, drop'):
            journal.resolve(held.event_id, "lay")

    def test_nothing_waits_where_a_draft_was_laid(self, journal: SqliteJournal) -> None:
        draft = a_draft(journal, DraftState.CREATED)
        with pytest.raises(UsageError, match="nothing waits"):
            journal.resolve(draft.event_id, "again")

    def test_a_held_draft_is_laid_again_under_a_new_id(self, journal: SqliteJournal) -> None:
        first = draft_ref("a" * 64, 0)
        event_id = journal.record(an_event(), a_reply(first), DraftState.PLANNED)
        for generation in (1, 2):
            draft = journal.draft_of(event_id)
            assert draft is not None
            journal.intend(draft.id, DRAFTS, NOW)
            journal.settle(draft.id, DraftState.HELD, "nobody knows")
            assert journal.resolve(event_id, "again").draft is DraftState.PLANNED
            again = journal.draft_of(event_id)
            assert again is not None
            assert (again.generation, again.ref) == (generation, draft_ref("a" * 64, generation))
            assert again.message_id == f"<{again.ref}@home.example>"
            assert again.data == a_reply(again.ref).data

    def test_a_new_id_is_new_wherever_counting_began(self, journal: SqliteJournal) -> None:
        first = draft_ref("a" * 64, 1)
        event_id = journal.record(an_event(), a_reply(first), DraftState.PLANNED)
        journal.settle(1, DraftState.HELD, "nobody knows")
        journal.resolve(event_id, "again")
        draft = journal.draft_of(event_id)
        assert draft is not None
        assert draft.ref != first

    def test_a_held_draft_that_the_person_found_is_created(self, journal: SqliteJournal) -> None:
        draft = a_draft(journal, DraftState.HELD)
        assert journal.resolve(draft.event_id, "found").draft is DraftState.CREATED

    def test_a_held_draft_can_be_dropped(self, journal: SqliteJournal) -> None:
        draft = a_draft(journal, DraftState.HELD)
        event = journal.resolve(draft.event_id, "drop")
        assert (event.kind, event.draft) == (EventKind.NOTE, DraftState.SKIPPED)


class TestWhatIsKept:
    def test_evidence_and_the_words_behind_facts_come_back(self, journal: SqliteJournal) -> None:
        event_id = journal.record(an_event(), None, DraftState.OFFERED)
        found = {item.rule: (item.words, item.weight) for item in journal.evidence(event_id)}
        assert found == {
            "en.other_candidates": ("other candidates", 2.5),
            "fact:company": ("at Birch Ltd", 0.0),
            "fact:role": ("the role of Baker", 0.0),
            "fact:person": ("Jo Marsh", 0.0),
            "fact:door_open": ("apply again", 0.0),
        }

    def test_one_company_and_role_are_one_application(
        self, journal: SqliteJournal, folder: Path
    ) -> None:
        for n, (company, role) in enumerate(
            (
                ("Birch Ltd", "Baker (m/w/d)"),
                ("BIRCH", "baker"),
                ("Birch GmbH", ""),
                ("", ""),
            )
        ):
            event = an_event(f"{n:064d}", company=company, role=role)
            journal.record(event, None, DraftState.OFFERED)
        query = "SELECT source_key, application_id FROM events ORDER BY id"
        assert [row[1] for row in asked(folder, query)] == [1, 1, 2, None]
        assert asked(folder, "SELECT company_key, role_key FROM applications ORDER BY id") == [
            ("birch", "baker"),
            ("birch", ""),
        ]

    def test_a_person_is_remembered_once(self, journal: SqliteJournal, folder: Path) -> None:
        for n, name in enumerate(("Jo Marsh", "JO MARSH", "")):
            journal.record(an_event(f"{n:064d}", person=name), None, DraftState.OFFERED)
        assert asked(folder, "SELECT address, name FROM people") == [
            ("jo@birch.example", "Jo Marsh")
        ]

    def test_every_write_is_in_the_audit_trail(self, journal: SqliteJournal, folder: Path) -> None:
        journal.wrote(LOGIN, "APPEND", "Drafts", "rr1.first", NOW)
        journal.wrote(LOGIN, "APPEND", "Drafts", "rr1.first", NOW)
        assert (
            asked(folder, "SELECT login, what, folder, detail FROM writes")
            == [(LOGIN, "APPEND", "Drafts", "rr1.first")] * 2
        )

    def test_no_body_is_in_the_file(self, journal: SqliteJournal, folder: Path) -> None:
        journal.quarantine(an_arrival(b"Subject: x\r\n\r\ncanary-in-the-body"), "no reason", NOW)
        journal.record(an_event(company="Birch " * 200), a_reply(), DraftState.PLANNED)
        journal.close()
        raw = b"".join(path.read_bytes() for path in folder.iterdir())
        assert b"canary-in-the-body" not in raw
        assert b"Birch " * 60 not in raw

    def test_a_draft_whose_bytes_rotted_has_none(
        self, journal: SqliteJournal, folder: Path
    ) -> None:
        draft = a_draft(journal, DraftState.PLANNED)
        told(folder, "UPDATE drafts SET data = zeroblob(length)")
        found = journal.draft_of(draft.event_id)
        assert found is not None
        assert found.data == b""
        assert [row.data for row in journal.drafts(DraftState.PLANNED)] == [b""]


class TestTheFile:
    def test_everything_is_ours_alone(self, folder: Path) -> None:
        before = os.umask(0)
        try:
            with open_journal(folder) as journal:
                journal.move_cursor(LOGIN, "INBOX", Cursor(1, 1))
                modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
        finally:
            os.umask(before)
        assert modes == dict.fromkeys(("journal.db", "journal.db-wal", "journal.db-shm"), 0o600)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def test_what_was_left_open_is_closed(self, folder: Path) -> None:
        open_journal(folder).close()
        folder.chmod(0o755)
        (folder / "journal.db").chmod(0o644)
        open_journal(folder).close()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "journal.db").stat().st_mode) == 0o600

    def test_a_shared_folder_with_other_things_is_refused(self, folder: Path) -> None:
        folder.mkdir(mode=0o755)
        (folder / "photo.jpg").touch()
        with pytest.raises(JournalTrouble, match="chmod 700"):
            open_journal(folder)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o755

    @pytest.mark.parametrize("name", ["journal.db", "journal.db-wal"])
    def test_a_symbolic_link_is_refused(self, folder: Path, name: str) -> None:
        folder.mkdir(mode=0o700)
        (folder / name).symlink_to(folder / "elsewhere")
        with pytest.raises(JournalTrouble, match="symbolic link"):
            open_journal(folder)
        assert not (folder / "elsewhere").exists()

    def test_a_linked_folder_is_refused(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        folder.symlink_to(tmp_path / "real")
        with pytest.raises(JournalTrouble, match="is not a folder"):
            open_journal(folder)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
    def test_a_strangers_file_is_refused(self, folder: Path) -> None:
        open_journal(folder).close()
        os.chown(folder / "journal.db", 12345, -1)
        with pytest.raises(JournalTrouble, match="another user"):
            open_journal(folder)

    def test_another_programs_database_is_refused(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        told(folder, "CREATE TABLE t (x)")
        with pytest.raises(JournalTrouble, match="not a journal"):
            open_journal(folder)
        assert asked(folder, "SELECT name FROM sqlite_schema") == [("t",)]

    def test_a_newer_file_is_refused_and_left_as_it_was(self, folder: Path) -> None:
        open_journal(folder).close()
        told(folder, "PRAGMA user_version = 99")
        with pytest.raises(JournalTrouble, match=r"newer kitchenwall .*99.* knows 2") as refused:
            open_journal(folder)
        assert refused.value.exit_code == 74
        assert asked(folder, "PRAGMA user_version") == [(99,)]

    def test_a_closed_journal_says_so(self, journal: SqliteJournal) -> None:
        journal.close()
        journal.close()
        with pytest.raises(JournalTrouble, match="closed already"):
            journal.events()

    def test_commits_are_durable_and_the_log_is_ahead(self, folder: Path) -> None:
        opened = connection.open_connection(folder, "journal.db", check=True)
        with opened.reading() as raw:
            assert raw.execute("PRAGMA synchronous").fetchone()[0] == 2
            assert raw.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            assert raw.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        opened.close()


class TestGrowingUp:
    second = (*schema.MIGRATIONS, ("ALTER TABLE events ADD COLUMN mood INTEGER",))

    def test_an_older_file_is_copied_and_brought_up_to_date(self, folder: Path) -> None:
        with open_journal(folder) as journal:
            event_id = journal.record(an_event(), a_reply(), DraftState.PLANNED)
        self.open(folder, self.second).close()
        assert asked(folder, "PRAGMA user_version") == [(3,)]
        assert asked(folder, "SELECT id, mood FROM events") == [(event_id, None)]
        copy = folder / "journal.db.before-v3"
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        (folder / "old").mkdir(mode=0o700)
        shutil.copy(copy, folder / "old/journal.db")
        with open_journal(folder / "old") as old:
            assert old.knows("a" * 64)

    def test_an_older_program_then_names_the_copy(self, folder: Path) -> None:
        open_journal(folder).close()
        self.open(folder, self.second).close()
        with pytest.raises(JournalTrouble, match=r"put back .*journal\.db\.before-v3"):
            open_journal(folder)

    def test_a_migration_that_breaks_changes_nothing(self, folder: Path) -> None:
        with open_journal(folder) as journal:
            journal.record(an_event(), None, DraftState.OFFERED)
        broken = (*self.second, ("CREATE TABLE moods (x TEXT) STRICT", "nonsense"))
        with pytest.raises(JournalTrouble):
            self.open(folder, broken)
        with open_journal(folder) as journal:
            assert journal.knows("a" * 64)
        assert asked(folder, "SELECT 1 FROM sqlite_schema WHERE name = 'moods'") == []

    def test_an_empty_file_becomes_a_journal_without_a_copy(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        (folder / "journal.db").touch()
        open_journal(folder).close()
        assert sorted(path.name for path in folder.iterdir()) == ["journal.db"]

    def open(self, folder: Path, migrations: tuple[schema.Migration, ...]) -> connection.Connection:
        return connection.open_connection(folder, "journal.db", check=True, migrations=migrations)


class TestTrouble:
    def test_a_locked_file_is_said_to_be_locked(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(connection, "_PATIENCE", 0.05)
        with open_journal(folder) as journal:
            other = sqlite3.connect(folder / "journal.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(JournalTrouble, match="another program has held it"):
                journal.record(an_event(), a_reply(), DraftState.PLANNED)
            assert journal.events() == ()
            other.execute("ROLLBACK")
            other.close()
            assert journal.record(an_event(), a_reply(), DraftState.PLANNED) == 1

    @pytest.mark.parametrize("offset", [0, 4096, 9000, 20_000])
    def test_damage_names_what_helps(self, folder: Path, offset: int) -> None:
        with open_journal(folder) as journal:
            for n in range(50):
                journal.record(an_event(f"{n:064d}"), a_reply(f"rr1.{n}"), DraftState.PLANNED)
        copy = folder / "journal.db.before-v1"
        copy.touch()
        with (folder / "journal.db").open("r+b") as file:
            file.seek(offset)
            file.write(b"\xa5" * 12_000)
        with pytest.raises(JournalTrouble) as refused:
            open_journal(folder).events()
        assert "is damaged" in str(refused.value)
        assert str(copy) in str(refused.value)

    def test_a_cut_file_is_said_to_be_damaged(self, folder: Path) -> None:
        with open_journal(folder) as journal:
            for n in range(50):
                journal.record(an_event(f"{n:064d}"), a_reply(f"rr1.{n}"), DraftState.PLANNED)
        os.truncate(folder / "journal.db", 16_384)
        with pytest.raises(JournalTrouble, match="is damaged"):
            open_journal(folder)

    def test_a_full_file_stops_before_the_event_and_goes_on_after(self, folder: Path) -> None:
        opened = connection.open_connection(folder, "journal.db", check=True)
        journal = SqliteJournal(opened, lambda: NOW)
        with opened.reading() as raw:
            pages = raw.execute("PRAGMA page_count").fetchone()[0]
            raw.execute(f"PRAGMA max_page_count = {pages + 6}")
        recorded, refused = fill(journal)
        assert refused
        assert "the disk is full" in refused
        with opened.reading() as raw:
            raw.execute("PRAGMA max_page_count = 1073741823")
        assert {event.source_key for event in journal.events()} == set(recorded)
        assert len(journal.drafts(*DraftState)) == len(recorded)
        journal.record(an_event("f" * 64), a_reply("rr1.f"), DraftState.PLANNED)
        journal.close()
        with open_journal(folder) as again:
            assert len(again.events()) == len(recorded) + 1

    def test_a_limit_of_the_system_loses_nothing(self, folder: Path) -> None:
        with open_journal(folder) as journal:
            before = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, before[1]))
            try:
                recorded, refused = fill(journal)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
            assert refused
            journal.record(an_event("f" * 64), a_reply("rr1.f"), DraftState.PLANNED)
            assert len(journal.events()) == len(recorded) + 1
        with open_journal(folder) as again:
            keys = {event.source_key for event in again.events()}
            assert keys == {*recorded, "f" * 64}


class TestSeveralProcesses:
    def test_two_processes_write_at_once(self, folder: Path) -> None:
        workers = [_fresh.Process(target=_write_fifty, args=(folder, n)) for n in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)
        assert [worker.exitcode for worker in workers] == [0, 0]
        with open_journal(folder) as journal:
            # Every tenth mail is the same for both.
            assert len(journal.events()) == len(journal.drafts(*DraftState)) == 95

    def test_reading_goes_on_while_another_writes(self, folder: Path) -> None:
        with open_journal(folder) as journal:
            journal.record(an_event(), None, DraftState.OFFERED)
            other = sqlite3.connect(folder / "journal.db", isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            other.execute("UPDATE events SET because = 'changed'")
            assert [event.because for event in journal.events()] == ["a plain no"]
            assert not journal.changed()
            other.execute("COMMIT")
            other.close()
            assert journal.changed()
            assert not journal.changed()
            assert [event.because for event in journal.events()] == ["changed"]

    def test_a_kill_at_any_moment_leaves_whole_events_only(self, folder: Path) -> None:
        open_journal(folder).close()
        told_by_children = 0
        for round_ in range(12):
            told_by_children += _killed_while_writing(folder, round_, after=3 * round_)
            with open_journal(folder) as journal:
                events, drafts = journal.events(), journal.drafts(*DraftState)
                assert {event.id for event in events} == {draft.event_id for draft in drafts}
                assert all(len(journal.evidence(event.id)) == 5 for event in events)
                assert len(events) >= told_by_children
                for draft in drafts:
                    assert (draft.state is DraftState.PLANNED) == (draft.folder is None)
        assert told_by_children > 150


def fill(journal: SqliteJournal) -> tuple[list[str], str]:
    """Record until there is no more room: what was recorded, and what was said at the end."""
    recorded: list[str] = []
    for n in range(1000):
        key = f"{n:064d}"
        try:
            journal.record(an_event(key), a_reply(f"rr1.{n}"), DraftState.PLANNED)
        except JournalTrouble as error:
            return recorded, str(error)
        recorded.append(key)
    return recorded, ""


def asked(folder: Path, query: str) -> list[tuple[object, ...]]:
    """What a database browser would see."""
    return _as_a_browser(folder, lambda raw: raw.execute(query).fetchall())


def told(folder: Path, statement: str) -> None:
    """What a database browser could do."""
    _as_a_browser(folder, lambda raw: raw.execute(statement).fetchall())


def _as_a_browser(
    folder: Path, work: Callable[[sqlite3.Connection], list[tuple[object, ...]]]
) -> list[tuple[object, ...]]:
    raw = sqlite3.connect(folder / "journal.db", isolation_level=None)
    try:
        return work(raw)
    finally:
        raw.close()


def _write_fifty(folder: Path, worker: int) -> None:
    with open_journal(folder) as journal:
        for n in range(50):
            name = f"{n}" if n % 10 == 0 else f"{n}-{worker}"
            journal.record(an_event(name.rjust(64, "0")), a_reply(f"rr1.{name}"), _PLANNED)
            journal.move_cursor(LOGIN, f"folder {worker}", Cursor(1, n))


def _write_for_ever(folder: Path, round_: int, said: Pipe) -> None:
    with open_journal(folder) as journal:
        n = 0
        while True:
            n += 1
            name = f"{round_}-{n}"
            event_id = journal.record(an_event(name.rjust(64, "0")), a_reply(name), _PLANNED)
            said.send(n)
            draft = journal.draft_of(event_id)
            assert draft is not None
            journal.intend(draft.id, DRAFTS, NOW)
            journal.created(draft.id, 77, n, "verified")


def _killed_while_writing(folder: Path, round_: int, after: int) -> int:
    """Kill a writing process some time after its n-th event; how many it had told of by then."""
    ours, theirs = _fresh.Pipe(duplex=False)
    process = _fresh.Process(target=_write_for_ever, args=(folder, round_, theirs))
    process.start()
    theirs.close()
    count = 0
    while count <= after:
        assert ours.poll(30)
        count = ours.recv()
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(30)
    while True:
        try:
            count = ours.recv()
        except EOFError:
            ours.close()
            return count


_PLANNED = DraftState.PLANNED
