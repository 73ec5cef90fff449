"""Read labelled mails one by one: what they are is said in their row, or by the folder they lie in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BufferedReader
from pathlib import PurePath

from kitchenwall.adapters.mailfiles import STANDARD_INPUT, MailFile, Problem, mails
from kitchenwall.domain.evaluation import KNOWN_LABELS

_PARTS_OF_MAILDIR = ("cur", "new")
_SUFFIXES_OF_MBOX = ("", ".mbox")
_LANGUAGE = re.compile(r"[a-z]{2}(?:[_-][A-Za-z]{2,8})?")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A mail and its label in lower case, "" where nothing names one.

    `language` is "" where nothing names it; `source` is where the mail comes from, as the row says
    or as the path was given.
    """

    mail: MailFile
    label: str
    language: str
    source: str


def labelled(paths: Iterable[str], standard_input: BufferedReader) -> Iterator[Labelled | Problem]:
    """All mails of these files and folders, found as `mailfiles.mails` finds them.

    A row of JSON lines says its own `label`, `lang` and `source`. Any other mail is labelled by the
    name of the folder it lies in (a Maildir counts as one folder); an mbox that is called like a
    known label is such a folder itself. Where the folder above is called like a language ("de",
    "pt_BR"), it is the language.
    """
    for path in paths:
        for found in mails((path,), standard_input):
            yield found if isinstance(found, Problem) else _labelled(found, path)


def _labelled(mail: MailFile, path: str) -> Labelled:
    if mail.said is None:
        label, language = ("", "") if path == STANDARD_INPUT else _by_folder(mail.file)
        return Labelled(mail, label, language, path)
    label, language, source = (
        mail.said.get(name, "").strip() for name in ("label", "lang", "source")
    )
    return Labelled(mail, label.lower(), language, source or os.path.basename(path))


def _by_folder(file: str) -> tuple[str, str]:
    """Label and language, from the names of the folders."""
    place = PurePath(os.path.abspath(file))
    folders = [*place.parts[:-1]]
    if place.suffix.lower() in _SUFFIXES_OF_MBOX and place.stem.lower() in KNOWN_LABELS:
        folders.append(place.stem)
    if folders[-1] in _PARTS_OF_MAILDIR:
        folders.pop()
    # Maildir++ keeps "Jobs/rejection" as ".Jobs.rejection".
    label = folders[-1].rpartition(".")[2] if folders[-1].startswith(".") else folders[-1]
    above = folders[-2] if len(folders) > 1 else ""
    return label.lower(), above if _LANGUAGE.fullmatch(above) else ""
