"""`kitchenwall demo` as a person runs it: the installed command, in a shell of its own."""

from __future__ import annotations

import imaplib
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kitchenwall.cli.main import main
from tests.demo.excerpt import COMMAND, KEPT, excerpt, shown, without_times

SECONDS = 30


@pytest.fixture
def house(tmp_path: Path) -> dict[str, str]:
    """A home and a place for temporary files that nobody has touched yet."""
    for name in ("home", "tmp"):
        (tmp_path / name).mkdir()
    found = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "tmp")}
    return found | dict.fromkeys(("XDG_CONFIG_HOME", "XDG_STATE_HOME"), "")


def in_house(house: dict[str, str]) -> list[str]:
    """Everything that lies in it."""
    places = (Path(house["HOME"]), Path(house["TMPDIR"]))
    return [str(path) for place in places for path in place.rglob("*")]


@contextmanager
def on_a_terminal(house: dict[str, str], *words: str, **environment: str) -> Iterator[Terminal]:
    """The command on a terminal of its own; ended by force where it does not end by itself."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [COMMAND, "demo", *words],
        env={**os.environ, **house, "TERM": "xterm-256color", "COLUMNS": "80", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(ours, child)
    finally:
        child.kill()
        child.wait()
        os.close(ours)


class Terminal:
    """A terminal with a running command."""

    def __init__(self, file: int, child: subprocess.Popen[bytes]) -> None:
        self._file = file
        self.child = child
        self.seen = ""

    def until(self, found: Callable[[str], object]) -> str:
        """Read until something is found in what was seen, or the command has ended."""
        end = time.monotonic() + SECONDS
        while not found(self.seen):
            assert time.monotonic() < end, self.seen
            try:
                self.seen += os.read(self._file, 65_536).decode("utf-8", "ignore")
            except OSError:  # Linux's way to say that the other side is closed
                break
        return self.seen

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self.child.send_signal(signal.SIGINT)
        self.until(lambda _seen: False)
        return self.child.wait(SECONDS)


def test_it_runs_without_a_word_and_leaves_nothing(house: dict[str, str]) -> None:
    done = shown(**house)
    assert (done.returncode, done.stderr) == (0, "")
    assert in_house(house) == []
    assert "\x1b" not in done.stdout
    assert done.stdout.count("✓") == 4


def test_it_fits_a_narrow_window(house: dict[str, str]) -> None:
    done = shown(**house, COLUMNS="60", NO_COLOR="1")
    assert done.returncode == 0
    too_long = [line for line in done.stdout.splitlines() if len(line) > 60]
    assert all(line.startswith("  mkdir") for line in too_long)
    assert not re.search(r"[ \t]$", done.stdout, re.MULTILINE)


def test_its_commands_work_in_the_shell_that_it_runs_in(house: dict[str, str]) -> None:
    """After `make demo` no shell finds it by its name."""
    done = shown(**house, PATH="/usr/bin:/bin")
    for words in ("service install", "demo --keep"):
        told = re.search(rf"^  (\S+) {words}$", done.stdout, re.MULTILINE)
        assert told
        assert Path(told[1]).samefile(COMMAND)


def test_it_runs_where_only_ascii_can_be_written(house: dict[str, str]) -> None:
    done = shown(**house, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()


def test_the_readme_shows_what_it_shows() -> None:
    now = excerpt(shown().stdout)
    assert without_times(KEPT.read_text("utf-8")) == without_times(now), (
        "write it anew with: python -m tests.demo.excerpt > docs/demo.txt"
    )


def test_interrupted_it_ends_at_once_and_cleanly(house: dict[str, str]) -> None:
    with on_a_terminal(house, NO_COLOR="1") as terminal:
        seen = terminal.until(lambda seen: "Marta Lindqvist" in seen)
        assert terminal.interrupt() == 130
        assert "Traceback" not in terminal.seen
    assert in_house(house) == []
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", seen), "NO_COLOR was set"


def test_kept_it_answers_a_mail_client_until_it_is_interrupted(house: dict[str, str]) -> None:
    with on_a_terminal(house, "--keep") as terminal:
        seen = terminal.until(lambda seen: "Copy a mail into INBOX" in seen)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", seen)
        assert plain != seen, "there is colour on a terminal"
        said = dict(re.findall(r"^ +(port|user|password) +(\S+)\s*$", plain, re.MULTILINE))
        client = imaplib.IMAP4("127.0.0.1", int(said["port"]), timeout=5)
        client.login(said["user"], said["password"])
        assert client.select("Drafts", readonly=True)[1] == [b"7"]
        assert terminal.interrupt() == 0
        with suppress(OSError):
            client.shutdown()
        assert "Traceback" not in terminal.seen
    assert in_house(house) == []


def test_without_the_extra_it_says_what_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pymap", None)
    assert main(["demo"]) == os.EX_USAGE
    said = capsys.readouterr().err
    assert re.search(rf'{re.escape(sys.executable)} -m pip install "pymap[<>=,.0-9]+"', said)
