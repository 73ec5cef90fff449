"""A secret comes from the one place that was named, or not at all, and is shown nowhere."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kitchenwall.adapters import logs
from kitchenwall.adapters.logs import Line
from kitchenwall.adapters.secrets import MARK_KEY, Secret, mark, require_keyring, secret_for, store
from kitchenwall.config import Account, PasswordSource
from kitchenwall.errors import AccessDenied, KitchenwallError, Unavailable, UsageError

CANARY = "kanarienvogel-4711"
ACCOUNT = Account(name="home", address="robin@mail.example", host="imap.mail.example")

# A key store for tests: a file, a key store that is locked, and one that waits for its person.
STORES = """
import os, pathlib, time
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked
FILE = pathlib.Path(__file__).with_name("kept")
def watch():
    lines = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try: lines.append(pathlib.Path("/proc", entry, "cmdline").read_text(errors="replace"))
            except OSError: pass
    FILE.with_name("seen").write_text("\\n".join(lines))
class File(KeyringBackend):
    priority = 9
    def get_password(self, service, username):
        watch()
        return FILE.read_bytes().decode() if FILE.exists() else None
    def set_password(self, service, username, password):
        watch()
        FILE.write_bytes(password.encode())
class Locked(File):
    def get_password(self, service, username): raise KeyringLocked("KANARIENVOGEL")
class Waiting(File):
    def get_password(self, service, username): time.sleep(60)
class Forgetful(File):
    def set_password(self, service, username, password): pass
class Strange(File):
    def get_password(self, service, username): raise Exception("KANARIENVOGEL")
class Broken(File):
    def get_password(self, service, username): raise RuntimeError(FILE.read_text())
"""


@dataclass(frozen=True)
class Desktop:
    """A machine whose key stores are ours; nobody's real one is touched."""

    folder: Path
    choose: Callable[[str], None]

    @property
    def kept(self) -> Path:
        return self.folder / "kept"

    @property
    def seen(self) -> str:
        """The arguments of every process at the moment when the key store was asked."""
        return (self.folder / "seen").read_text()


@pytest.fixture(autouse=True)
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desktop]:
    folder = tmp_path / "stores"
    folder.mkdir()
    (folder / "teststores.py").write_text(STORES)
    info = folder / "teststores-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: teststores\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[keyring.backends]\nteststores = teststores\n")
    settings = tmp_path / "config" / "python_keyring"
    settings.mkdir(parents=True)
    (settings / "keyringrc.cfg").write_text(f"[backend]\nkeyring-path={folder}\n")
    for name in ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "PYTHON_KEYRING_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))

    def choose(name: str) -> None:
        (settings / "keyringrc.cfg").write_text(
            f"[backend]\nkeyring-path={folder}\ndefault-keyring=teststores.{name}\n"
        )

    yield Desktop(folder, choose)
    logs._secrets.clear()
    logs._plain = logs._encoded = ()


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    path = tmp_path / "home.password"
    path.write_text(CANARY + "\n")
    path.chmod(0o600)
    return path


def from_file(path: Path) -> Account:
    return replace(ACCOUNT, password_from="file", password_file=str(path))


def from_command(*argv: str) -> Account:
    return replace(ACCOUNT, password_from="command", password_command=argv)


# The value


def test_a_secret_shows_itself_only_to_reveal() -> None:
    secret = Secret(CANARY)
    assert secret.reveal() == CANARY
    for shown in (str(secret), repr(secret), f"{secret}", f"{secret!r:>40}", f"{[secret]}"):
        assert CANARY not in shown
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            write(secret)


def test_secrets_are_equal_by_value() -> None:
    assert Secret("ä") == Secret("ä") != Secret("b")
    assert Secret("a") != "a"


# The key store


def test_the_chosen_key_store_keeps_and_gives(desktop: Desktop) -> None:
    desktop.choose("File")
    assert store(ACCOUNT, Secret(CANARY)) == "teststores.File"
    assert desktop.kept.read_text() == CANARY
    assert secret_for(ACCOUNT).reveal() == CANARY


def test_every_letter_of_a_password_is_kept(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop.choose("File")
    monkeypatch.setenv("LC_ALL", "C")
    store(ACCOUNT, Secret(' pä$$\\"wörd 🔑 '))
    assert secret_for(ACCOUNT).reveal() == ' pä$$\\"wörd 🔑 '


@pytest.mark.parametrize("value", ["x" * 5000, "two\nlines", ""])
def test_what_can_be_no_password_is_not_kept(desktop: Desktop, value: str) -> None:
    desktop.choose("File")
    with pytest.raises(KitchenwallError):
        store(ACCOUNT, Secret(value))
    assert not desktop.kept.exists()


def test_an_unprotected_key_store_is_never_chosen_by_itself(desktop: Desktop) -> None:
    desktop.kept.write_text(CANARY)
    with pytest.raises(AccessDenied, match="no key store"):
        secret_for(ACCOUNT)
    with pytest.raises(AccessDenied, match="no key store"):
        store(ACCOUNT, Secret("new"))
    assert desktop.kept.read_text() == CANARY


def test_without_a_key_store_the_other_three_ways_are_named() -> None:
    with pytest.raises(AccessDenied) as caught:
        secret_for(ACCOUNT)
    assert all(way in str(caught.value) for way in ('"credential"', '"command"', '"file"'))


@pytest.mark.parametrize("name", ["fail", "null"])
def test_a_key_store_that_keeps_nothing_is_found_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{name}.Keyring")
    with pytest.raises(AccessDenied):
        store(ACCOUNT, Secret(CANARY))


def test_a_key_store_that_forgets_is_found_out(desktop: Desktop) -> None:
    desktop.choose("Forgetful")
    with pytest.raises(AccessDenied, match="has no password"):
        store(ACCOUNT, Secret(CANARY))
    desktop.kept.write_text("old")
    with pytest.raises(AccessDenied, match="did not keep the password"):
        store(ACCOUNT, Secret(CANARY))


def test_without_an_entry_the_command_that_makes_it_is_named(desktop: Desktop) -> None:
    desktop.choose("File")
    with pytest.raises(AccessDenied, match="kitchenwall password set home"):
        secret_for(ACCOUNT)


def test_a_locked_key_store_may_be_tried_again(desktop: Desktop) -> None:
    desktop.choose("Locked")
    with pytest.raises(Unavailable, match="is locked"):
        secret_for(ACCOUNT)


def test_a_key_store_that_waits_for_its_person_is_not_waited_for(desktop: Desktop) -> None:
    desktop.choose("Waiting")
    with pytest.raises(Unavailable, match="gave no answer within 1 seconds"):
        secret_for(ACCOUNT, seconds=1)


def test_a_broken_key_store_is_named_without_its_message(desktop: Desktop) -> None:
    desktop.choose("Broken")
    desktop.kept.write_text(CANARY)
    with pytest.raises(Unavailable, match=r"teststores\.Broken failed \(RuntimeError\)"):
        secret_for(ACCOUNT)
    desktop.choose("Strange")
    with pytest.raises(Unavailable, match=r"failed \(Exception\)"):
        secret_for(ACCOUNT)
    desktop.choose("NoSuchClass")
    with pytest.raises(Unavailable, match=r"failed \(AttributeError\)"):
        secret_for(ACCOUNT)


# systemd credentials


def test_a_credential_is_read_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "home.password").write_text(CANARY)
    (tmp_path / "other").write_text("other\n")
    account = replace(ACCOUNT, password_from="credential")
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert secret_for(account, environment).reveal() == CANARY
    assert secret_for(replace(account, credential="other"), environment).reveal() == "other"


def test_a_missing_credential_says_what_is_missing(tmp_path: Path) -> None:
    account = replace(ACCOUNT, password_from="credential")
    with pytest.raises(AccessDenied, match="only the service sees those"):
        secret_for(account, {})
    with pytest.raises(AccessDenied, match=r'no credential "home\.password"'):
        secret_for(account, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    (tmp_path / "home.password").mkdir()
    with pytest.raises(AccessDenied, match="cannot read"):
        secret_for(account, {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_a_credentials_name_cannot_leave_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(CANARY)
    (tmp_path / "credentials").mkdir()
    account = replace(ACCOUNT, password_from="credential", credential="../secret")
    with pytest.raises(AccessDenied, match="no credential"):
        secret_for(account, {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")})


# Files


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_that_only_its_owner_can_read_is_believed(password_file: Path, mode: int) -> None:
    password_file.chmod(mode)
    assert secret_for(from_file(password_file)).reveal() == CANARY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o700, 0o4600])
def test_a_file_that_others_may_see_is_refused(password_file: Path, mode: int) -> None:
    password_file.chmod(mode)
    with pytest.raises(AccessDenied, match="chmod 600"):
        secret_for(from_file(password_file))


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give files away")
def test_a_file_of_somebody_else_is_refused(password_file: Path) -> None:
    os.chown(password_file, 12345, 12345)
    with pytest.raises(AccessDenied, match="belongs to somebody else"):
        secret_for(from_file(password_file))


def test_what_is_no_file_is_refused(tmp_path: Path, password_file: Path) -> None:
    (tmp_path / "link").symlink_to(password_file)
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "folder").mkdir(mode=0o700)
    for name, reason in {
        "link": "symbolic link",
        "pipe": "no regular file",
        "folder": "no regular file|Is a directory",
        "missing": "No such file",
    }.items():
        with pytest.raises(AccessDenied, match=reason):
            secret_for(from_file(tmp_path / name))


@pytest.mark.parametrize("content", [b"", b"\n", b"one\ntwo\n", b"a\0b", b"\xff\xfe"])
def test_a_file_that_holds_no_password_is_refused(password_file: Path, content: bytes) -> None:
    password_file.write_bytes(content)
    with pytest.raises(AccessDenied, match="password"):
        secret_for(from_file(password_file))


def test_spaces_belong_to_a_password(password_file: Path) -> None:
    password_file.write_bytes(b" abcd efgh \r\n")
    assert secret_for(from_file(password_file)).reveal() == " abcd efgh "


# Programs


def test_the_first_line_of_a_program_is_the_password() -> None:
    assert secret_for(from_command("/usr/bin/printf", f"{CANARY}\\nurl: x\\n")).reveal() == CANARY


def test_a_token_comes_from_its_own_program() -> None:
    account = replace(ACCOUNT, password_from="token_command", token_command=("/bin/echo", CANARY))
    assert secret_for(account).reveal() == CANARY


def test_a_program_that_fails_waits_or_prints_nothing_gives_no_password() -> None:
    with pytest.raises(Unavailable, match="status 1"):
        secret_for(from_command("/bin/false"))
    with pytest.raises(Unavailable, match="not done within"):
        secret_for(from_command("/bin/sleep", "60"), seconds=0.2)
    with pytest.raises(AccessDenied, match="is empty"):
        secret_for(from_command("/bin/true"))
    with pytest.raises(AccessDenied, match="cannot start"):
        secret_for(from_command("no-such-program"))


# No falling through


def test_no_other_place_is_asked_when_the_named_one_has_nothing(
    tmp_path: Path, password_file: Path, desktop: Desktop
) -> None:
    desktop.choose("File")
    desktop.kept.write_text(CANARY)
    (tmp_path / "credentials").mkdir()
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path / "credentials")}
    account = replace(ACCOUNT, password_file=str(password_file), password_from="credential")
    with pytest.raises(AccessDenied):
        secret_for(account, environment)


@pytest.mark.parametrize("source", ["credential", "command", "file", "token_command"])
def test_a_password_kept_elsewhere_is_not_put_into_the_key_store(
    source: PasswordSource, desktop: Desktop
) -> None:
    desktop.choose("File")
    account = replace(
        ACCOUNT,
        password_from=source,
        password_command=("pass",),
        token_command=("token",),
        password_file="/p",
    )
    with pytest.raises(UsageError, match=f'password_from = "{source}"'):
        store(account, Secret(CANARY))
    assert not desktop.kept.exists()
    require_keyring(ACCOUNT)


# The mark


def test_a_mark_tells_a_changed_secret_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    first = mark(Secret(CANARY), folder)
    assert mark(Secret(CANARY), folder) == first
    assert mark(Secret(CANARY + "x"), folder) != first
    assert mark(Secret(CANARY), tmp_path / "elsewhere") != first
    assert len(first) == 64
    assert (folder / MARK_KEY).stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_fresh_token_from_the_same_program_has_the_same_mark(tmp_path: Path) -> None:
    account = replace(
        ACCOUNT,
        password_from="token_command",
        token_command=(sys.executable, "-c", "import os; print(os.urandom(8).hex())"),
    )
    one, two = secret_for(account), secret_for(account)
    assert one != two
    assert mark(one, tmp_path) == mark(two, tmp_path)
    other = replace(account, token_command=("/bin/echo", "token"))
    assert mark(secret_for(other), tmp_path) != mark(one, tmp_path)


def test_a_key_that_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    mark(Secret(CANARY), tmp_path)
    (tmp_path / MARK_KEY).write_bytes(b"short")
    assert mark(Secret(CANARY), tmp_path) == mark(Secret(CANARY), tmp_path)
    assert (tmp_path / MARK_KEY).stat().st_size == 32


# The canary

WATCHING = """
import os
seen = []
for entry in os.listdir("/proc"):
    if entry.isdigit():
        try: seen.append(open(f"/proc/{entry}/cmdline").read())
        except OSError: pass
open(%r, "w").write("\\n".join(seen))
print(open(%r).read())
"""


@pytest.mark.parametrize("source", ["keyring", "credential", "command", "file", "token_command"])
def test_a_secret_of_any_source_is_seen_nowhere(
    source: PasswordSource, tmp_path: Path, password_file: Path, desktop: Desktop
) -> None:
    desktop.choose("File")
    program = (sys.executable, "-c", WATCHING % (str(desktop.folder / "seen"), str(password_file)))
    account = replace(
        ACCOUNT,
        password_from=source,
        password_file=str(password_file),
        password_command=program,
        token_command=program,
    )
    if source == "keyring":
        store(account, Secret(CANARY))
        assert CANARY not in desktop.seen
    secret = secret_for(account, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert secret.reveal() == CANARY
    if source not in ("credential", "file"):
        assert sys.executable in desktop.seen
        assert CANARY not in desktop.seen
    assert CANARY not in repr((secret, account))
    for level in (logging.DEBUG, logging.INFO, logging.ERROR):
        record = logging.LogRecord("k", level, "", 1, "%s %s", (secret, secret.reveal()), None)
        assert CANARY not in Line(priorities=False).format(record)


@pytest.mark.parametrize(
    "content", [f"{CANARY}\nmore", f"{CANARY}\0", "x" * 70_000 + CANARY], ids=["two", "nul", "long"]
)
@pytest.mark.parametrize("source", ["credential", "command", "file", "token_command"])
def test_no_refusal_repeats_what_it_refuses(
    source: PasswordSource, content: str, tmp_path: Path, password_file: Path
) -> None:
    password_file.write_text(content)
    program = ("/bin/sh", "-c", f"cat {password_file}; exit 1")
    account = replace(
        ACCOUNT,
        password_from=source,
        password_file=str(password_file),
        password_command=program,
        token_command=program,
    )
    with pytest.raises(KitchenwallError) as caught:
        secret_for(account, {"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert CANARY not in "".join(traceback.format_exception(caught.value))
