from __future__ import annotations

import multiprocessing
import os
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from kitchenwall.adapters.lock import holder, mail_work
from kitchenwall.errors import AlreadyRunning, JournalTrouble

_fresh = multiprocessing.get_context("spawn")


def _hold(folder: Path, said: Connection) -> None:
    with mail_work(folder, "run"):
        said.send(os.getpid())
        said.recv()


@contextmanager
def another_process(folder: Path) -> Iterator[int]:
    """A process that holds the lock until the block ends."""
    ours, theirs = _fresh.Pipe()
    process = _fresh.Process(target=_hold, args=(folder, theirs))
    process.start()
    try:
        assert ours.poll(30)
        yield ours.recv()
    finally:
        if process.is_alive():
            ours.send("enough")
        process.join(30)


def test_a_second_process_hears_who_works_since_when(tmp_path: Path) -> None:
    with another_process(tmp_path / "s") as pid:
        with pytest.raises(AlreadyRunning, match=f'"run", process {pid}, since 20') as refused:
            mail_work(tmp_path / "s", "once").__enter__()
        assert refused.value.exit_code == 75
        found = holder(tmp_path / "s")
        assert found is not None
        assert (found.pid, found.what) == (pid, "run")
    assert holder(tmp_path / "s") is None


def test_the_lock_is_free_again_afterwards(tmp_path: Path) -> None:
    for what in ("once", "run"):
        with mail_work(tmp_path / "s", what):
            pass
    assert (tmp_path / "s/lock").read_bytes() == b""


def test_a_killed_holder_blocks_nobody(tmp_path: Path) -> None:
    with another_process(tmp_path / "s") as pid:
        os.kill(pid, signal.SIGKILL)
        with mail_work(tmp_path / "s", "once"):
            found = holder(tmp_path / "s")
            assert found is not None
            assert found.what == "once"


def test_stale_words_in_the_file_block_nobody(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir(mode=0o700)
    (tmp_path / "s/lock").write_text(
        '{"pid": 1, "command": "run", "since": "2026-01-01T00:00:00Z"}'
    )
    assert holder(tmp_path / "s") is None
    with mail_work(tmp_path / "s", "once"):
        pass


def test_nonsense_in_a_held_file_still_says_that_it_is_held(tmp_path: Path) -> None:
    with another_process(tmp_path / "s"):
        (tmp_path / "s/lock").write_bytes(b"\xff[")
        with pytest.raises(AlreadyRunning, match="another kitchenwall works on the mail"):
            mail_work(tmp_path / "s", "once").__enter__()


def test_asking_for_the_holder_keeps_nobody_out(tmp_path: Path) -> None:
    with mail_work(tmp_path / "s", "once"):
        pass
    enough = threading.Event()

    def ask() -> None:
        while not enough.is_set():
            holder(tmp_path / "s")

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(50):
            with mail_work(tmp_path / "s", "once"):
                pass
    finally:
        enough.set()
        asking.join()


def test_a_folder_that_is_not_there_has_no_holder(tmp_path: Path) -> None:
    assert holder(tmp_path / "none") is None


def test_folder_and_file_are_ours_alone(tmp_path: Path) -> None:
    with mail_work(tmp_path / "s", "once"):
        assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "s/lock").stat().st_mode) == 0o600


def test_a_symbolic_link_is_no_lock(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir(mode=0o700)
    (tmp_path / "s/lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalTrouble, match="symbolic link"):
        mail_work(tmp_path / "s", "once").__enter__()
    assert not (tmp_path / "elsewhere").exists()
