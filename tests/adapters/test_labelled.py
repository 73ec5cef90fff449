"""A mail's label is found in its row, or in the name of the folder it lies in."""

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from kitchenwall.adapters.labelled import Labelled, labelled
from kitchenwall.adapters.mailfiles import Problem

MAIL = b"From: Jordan <jordan@acme.example>\nSubject: one\nMessage-ID: <a1@acme.example>\n\nHello\n"
DATED = b"From jordan@acme.example Tue Mar  4 10:00:00 2025\n"


def found_in(*paths: Path | str, given: bytes = b"") -> list[Labelled | Problem]:
    standard_input: io.BufferedReader[Any] = io.BufferedReader(io.BytesIO(given))
    return list(labelled(map(str, paths), standard_input))


def said_of(*paths: Path | str, given: bytes = b"") -> list[tuple[str, str]]:
    found = found_in(*paths, given=given)
    return [(one.label, one.language) for one in found if isinstance(one, Labelled)]


def lay(path: Path, data: bytes = MAIL) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("place", "data", "said"),
    [
        ("rejection/a.eml", MAIL, ("rejection", "")),
        ("de/rejection/a.eml", MAIL, ("rejection", "de")),
        ("pt_BR/Interview/a.eml", MAIL, ("interview", "pt_BR")),
        ("mail/rejection/a.eml", MAIL, ("rejection", "")),
        ("en/other/rejection.eml", MAIL, ("other", "en")),
        ("lunch/a.eml", MAIL, ("lunch", "")),
        ("rejection/2025.mbox", DATED + MAIL, ("rejection", "")),
        ("archive/rejection.mbox", DATED + MAIL, ("rejection", "")),
        ("de/rejection", DATED + MAIL, ("rejection", "de")),
        ("archive/2025", DATED + MAIL, ("archive", "")),
        ("rejection/cur/1.host:2,S", MAIL, ("rejection", "")),
        ("de/rejection/new/1.host", MAIL, ("rejection", "de")),
        ("Maildir/.rejection/cur/1.host", MAIL, ("rejection", "")),
        ("Maildir/.Jobs.rejection/cur/1.host", MAIL, ("rejection", "")),
    ],
)
def test_a_folder_is_called_like_the_label_of_the_mails_in_it(
    tmp_path: Path, place: str, data: bytes, said: tuple[str, str]
) -> None:
    file = lay(tmp_path / place, data)
    for maildir in ("Maildir", "de/rejection"):
        if (tmp_path / maildir).is_dir():
            (tmp_path / maildir / "cur").mkdir(exist_ok=True)
    assert said_of(file) == said_of(tmp_path) == [said]


def test_a_file_is_labelled_by_its_folder_however_it_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(tmp_path / "de/rejection/a.eml")
    monkeypatch.chdir(tmp_path / "de/rejection")
    assert said_of("a.eml") == said_of(".") == said_of("../rejection") == [("rejection", "de")]


def row(**said: object) -> bytes:
    return json.dumps({"subject": "one", "body": "Hello", **said}).encode() + b"\n"


def test_a_row_says_its_own_label(tmp_path: Path) -> None:
    rows = row(label=" Rejection ", lang="de", source="jo", id="7") + row(label="offer")
    file = lay(tmp_path / "other" / "rows.jsonl", rows)
    first, second = (one for one in found_in(file) if isinstance(one, Labelled))
    assert (first.label, first.language, first.source, first.mail.id) == (
        "rejection",
        "de",
        "jo",
        "7",
    )
    assert (second.label, second.language, second.source) == ("offer", "", "rows.jsonl")


@pytest.mark.parametrize(
    "said", [{}, {"label": None}, {"label": 7}, {"label": ["rejection"]}, {"label": "  "}]
)
def test_a_row_without_a_label_has_none_whatever_its_folder_is_called(
    tmp_path: Path, said: dict[str, object]
) -> None:
    assert said_of(lay(tmp_path / "rejection" / "rows.jsonl", row(**said))) == [("", "")]


def test_a_long_label_is_cut(tmp_path: Path) -> None:
    ((label, _),) = said_of(lay(tmp_path / "rows.jsonl", row(label="x" * 10_000)))
    assert label == "x" * 100


def test_standard_input_has_labels_only_in_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said_of("-", given=row(label="offer")) == [("offer", "")]
    assert said_of("-", given=MAIL) == [("", "")]


def test_mail_comes_from_the_path_that_was_given(tmp_path: Path) -> None:
    lay(tmp_path / "de/rejection/a.eml")
    (found,) = found_in(tmp_path / "de")
    assert isinstance(found, Labelled)
    assert found.source == str(tmp_path / "de")


def test_what_cannot_be_read_is_told_and_the_others_go_on(tmp_path: Path) -> None:
    lay(tmp_path / "rejection/a.eml", b"")
    lay(tmp_path / "rejection/b.eml")
    problem, mail = found_in(tmp_path)
    assert isinstance(problem, Problem)
    assert isinstance(mail, Labelled)


def test_an_odd_name_is_a_label_like_any_other(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    assert said_of(lay(folder / "a.eml")) == [("caf\udce9", "")]
