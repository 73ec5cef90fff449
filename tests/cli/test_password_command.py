"""A password is asked for without echo, kept where the file says, and never shown."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kitchenwall.adapters.sqlite import open_journal
from kitchenwall.cli.main import main
from kitchenwall.domain.journal import Stop

CANARY = "kanarienvogel-4711"
ADDRESS = "robin@mail.example"
FILE = f"""
[person]
name = "Robin Sommer"
[[account]]
name = "home"
address = "{ADDRESS}"
host = "imap.mail.example"
"""
COMMAND = [sys.executable, "-m", "kitchenwall", "password", "set", "home"]
STORE = """
import pathlib
from keyring.backend import KeyringBackend
FILE = pathlib.Path(__file__).with_name("kept")
class File(KeyringBackend):
    priority = 9
    def get_password(self, service, username):
        return FILE.read_text() if FILE.exists() else None
    def set_password(self, service, username, password):
        FILE.write_text(password)
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person with a configuration and no desktop."""
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "PYTHON_KEYRING_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    configure(tmp_path, "")
    return tmp_path


@pytest.fixture
def kept(home: Path) -> Path:
    """The file of a key store that the person has chosen."""
    (home / "teststore.py").write_text(STORE)
    (home / "python_keyring").mkdir()
    (home / "python_keyring" / "keyringrc.cfg").write_text(
        f"[backend]\nkeyring-path={home}\ndefault-keyring=teststore.File\n"
    )
    return home / "kept"


def configure(home: Path, more: str) -> None:
    path = home / "kitchenwall" / "config.toml"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(FILE + more)
    path.chmod(0o600)


def give(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_a_password_from_a_pipe_is_kept_and_its_place_is_said(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, CANARY + "\n")
    assert main(["password", "set", "home", "--stdin"]) == 0
    assert kept.read_text() == CANARY
    told = capsys.readouterr()
    assert told.out == f"kept the password of {ADDRESS} in the key store (teststore.File)\n"
    assert CANARY not in told.out + told.err
    assert main(["password", "check", "home"]) == 0
    told = capsys.readouterr()
    assert told.out == 'the secret of "home" is there (password_from = "keyring")\n'


def test_an_empty_password_changes_nothing(
    kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept.write_text("old")
    give(monkeypatch, "\n")
    assert main(["password", "set", "home", "--stdin"]) == 64
    assert kept.read_text() == "old"
    assert "nothing was changed" in capsys.readouterr().err


def test_a_new_password_lifts_the_accounts_stop(
    home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_journal(home / "kitchenwall" / "state") as journal:
        journal.record_stop(Stop(ADDRESS, "refused", datetime(2026, 1, 1, tzinfo=UTC), "mark"))
    configure(home, f'[journal]\nfolder = "{home}/kitchenwall/state"')
    give(monkeypatch, CANARY)
    assert main(["password", "set", "home", "--stdin"]) == 0
    assert '"home" had stopped itself and will try again' in capsys.readouterr().out
    with open_journal(home / "kitchenwall" / "state") as journal:
        assert journal.stop(ADDRESS) is None


def test_without_a_journal_none_is_made(
    home: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(home, f'[journal]\nfolder = "{home}/new"')
    give(monkeypatch, CANARY)
    assert main(["password", "set", "home", "--stdin"]) == 0
    assert not (home / "new").exists()


def test_without_a_key_store_the_other_ways_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    give(monkeypatch, CANARY)
    assert main(["password", "set", "home", "--stdin"]) == 77
    told = capsys.readouterr().err
    assert all(way in told for way in ('"credential"', '"command"', '"file"'))
    assert CANARY not in told


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ('password_from = "credential"', "systemd-creds encrypt --name=home.password"),
        ('password_from = "file"\npassword_file = "/p"', "install -m 600 /dev/null /p"),
        ('password_from = "command"\npassword_command = ["pass", "x"]', 'the program "pass" finds'),
        ('password_from = "token_command"\ntoken_command = ["tok"]', 'the program "tok" prints'),
    ],
)
def test_a_password_that_is_kept_elsewhere_is_not_even_asked_for(
    home: Path, more: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(home, more)
    assert main(["password", "set", "home"]) == 64
    assert told in capsys.readouterr().err


def test_an_unknown_account_names_those_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["password", "check", "work"]) == 78
    assert "there are: home" in capsys.readouterr().err


def test_on_a_terminal_it_is_asked_for_without_echo(kept: Path) -> None:
    shown, code = typed(CANARY)
    assert code == 0
    assert kept.read_text() == CANARY
    assert f"password of {ADDRESS} at imap.mail.example: " in shown
    assert CANARY not in shown


def test_without_a_terminal_nothing_is_asked() -> None:
    # A session of its own has no terminal, whatever the tests run on.
    done = subprocess.run(
        COMMAND,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        timeout=30,
        check=False,
    )
    assert (done.returncode, done.stdout) == (64, b"")
    assert b"give it with --stdin" in done.stderr


def typed(text: str) -> tuple[str, int]:
    """Type at a terminal of its own when asked; what it showed, and the exit code."""
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        COMMAND, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown, answered = b"", False
    while select.select([ours], [], [], 30)[0]:
        try:
            shown += os.read(ours, 1000)
        except OSError:  # Linux's way to say that the other side has closed.
            break
        if b": " in shown and not answered:
            os.write(ours, text.encode() + b"\n")
            answered = True
    os.close(ours)
    return shown.decode(), command.wait(30)
