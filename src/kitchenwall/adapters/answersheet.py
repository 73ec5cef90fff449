"""Keep what the person said of mails of their own: one line an answer, and nothing of the mail."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from kitchenwall.adapters.private import open_file, own_folder
from kitchenwall.domain.review import Answer, Answered
from kitchenwall.domain.verdict import Outcome
from kitchenwall.errors import JournalTrouble

FILE_NAME = "evaluation.jsonl"


class AnswerSheet:
    """The answers in one file of the state folder; each is on the disk when `add` returns."""

    def __init__(self, folder: Path) -> None:
        """Raises `JournalTrouble` where the file is not the person's alone."""
        self.path = folder / FILE_NAME
        read = self._content()
        self._is_torn = bool(read) and not read.endswith(b"\n")
        self._answers: dict[str, Answered] = {}
        for line in read.splitlines():
            if (answered := _read(line)) is not None:
                self._keep(answered)

    @property
    def answers(self) -> Mapping[str, Answered]:
        """What counts, by the mails' keys: the last word about each."""
        return self._answers

    def add(self, answered: Answered) -> None:
        """Raises `JournalTrouble` where it cannot be written."""
        line = json.dumps(asdict(answered)).encode() + b"\n"
        # what a power cut left of a line is ended first, so that it cannot spoil this one
        line = b"\n" + line if self._is_torn else line
        self._is_torn = True
        own_folder(self.path.parent)
        try:
            with os.fdopen(open_file(self.path), "r+b") as file:
                file.seek(0, os.SEEK_END)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise JournalTrouble(
                f"cannot keep your answer in {self.path}: {error.strerror}"
            ) from error
        self._is_torn = False
        self._keep(answered)

    def _content(self) -> bytes:
        if not os.path.lexists(self.path):
            return b""
        try:
            with os.fdopen(open_file(self.path), "rb") as file:
                return file.read()
        except OSError as error:
            raise JournalTrouble(
                f"cannot read your answers in {self.path}: {error.strerror}"
            ) from error

    def _keep(self, answered: Answered) -> None:
        self._answers.pop(answered.key, None)
        if answered.answer is not Answer.NONE:
            self._answers[answered.key] = answered


def _read(line: bytes) -> Answered | None:
    """What a line says; None for one that was cut short, or written by a newer version."""
    try:
        found: dict[str, Any] = json.loads(line)
        return Answered(
            key=str(found["key"]),
            answer=Answer(found["answer"]),
            outcome=Outcome(found["outcome"]),
            confidence=float(found["confidence"]),
            layer=str(found["layer"]),
            weight=float(found["weight"]),
        )
    except (ValueError, KeyError, TypeError):
        return None
