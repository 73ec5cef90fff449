"""What systemctl is asked, with a program in its place that writes down what it was asked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kitchenwall.adapters import systemctl, units
from kitchenwall.errors import Unavailable


@pytest.fixture
def service(tmp_path: Path) -> units.Service:
    """The session's service, answered for by a systemctl that fails for "restart"."""
    program = tmp_path / "systemctl"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n'
        'case "$*" in *restart*) echo "Job failed." >&2; exit 1;; esac\n'
        "echo ActiveState=active; echo StatusText=all = well\n"
    )
    program.chmod(0o755)
    return replace(units.of_session(tmp_path, None), control=(str(program), "--user"))


def asked(tmp_path: Path) -> list[str]:
    return (tmp_path / "asked").read_text().splitlines()


def test_a_start_is_always_a_new_one_after_systemd_has_read_the_files(
    service: units.Service, tmp_path: Path
) -> None:
    with pytest.raises(Unavailable):
        systemctl.do(systemctl.to_start(service))
    assert asked(tmp_path) == [
        "--user daemon-reload",
        "--user enable kitchenwall.service",
        "--user restart kitchenwall.service",
    ]


def test_a_failed_start_says_why_and_where_more_is_told(service: units.Service) -> None:
    with pytest.raises(Unavailable, match=r"Job failed; .*journalctl --user -n 20 -u kitchenwall"):
        systemctl.do(systemctl.to_start(service))


def test_another_systems_files_are_only_switched_on(tmp_path: Path) -> None:
    commands = systemctl.to_start(units.of_person("anna", tmp_path))
    assert commands == (("systemctl", f"--root={tmp_path}", "enable", "kitchenwall@anna.service"),)


def test_what_systemd_tells_is_read_line_by_line(service: units.Service) -> None:
    assert systemctl.told(service) == {"ActiveState": "active", "StatusText": "all = well"}


def test_a_stop_and_a_farewell_never_fail(service: units.Service, tmp_path: Path) -> None:
    systemctl.stop(service)
    systemctl.forget(service)
    assert [line.split()[1] for line in asked(tmp_path)] == [
        "stop",
        "daemon-reload",
        "reset-failed",
    ]


def test_another_systems_service_never_runs_here(tmp_path: Path) -> None:
    assert not systemctl.runs(units.of_person("anna", tmp_path))


def test_a_session_without_a_manager_runs_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert not systemctl.runs(units.of_session(tmp_path, None))
