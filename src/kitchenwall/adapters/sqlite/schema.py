"""The tables of the journal and how an older file becomes a newer one.

Forward only: a migration is added at the end and never changed once a release has carried it.
`PRAGMA user_version` counts those that a file has seen.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from kitchenwall.adapters.private import open_file
from kitchenwall.errors import JournalTrouble

# "KWal", so that file(1) and we can tell a journal from any other SQLite file.
APPLICATION_ID = 0x4B57616C

Migration = tuple[str, ...]

MIGRATIONS: tuple[Migration, ...] = (
    (
        """
        CREATE TABLE cursors (
            login TEXT NOT NULL,
            folder TEXT NOT NULL,
            uidvalidity INTEGER NOT NULL,
            uid INTEGER NOT NULL,
            PRIMARY KEY (login, folder)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE applications (
            id INTEGER PRIMARY KEY,
            company_key TEXT NOT NULL,
            role_key TEXT NOT NULL,
            company TEXT NOT NULL,
            role TEXT NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            UNIQUE (company_key, role_key)
        ) STRICT
        """,
        """
        CREATE TABLE people (
            id INTEGER PRIMARY KEY,
            address TEXT NOT NULL,
            name_key TEXT NOT NULL,
            name TEXT NOT NULL,
            first_seen TEXT NOT NULL,
            last_seen TEXT NOT NULL,
            UNIQUE (address, name_key)
        ) STRICT
        """,
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY,
            source_key TEXT NOT NULL UNIQUE,
            account TEXT NOT NULL,
            login TEXT NOT NULL,
            folder TEXT NOT NULL,
            uidvalidity INTEGER NOT NULL,
            uid INTEGER NOT NULL,
            received TEXT NOT NULL,
            recorded TEXT NOT NULL,
            kind TEXT NOT NULL,
            because TEXT NOT NULL,
            sender TEXT,
            sender_name TEXT NOT NULL,
            subject TEXT NOT NULL,
            message_id TEXT,
            outcome TEXT NOT NULL,
            confidence REAL NOT NULL,
            language TEXT NOT NULL,
            sentence TEXT NOT NULL,
            verdict_because TEXT NOT NULL,
            stage TEXT NOT NULL,
            company TEXT NOT NULL,
            role TEXT NOT NULL,
            reference TEXT NOT NULL,
            person TEXT NOT NULL,
            feedback TEXT NOT NULL,
            formality TEXT NOT NULL,
            application_id INTEGER REFERENCES applications (id),
            person_id INTEGER REFERENCES people (id),
            decision TEXT NOT NULL DEFAULT '',
            decided TEXT
        ) STRICT
        """,
        "CREATE INDEX events_kind ON events (kind)",
        "CREATE INDEX events_application ON events (application_id)",
        "CREATE INDEX events_message ON events (message_id)",
        """
        CREATE TABLE evidence (
            event_id INTEGER NOT NULL REFERENCES events (id),
            position INTEGER NOT NULL,
            rule TEXT NOT NULL,
            words TEXT NOT NULL,
            weight REAL NOT NULL,
            PRIMARY KEY (event_id, position)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE drafts (
            id INTEGER PRIMARY KEY,
            event_id INTEGER NOT NULL UNIQUE REFERENCES events (id),
            ref TEXT NOT NULL UNIQUE,
            message_id TEXT NOT NULL,
            recipient TEXT NOT NULL,
            recipient_name TEXT NOT NULL,
            subject TEXT NOT NULL,
            data BLOB NOT NULL,
            sha256 TEXT NOT NULL,
            length INTEGER NOT NULL,
            state TEXT NOT NULL,
            because TEXT NOT NULL,
            generation INTEGER NOT NULL,
            created TEXT NOT NULL,
            planned TEXT,
            folder TEXT,
            uidvalidity INTEGER,
            uidnext INTEGER,
            uid INTEGER,
            intended TEXT
        ) STRICT
        """,
        "CREATE INDEX drafts_state ON drafts (state)",
        "CREATE INDEX drafts_planned ON drafts (planned)",
        """
        CREATE TABLE writes (
            id INTEGER PRIMARY KEY,
            login TEXT NOT NULL,
            what TEXT NOT NULL,
            folder TEXT NOT NULL,
            detail TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE stops (
            login TEXT PRIMARY KEY,
            reason TEXT NOT NULL,
            since TEXT NOT NULL,
            secret_mark TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE passes (
            login TEXT PRIMARY KEY,
            account TEXT NOT NULL,
            at TEXT NOT NULL,
            seen INTEGER NOT NULL,
            state TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
    ),
    (
        "ALTER TABLE drafts ADD COLUMN question TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE drafts ADD COLUMN remarks TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE drafts ADD COLUMN due TEXT",
        "ALTER TABLE events ADD COLUMN follows INTEGER REFERENCES events (id)",
        "CREATE INDEX events_follows ON events (follows)",
        "CREATE INDEX drafts_message ON drafts (message_id)",
    ),
)


def bring_up_to_date(
    connection: sqlite3.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS
) -> None:
    """Give the file every table that this program knows; copy an older journal first.

    Raises `JournalTrouble` for a file of a newer program and for one that is no journal.
    """
    version = _version(connection, path, len(migrations))
    if version == len(migrations):
        return
    if version:
        copy_before(connection, path, len(migrations))
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another process may have been faster.
        for migration in migrations[_version(connection, path, len(migrations)) :]:
            for statement in migration:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def backups(path: Path) -> list[Path]:
    """The copies made before migrations, newest first."""
    found = path.parent.glob(f"{path.name}.before-v*")
    return sorted(found, key=lambda copy: copy.stat().st_mtime, reverse=True)


def copy_before(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Copy the journal beside itself, as it was before `version`; an older copy is replaced."""
    copy = path.with_name(f"{path.name}.before-v{version}")
    unfinished = path.with_name(f"{copy.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    with open(open_file(unfinished), "rb") as file:
        target = sqlite3.connect(unfinished)
        try:
            connection.backup(target)
            # A copy must be whole in one file, without a -wal of its own.
            target.execute("PRAGMA journal_mode = DELETE")
        finally:
            target.close()
        os.fsync(file.fileno())
    unfinished.replace(copy)
    return copy


def _version(connection: sqlite3.Connection, path: Path, known: int) -> int:
    """How many migrations the file has seen."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    mark: int = connection.execute("PRAGMA application_id").fetchone()[0]
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if (tables or version) and mark != APPLICATION_ID:
        raise JournalTrouble(f"{path} is not a journal of kitchenwall; move it away")
    if version > known:
        copy = path.with_name(f"{path.name}.before-v{version}")
        raise JournalTrouble(
            f"{path} was written by a newer kitchenwall (version {version} of the file, this "
            f"program knows {known}); install the newer program"
            + (f", or put back {copy}" if copy.exists() else "")
        )
    return version
