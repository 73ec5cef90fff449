"""The program as it is installed, with its own configuration file and its own road."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from kitchenwall import roads, wiring
from kitchenwall.app.pipeline import Road
from kitchenwall.config import Config
from tests.faults.house import House

_WORDS = {
    "no": "Unfortunately, we have decided not to move forward with your application",
    "answer": "You asked for feedback: your experience with Python was not deep enough for the role",
    "hello": "Thank you for your application, which we have received and will read soon",
}
_CONFIG = """
[person]
name = "Anna Berg"

[[account]]
name = "home"
address = "anna@mail.example"
login = "{user}"
host = "127.0.0.1"
port = {port}
security = "plain"
password_from = "file"
password_file = "{folder}/password"

[draft]
settle_first_seconds = 1
settle_second_seconds = 2

[journal]
folder = "{folder}"
"""


def letter(number: int, word: str) -> bytes:
    """An invented mail that really says no, or thanks for an application."""
    return (
        f"From: Mara Lindt <mara@atelier{number}.example>\r\n"
        "To: Anna Berg <anna@mail.example>\r\n"
        f"Subject: Your application at Atelier {number}\r\n"
        f"Date: {format_datetime(datetime.now(UTC))}\r\n"
        f"Message-ID: <no-{number}@acorn.example>\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "\r\n"
        f"Dear Anna,\r\n\r\n{_WORDS[word]}.\r\n\r\nKind regards\r\nMara Lindt\r\n"
    ).encode()


def conversation(number: int, word: str) -> bytes:
    """The same, all of them from one person: a receipt is the history of the no that follows."""
    written = letter(number, word).decode()
    return (
        written.replace(f"atelier{number}.", "atelier.")
        .replace(f"Atelier {number}", "Atelier")
        .encode()
    )


def answered(number: int, word: str) -> bytes:
    """The same, and an "answer" answers the mail that came before it."""
    written = conversation(number, word)
    if word != "answer":
        return written
    return b"In-Reply-To: <no-%d@acorn.example>\r\n" % (number - 1) + written


def unheard(number: int, word: str) -> bytes:
    """The same, but nobody reads where the no comes from: the receipt's writer is who is answered."""
    written = conversation(number, word)
    if word != "no":
        return written
    return written.replace(b"Mara Lindt <mara@atelier.", b"Atelier <no-reply@atelier.")


def configured(house: House) -> Path:
    """The configuration file with which the program works on this house."""
    house.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    password = house.folder / "password"
    password.touch(mode=0o600)
    password.write_text("secret\n")
    path = house.folder / "config.toml"
    path.write_text(_CONFIG.format(user=house.user, port=house.program.port, folder=house.folder))
    return path


def config_of(house: House) -> Config:
    return wiring.read_config(configured(house))


def real_road(house: House) -> Callable[[], Road]:
    """Reads, judges, gathers, decides and writes as the installed program does."""
    config = config_of(house)
    road = roads.road_for(config, config.accounts[0])
    return lambda: road


def started(house: House, *command: str) -> subprocess.Popen[str]:
    """The installed program in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "kitchenwall", "--config", str(configured(house)), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "XDG_STATE_HOME": str(house.folder)},
    )
