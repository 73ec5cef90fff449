"""systemd is told how the service is, and nothing breaks where there is no systemd."""

from __future__ import annotations

import os
import re
import secrets
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitchenwall.adapters.notify import Notifier


@pytest.fixture(params=["file", "abstract"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    name = str(tmp_path / "notify") if request.param == "file" else f"@kw-{secrets.token_hex(8)}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(name.replace("@", "\0", 1) if name.startswith("@") else name)
        ear.settimeout(2)
        yield ear, name


def test_each_call_is_one_datagram(listener: tuple[socket.socket, str]) -> None:
    ear, address = listener
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": address})
    told = [
        notifier.ready("2 accounts"),
        notifier.ready(),
        notifier.status("waiting"),
        notifier.watchdog(),
        notifier.stopping("bye"),
    ]
    assert all(told)
    assert [ear.recv(1000) for _ in told] == [
        b"READY=1\nSTATUS=2 accounts",
        b"READY=1",
        b"STATUS=waiting",
        b"WATCHDOG=1",
        b"STOPPING=1\nSTATUS=bye",
    ]


def test_a_reload_says_when_it_began(listener: tuple[socket.socket, str]) -> None:
    ear, address = listener
    assert Notifier(address).reloading()
    told = re.fullmatch(rb"RELOADING=1\nMONOTONIC_USEC=(\d+)", ear.recv(1000))
    assert told
    assert 0 <= time.monotonic() - int(told[1]) / 1e6 < 5


def test_a_status_cannot_smuggle_in_another_line(listener: tuple[socket.socket, str]) -> None:
    ear, address = listener
    assert Notifier(address).status("a\nWATCHDOG=trigger\r\nb " + "x" * 2000)
    heard = ear.recv(5000)
    assert heard.startswith(b"STATUS=a WATCHDOG=trigger b xxx")
    assert b"\n" not in heard
    assert len(heard) < 600


@pytest.mark.parametrize("address", ["", "/nowhere/notify", "@nobody-listens", "vsock:1:2", "@"])
def test_where_nobody_listens_nothing_breaks(address: str) -> None:
    assert not Notifier(address).ready("up")
    assert not Notifier(address).watchdog()


def test_the_watchdog_is_ours_only_when_it_is_meant_for_us() -> None:
    def seconds(**more: str) -> float:
        return Notifier.from_environment({"WATCHDOG_USEC": "120000000", **more}).watchdog_seconds

    assert seconds() == 120
    assert seconds(WATCHDOG_PID=str(os.getpid())) == 120
    assert seconds(WATCHDOG_PID="1") == 0
    assert seconds(WATCHDOG_USEC="soon") == 0
