"""The unit files: what stands in them, and that real systemd takes them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitchenwall.adapters import sealed, units
from kitchenwall.adapters.units import Credential
from kitchenwall.errors import UsageError

COMMAND = ("/home/anna/.local/bin/kitchenwall",)
SYSTEM_UNITS = Path("/usr/lib/systemd/system")
USER_UNITS = Path("/usr/lib/systemd/user")


def settings(text: str) -> dict[str, list[str]]:
    """Every setting of a unit with all its values, as systemd would read the lines."""
    found: dict[str, list[str]] = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith(("#", ";")):
            found.setdefault(key, []).append(value)
    return found


def test_the_system_service_runs_as_the_person_with_their_own_files() -> None:
    text = settings(units.unit_text(units.of_person("anna", None), COMMAND))
    assert text["User"] == ["%i"]
    assert text["StateDirectory"] == ["kitchenwall/%i"]
    assert text["ExecStart"] == [f"{COMMAND[0]} --config /etc/kitchenwall/%i.toml run"]
    assert "DynamicUser" not in text


@pytest.mark.parametrize(
    "service", [units.of_person("anna", None), units.of_session(Path("/h"), None)]
)
def test_both_services_are_watched_and_do_not_start_again_when_only_the_person_helps(
    service: units.Service,
) -> None:
    text = settings(units.unit_text(service, COMMAND))
    expected = {
        "Type": "notify",
        "NotifyAccess": "main",
        "WatchdogSec": "180",
        "Restart": "on-failure",
        "RestartSec": "15",
        "StartLimitBurst": "5",
        "RestartPreventExitStatus": "77 78",
        "TimeoutStopSec": "30",
        "LimitCORE": "0",
        "MemoryMax": "256M",
        "TasksMax": "64",
        "UMask": "0077",
        "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    }
    assert {key: text[key] for key in expected} == {k: [v] for k, v in expected.items()}


def test_the_persons_own_shared_memory_survives_a_stop() -> None:
    assert "RemoveIPC" not in settings(units.unit_text(units.of_person("anna", None), COMMAND))


def test_the_session_keeps_its_journal_out_of_the_configuration_folder() -> None:
    # systemd before 254 puts a session's StateDirectory= below ~/.config.
    text = settings(units.unit_text(units.of_session(Path("/h"), None), COMMAND))
    assert "StateDirectory" not in text


@pytest.mark.parametrize("name", ["root", "", "../x", "ä", "a b", "a%i", "-a", "a@b", "a/b"])
def test_a_name_that_is_no_person_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        units.of_person(name, None)


def test_a_command_with_a_space_or_a_percent_sign_stays_one_word() -> None:
    service = units.of_session(Path("/h"), None)
    text = settings(units.unit_text(service, ("/opt/50% off/kitchenwall",)))
    assert text["ExecStart"] == ['"/opt/50%% off/kitchenwall" run']


@given(st.text(min_size=1))
def test_no_command_ever_adds_a_line_or_a_variable_to_the_unit(word: str) -> None:
    service = units.of_session(Path("/h"), None)
    before = units.unit_text(service, ("/bin/x",)).splitlines()
    try:
        after = units.unit_text(service, (f"/{word}",)).split("\n")
    except UsageError:
        return
    changed = [new for old, new in zip(before[1:], after[1:-1], strict=True) if old != new]
    assert all(line.startswith("ExecStart=") and "$" not in line for line in changed)


def test_a_dropin_without_content_is_no_file() -> None:
    assert units.dropin_text((), {}, ()) == ""


def test_a_dropin_names_credentials_environment_and_folders() -> None:
    text = units.dropin_text(
        (
            Credential("home.password", Path("/p/home"), encrypted=Path("/c/home")),
            Credential("work.password", Path("/c/work"), encrypted=None),
        ),
        {"XDG_STATE_HOME": "/h/my state"},
        (Path("/srv/a b"),),
    )
    assert text.splitlines()[1:] == [
        "[Service]",
        "LoadCredentialEncrypted=home.password:/c/home",
        "LoadCredential=work.password:/c/work",
        'Environment="XDG_STATE_HOME=/h/my state"',
        'ReadWritePaths="-/srv/a b"',
    ]


def test_a_credential_is_expected_encrypted_unless_only_a_plain_file_is_there(
    tmp_path: Path,
) -> None:
    service = units.of_person("anna", tmp_path)
    encrypted = Path("/etc/credstore.encrypted/kitchenwall.anna.home.password.cred")
    plain = Path("/etc/credstore/kitchenwall.anna.home.password")
    expected = Credential("home.password", plain, encrypted)
    assert units.credential(service, "home.password") == expected
    put(service.below_root(plain))
    assert units.credential(service, "home.password") == Credential("home.password", plain, None)
    put(service.below_root(encrypted))
    assert units.credential(service, "home.password") == expected


def put(path: Path, text: str = "x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_the_template_serves_others_when_they_are_switched_on_or_installed(tmp_path: Path) -> None:
    service = units.of_person("anna", tmp_path)
    folder = tmp_path / "etc/systemd/system"
    put(folder / "multi-user.target.wants" / service.name)
    put(folder / f"{service.name}.d" / "installed.conf")
    assert units.links(service) == (folder / "multi-user.target.wants" / service.name,)
    assert not units.serves_others(service)
    put(folder / "kitchenwall@bela.service.d" / "installed.conf")
    assert units.serves_others(service)


@pytest.mark.server
@pytest.mark.parametrize("system", [True, False], ids=["system", "session"])
def test_systemd_finds_nothing_to_say_about_the_unit_as_installed(
    tmp_path: Path, system: bool
) -> None:
    service = installed(tmp_path, system)
    # --user does not go together with --root: there the file itself is asked for.
    unit = (f"--root={tmp_path}", service.name) if system else (service.below_root(service.unit),)
    result = tool("systemd-analyze", "verify", "--man=no", *scope(system), *unit, runtime=tmp_path)
    assert (result.returncode, result.stderr, result.stdout) == (0, "", "")


@pytest.mark.server
@pytest.mark.parametrize(("system", "most"), [(True, 15), (False, 65)], ids=["system", "session"])
def test_systemd_calls_the_exposure_at_most(tmp_path: Path, system: bool, most: int) -> None:
    service = installed(tmp_path, system)
    unit = service.below_root(service.unit)
    alone = unit.rename(tmp_path / service.name)
    analyze = ("systemd-analyze", "security", "--offline=yes", f"--threshold={most}")
    result = tool(*analyze, *scope(system), alone, runtime=tmp_path)
    print(result.stdout.splitlines()[-1])
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.server
@pytest.mark.parametrize("system", [True, False], ids=["system", "session"])
def test_systemctl_enables_the_unit_as_installed(tmp_path: Path, system: bool) -> None:
    service = installed(tmp_path, system)
    result = tool(*service.control, "enable", service.name)
    assert result.returncode == 0, result.stderr
    (link,) = units.links(service)
    assert os.readlink(link) == str(service.unit)
    assert tool(*service.control, "is-enabled", service.name).stdout == "enabled\n"


def installed(root: Path, system: bool) -> units.Service:
    """A root with systemd's own units, a shell, the command, and the service with a drop-in."""
    service = units.of_person("anna", root) if system else units.of_session(Path("/h"), root)
    for folder in (SYSTEM_UNITS, USER_UNITS):
        shutil.copytree(folder, root / folder.relative_to("/"), symlinks=True)
    for program in ("bin/sh", COMMAND[0][1:]):
        put(root / program)
        (root / program).chmod(0o755)
    command = COMMAND if system else (str(root / COMMAND[0][1:]),)
    extras = units.dropin_text(
        (
            Credential(
                "home.password", Path("/x"), encrypted=Path("/etc/credstore.encrypted/x.cred")
            ),
        ),
        {"XDG_STATE_HOME": "/h/my state"},
        (Path("/srv/a b"),),
    )
    sealed.lay(
        {
            service.below_root(service.unit): units.unit_text(service, command),
            service.below_root(service.dropin): extras,
        },
        force=False,
    )
    return service


def scope(system: bool) -> Sequence[str]:
    return () if system else ("--user",)


def tool(*argv: str | Path, runtime: Path = Path("/")) -> subprocess.CompletedProcess[str]:
    # systemd-analyze --user cannot even begin without a runtime folder.
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime), "LC_ALL": "C.UTF-8"}
    return subprocess.run(
        argv, capture_output=True, text=True, timeout=60, check=False, env=environment
    )
