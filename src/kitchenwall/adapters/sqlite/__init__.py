"""The journal in one SQLite file."""

from kitchenwall.adapters.sqlite.journal import FILE_NAME, SqliteJournal, open_journal

__all__ = ["FILE_NAME", "SqliteJournal", "open_journal"]
