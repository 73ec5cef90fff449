"""Which folder serves which use: by setting, by SPECIAL-USE flag, by a known name."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# RFC 6154 flags, and the names that servers and mail clients give the same folders.
FLAGS = {
    "drafts": ("\\drafts",),
    "sent": ("\\sent",),
    "archive": ("\\archive", "\\all"),
    "trash": ("\\trash",),
    "junk": ("\\junk",),
}
NAMES: Mapping[str, tuple[str, ...]] = {
    "drafts": (
        "drafts", "draft", "entwürfe", "entwurf", "brouillons", "brouillon", "borradores", "concepten",
        "kopie robocze", "robocze", "szkice", "bozze", "rascunhos", "utkast", "kladder", "koncepty",
        "rozepsané",
    ),
    "sent": (
        "sent", "sent items", "sent messages", "sent mail", "gesendet", "gesendete elemente",
        "gesendete objekte", "envoyés", "éléments envoyés", "messages envoyés", "enviados",
        "elementos enviados", "verzonden", "verzonden items", "wysłane", "elementy wysłane",
        "inviata", "posta inviata", "itens enviados", "skickat", "skickade objekt", "sendt",
        "sendt post", "odeslané", "odeslaná pošta",
    ),
    "archive": (
        "archive", "archives", "archiv", "archivo", "archief", "archiwum", "archivio", "arquivo",
        "arkiv", "archív", "all mail", "alle nachrichten",
    ),
    "trash": (
        "trash", "deleted items", "deleted messages", "bin", "papierkorb", "gelöschte elemente",
        "corbeille", "éléments supprimés", "papelera", "prullenbak", "kosz", "cestino", "lixeira",
        "papperskorgen", "papirkurv", "koš",
    ),
    "junk": ("junk", "spam", "junk email", "bulk mail", "spamverdacht", "courrier indésirable"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """One folder of LIST: its name as people read it, its delimiter, its flags in lower case."""

    name: str
    delimiter: str
    flags: tuple[str, ...]


def choose(use: str, listed: Sequence[Listed], setting: str = "") -> str | None:
    """The folder for a use; None where there is none, or where it would be a guess between two.

    A setting wins even where LIST does not show it: the server will say what it thinks.
    """
    if setting:
        return setting
    selectable = [
        folder for folder in listed if not {"\\noselect", "\\nonexistent"} & {*folder.flags}
    ]
    for flag in FLAGS[use]:
        flagged = [folder.name for folder in selectable if flag in folder.flags]
        if flagged:
            return flagged[0]
    named = [folder.name for folder in selectable if _last_part(folder) in NAMES[use]]
    return named[0] if len(named) == 1 else _shallowest(named, selectable)


def _shallowest(named: Sequence[str], listed: Sequence[Listed]) -> str | None:
    """Of several matching names the one nearest the root, if it is alone there."""
    depth = {folder.name: folder.name.count(folder.delimiter or "\0") for folder in listed}
    least = min((depth[name] for name in named), default=0)
    nearest = [name for name in named if depth[name] == least]
    return nearest[0] if len(nearest) == 1 else None


def _last_part(folder: Listed) -> str:
    last = folder.name.rpartition(folder.delimiter)[2] if folder.delimiter else folder.name
    return unicodedata.normalize("NFC", last).casefold()
