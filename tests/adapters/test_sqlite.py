from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import SqliteJournal, open_journal
from tests.contracts.journal_contract import NOW, JournalContract


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with open_journal(tmp_path / "state", clock=lambda: NOW) as opened:
        yield opened


class TestSqliteJournal(JournalContract):
    """The file keeps what every journal promises."""
