"""Open the journal of the configuration that a command line names."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kitchenwall.adapters.sqlite import SqliteJournal
    from kitchenwall.config import Config


def configured(args: argparse.Namespace) -> tuple[Config, Path]:
    """The configuration and its state folder. Raises `ConfigError`."""
    from kitchenwall.config import find, load, state_folder

    config = load(find(args.config))
    return config, state_folder(config)


@contextmanager
def journal_of(args: argparse.Namespace, *, check: bool = False) -> Iterator[SqliteJournal]:
    """The journal, also while the daemon runs. Raises `ConfigError`, `JournalTrouble`."""
    from kitchenwall.adapters.sqlite import open_journal

    _config, folder = configured(args)
    with open_journal(folder, check=check) as journal:
        yield journal
