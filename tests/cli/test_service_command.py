"""The command as a person or a program uses it, on another system's files or without systemd."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.cli.main import main

SETTINGS = """
[person]
name = "Anna Beispiel"
[[account]]
name = "home"
address = "anna@mail.example"
host = "imap.mail.example"
password_from = "{source}"
"""
SYSTEM = ("--system", "--for", "anna")
needs_systemctl = pytest.mark.skipif(not shutil.which("systemctl"), reason="needs systemctl")

Service = Callable[..., Any]


@pytest.fixture(autouse=True)
def nobodys_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A home of our own, and no manager of a session whom the tests could disturb."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def service(capsys: pytest.CaptureFixture[str]) -> Service:
    """Run the command and read what it says to programs."""

    def run(*words: str, code: int = 0) -> Any:
        assert main(["service", *words, "--json"]) == code
        return json.loads(capsys.readouterr().out or "{}")

    return run


def configure(path: Path, source: str = "credential", more: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SETTINGS.format(source=source) + more)
    path.chmod(0o600)


def on(root: Path) -> tuple[str, ...]:
    return (*SYSTEM, "--root", str(root))


def dropin(root: Path) -> str:
    return (root / "etc/systemd/system/kitchenwall@anna.service.d/installed.conf").read_text()


@pytest.mark.server
@needs_systemctl
def test_a_system_service_is_installed_shown_and_removed(tmp_path: Path, service: Service) -> None:
    configure(tmp_path / "etc/kitchenwall/anna.toml")
    service("install", *on(tmp_path))
    told = service("status", *on(tmp_path))
    assert (told["installed"], told["enabled"], told["changed_by_hand"]) == (True, True, [])
    service("remove", *on(tmp_path))
    told = service("status", *on(tmp_path), code=os.EX_UNAVAILABLE)
    assert (told["installed"], told["enabled"]) == (False, False)
    assert [path for path in tmp_path.rglob("*") if path.is_file() or path.is_symlink()] == [
        tmp_path / "etc/kitchenwall/anna.toml"
    ]


@pytest.mark.server
@needs_systemctl
def test_the_unit_starts_the_command_that_installed_it(tmp_path: Path, service: Service) -> None:
    service("install", *on(tmp_path))
    unit = (tmp_path / "etc/systemd/system/kitchenwall@.service").read_text()
    (line,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    command, rest = line.removeprefix("ExecStart=").split(" ", 1)
    assert os.access(command, os.X_OK)
    assert rest.endswith("--config /etc/kitchenwall/%i.toml run")


@pytest.mark.server
@needs_systemctl
def test_a_missing_credential_is_asked_for_with_the_command_that_makes_it(
    tmp_path: Path, service: Service
) -> None:
    configure(tmp_path / "etc/kitchenwall/anna.toml")
    report = service("install", *on(tmp_path))
    source = "/etc/credstore.encrypted/kitchenwall.anna.home.password.cred"
    assert f"LoadCredentialEncrypted=home.password:{source}\n" in dropin(tmp_path)
    (todo,) = report["todo"]
    assert todo["commands"][-1] == (
        f"systemd-ask-password -n | systemd-creds encrypt --name=home.password - {source}"
    )


@pytest.mark.server
@needs_systemctl
def test_a_credential_that_is_there_leaves_nothing_to_do(tmp_path: Path, service: Service) -> None:
    configure(tmp_path / "etc/kitchenwall/anna.toml")
    configure(tmp_path / "etc/credstore/kitchenwall.anna.home.password")
    report = service("install", *on(tmp_path))
    assert report["todo"] == []
    assert "LoadCredential=home.password:/etc/credstore/" in dropin(tmp_path)


@pytest.mark.server
@needs_systemctl
def test_a_desktops_key_store_is_no_place_for_a_system_service(
    tmp_path: Path, service: Service
) -> None:
    configure(tmp_path / "etc/kitchenwall/anna.toml", "keyring")
    (todo,) = service("install", *on(tmp_path))["todo"]
    assert "key store" in todo["why"]


@pytest.mark.server
@needs_systemctl
def test_a_journal_elsewhere_is_writable_for_the_service(tmp_path: Path, service: Service) -> None:
    configure(
        tmp_path / "etc/kitchenwall/anna.toml", more='[journal]\nfolder = "/srv/anna journal"'
    )
    report = service("install", *on(tmp_path))
    assert 'ReadWritePaths="-/srv/anna journal"' in dropin(tmp_path)
    assert report["todo"][-1]["commands"] == ["install -d -m 700 -o anna '/srv/anna journal'"]


@pytest.mark.server
@needs_systemctl
def test_the_template_stays_while_another_person_uses_it(tmp_path: Path, service: Service) -> None:
    other = ("--system", "--for", "bela", "--root", str(tmp_path))
    service("install", *on(tmp_path))
    service("install", *other)
    service("remove", *on(tmp_path))
    assert (tmp_path / "etc/systemd/system/kitchenwall@.service").exists()
    service("remove", *other)
    assert not (tmp_path / "etc/systemd/system/kitchenwall@.service").exists()


@pytest.mark.server
@needs_systemctl
def test_a_unit_changed_by_hand_is_neither_replaced_nor_removed_without_force(
    tmp_path: Path, service: Service
) -> None:
    service("install", *on(tmp_path))
    unit = tmp_path / "etc/systemd/system/kitchenwall@.service"
    mine = unit.read_text().replace("RestartSec=15", "RestartSec=60")
    unit.write_text(mine)
    service("install", *on(tmp_path), code=os.EX_USAGE)
    service("remove", *on(tmp_path), code=os.EX_USAGE)
    assert unit.read_text() == mine
    assert service("status", *on(tmp_path))["changed_by_hand"] == [str(unit)]
    report = service("install", *on(tmp_path), "--force")
    (copy,) = [file["copy"] for file in report["files"] if file["copy"]]
    assert Path(copy).read_text() == mine


def test_a_broken_configuration_is_told_before_anything_is_written(
    tmp_path: Path, service: Service
) -> None:
    configure(tmp_path / "etc/kitchenwall/anna.toml", "nowhere")
    service("install", *on(tmp_path), code=os.EX_CONFIG)
    assert not (tmp_path / "etc/systemd").exists()


def test_without_systemd_the_commands_for_later_are_told(tmp_path: Path, service: Service) -> None:
    configure(tmp_path / "home/.config/kitchenwall/config.toml", "keyring")
    report = service("install", "--session")
    assert report["files"][0] == {
        "path": str(tmp_path / "home/.config/systemd/user/kitchenwall.service"),
        "change": "written",
        "copy": "",
    }
    assert not report["started"]
    assert report["todo"][0]["commands"] == [
        "systemctl --user daemon-reload",
        "systemctl --user enable kitchenwall.service",
        "systemctl --user restart kitchenwall.service",
    ]


def test_the_session_looks_where_the_shell_looks(
    tmp_path: Path, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    configure(tmp_path / "conf/kitchenwall/config.toml", "keyring")
    service("install", "--session")
    extras = (tmp_path / "conf/systemd/user/kitchenwall.service.d/installed.conf").read_text()
    assert f"Environment=XDG_CONFIG_HOME={tmp_path}/conf\n" in extras
    assert f"Environment=XDG_STATE_HOME={tmp_path}/state\n" in extras


def test_another_configuration_file_is_what_the_session_runs_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configure(tmp_path / "other.toml", "keyring")
    assert main(["--config", str(tmp_path / "other.toml"), "service", "install", "--session"]) == 0
    unit = (tmp_path / "home/.config/systemd/user/kitchenwall.service").read_text()
    assert f" --config {tmp_path}/other.toml run\n" in unit


def test_without_a_configuration_the_way_to_one_is_told(tmp_path: Path, service: Service) -> None:
    if Path("/etc/kitchenwall").exists():
        pytest.skip("this machine has a configuration for everybody")
    (todo, *_) = service("install", "--session")["todo"]
    path = tmp_path / "home/.config/kitchenwall/config.toml"
    assert todo["commands"][-1] == f"kitchenwall config example > {path}"


def test_removing_what_is_not_there_is_no_failure(service: Service) -> None:
    report = service("remove", "--session")
    assert {file["change"] for file in report["files"]} == {"absent"}


@pytest.mark.parametrize(
    "words",
    [
        ("install", "--system"),
        ("install", "--session", "--for", "anna"),
        ("install", "--system", "--for", "nobody-of-that-name"),
        ("install", "--system", "--for", "root"),
    ],
)
def test_a_question_that_makes_no_sense_is_a_usage_error(
    service: Service, words: tuple[str, ...]
) -> None:
    service(*words, code=os.EX_USAGE)


def test_people_are_told_in_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    configure(tmp_path / "home/.config/kitchenwall/config.toml", "keyring")
    assert main(["service", "install", "--session"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "kitchenwall.service: installed"
    assert lines[1].split() == [
        "written",
        str(tmp_path / "home/.config/systemd/user/kitchenwall.service"),
    ]
    assert main(["service", "status", "--session"]) == 0
    assert capsys.readouterr().out.startswith("kitchenwall.service: ")
    assert main(["service", "remove", "--session"]) == 0
    assert "left alone: configuration, journal and credentials" in capsys.readouterr().out
