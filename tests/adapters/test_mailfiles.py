"""Mails are found in files of every kind, and what cannot be read is told."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.adapters.mailfiles import MAIL_MOST, Found, MailFile, Problem, mails

MAIL = b"From: Jordan <jordan@acme.example>\nSubject: one\nMessage-ID: <a1@acme.example>\n\nHello\n"
DATED = b"From jordan@acme.example Tue Mar  4 10:00:00 2025\n"


def found_in(*paths: Path | str, given: bytes = b"") -> list[Found]:
    standard_input: io.BufferedReader[Any] = io.BufferedReader(io.BytesIO(given))
    return list(mails(map(str, paths), standard_input))


def ids(found: list[Found]) -> list[str]:
    return [one.id for one in found if isinstance(one, MailFile)]


def problems(found: list[Found]) -> list[Problem]:
    return [one for one in found if isinstance(one, Problem)]


def lay(path: Path, data: bytes = MAIL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_an_eml_is_one_mail_called_like_its_file(tmp_path: Path) -> None:
    file = lay(tmp_path / "no-1.EML")
    assert found_in(file) == [MailFile(str(file), "no-1", MAIL)]


def test_an_eml_is_read_in_spite_of_a_mark_or_a_line_before_its_header(tmp_path: Path) -> None:
    before = [b"\xef\xbb\xbf", b"\r\n\n", DATED]
    files = [lay(tmp_path / f"{number}.eml", mark + MAIL) for number, mark in enumerate(before)]
    assert [one.raw for one in found_in(*files) if isinstance(one, MailFile)] == [MAIL] * 3


def test_a_long_mail_is_cut(tmp_path: Path) -> None:
    (mail,) = found_in(lay(tmp_path / "a.eml", MAIL + b"x" * (2 * MAIL_MOST)))
    assert isinstance(mail, MailFile)
    assert len(mail.raw) == MAIL_MOST


def test_a_folder_gives_its_mails_by_name_and_leaves_out_the_rest(tmp_path: Path) -> None:
    for name in ("b.eml", "a.eml", "deep/er/c.eml", ".hidden.eml", ".git/d.eml", "notes.txt"):
        lay(tmp_path / name)
    (tmp_path / "back").symlink_to(tmp_path)
    assert ids(found_in(tmp_path)) == ["a", "b", "c"]


def test_an_mbox_without_suffix_is_found_in_a_folder(tmp_path: Path) -> None:
    lay(tmp_path / "Inbox", DATED + MAIL)
    lay(tmp_path / "Inbox.msf", DATED + MAIL)
    lay(tmp_path / "Makefile", b"From: nobody")
    assert ids(found_in(tmp_path)) == ["a1@acme.example"]


def test_a_maildir_gives_what_is_new_and_what_was_seen(tmp_path: Path) -> None:
    for name in ("cur/1.host:2,S", "new/2.host", "tmp/3.host", "dovecot.index", ".Sent/cur/4.host"):
        lay(tmp_path / name)
    assert ids(found_in(tmp_path)) == ["4.host", "1.host", "2.host"]
    assert ids(found_in(tmp_path / "cur")) == ["1.host"]


def test_mails_of_an_mbox_are_called_by_their_message_id_or_number(tmp_path: Path) -> None:
    nameless = b"Subject: two\n\nHello\n"
    file = lay(tmp_path / "Inbox", DATED + MAIL + b"\n" + DATED + nameless)
    assert found_in(file) == [
        MailFile(str(file), "a1@acme.example", MAIL),
        MailFile(str(file), "2", nameless),
    ]


def test_rows_are_called_by_their_id_or_line(tmp_path: Path) -> None:
    rows = [{"id": "r-1", "body": "a"}, {"body": "b"}, {"id": 7, "body": "c"}]
    file = lay(tmp_path / "rows", b"\n".join(json.dumps(row).encode() for row in rows))
    assert ids(found_in(file)) == ["r-1", "2", "7"]


def test_a_broken_row_is_told_with_its_line_and_its_neighbours_go_on(tmp_path: Path) -> None:
    found = found_in(lay(tmp_path / "rows.jsonl", b'{"body": "a"}\n{broken\n{"body": "b"}\n'))
    assert ids(found) == ["1", "3"]
    (problem,) = problems(found)
    assert problem.file.endswith("rows.jsonl, line 2")
    assert problem.because.startswith("it is no JSON")


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (MAIL, ["-"]),
        (DATED + MAIL + b"\n" + DATED + MAIL, ["a1@acme.example"] * 2),
        (b'{"id": "r-1", "body": "a"}\n', ["r-1"]),
    ],
)
def test_standard_input_is_what_it_looks_like(given: bytes, names: list[str]) -> None:
    assert ids(found_in("-", given=given)) == names


@pytest.mark.parametrize(
    ("data", "helps"),
    [
        (b"\x1f\x8b\x08\x00rest", "gunzip"),
        (b"PK\x03\x04rest", "unzip"),
        (b"\xfd7zXZ\x00rest", "unxz"),
        (b"\xd0\xcf\x11\xe0rest", "save the mail as .eml"),
        (b'[{"body": "a"}]', "one object a line"),
        (b"\xff\xfeF\x00r\x00", "UTF-8"),
        (b"", "it is empty"),
        (b" \n\n", "it is empty"),
    ],
)
def test_what_is_not_opened_is_told_with_what_helps(
    tmp_path: Path, data: bytes, helps: str
) -> None:
    found = found_in(lay(tmp_path / "a.mbox", data), lay(tmp_path / "b.eml"))
    assert ids(found) == ["b"]
    assert helps in problems(found)[0].because


def test_a_missing_file_is_told_and_its_neighbours_go_on(tmp_path: Path) -> None:
    found = found_in(tmp_path / "none.eml", lay(tmp_path / "b.eml"))
    assert ids(found) == ["b"]
    assert problems(found) == [Problem(str(tmp_path / "none.eml"), "No such file or directory")]


def test_a_folder_without_mail_says_so(tmp_path: Path) -> None:
    lay(tmp_path / "notes.txt")
    assert "there is no mail in it" in problems(found_in(tmp_path))[0].because


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_locked_folder_is_told_and_its_neighbours_go_on(tmp_path: Path) -> None:
    lay(tmp_path / "locked" / "a.eml").parent.chmod(0)
    lay(tmp_path / "open" / "b.eml")
    found = found_in(tmp_path)
    (tmp_path / "locked").chmod(0o700)
    assert ids(found) == ["b"]
    assert problems(found)[0].because == "Permission denied"


class Failing(io.RawIOBase):
    """A disk that fails in the middle."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:  # type: ignore[no-untyped-def]
        if not self._data:
            raise OSError(5, "Input/output error")
        size = min(len(buffer), len(self._data))
        buffer[:size], self._data = self._data[:size], self._data[size:]
        return size


def test_a_disk_that_fails_is_told(tmp_path: Path) -> None:
    stream: io.BufferedReader[Any] = io.BufferedReader(Failing(b'{"body": "a"}\n{"body": "b"}\n'))
    found = list(mails(["-", str(lay(tmp_path / "b.eml"))], stream))
    assert problems(found) == [Problem("-", "Input/output error")]
    assert ids(found)[-1] == "b"
