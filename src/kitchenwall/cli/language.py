"""`kitchenwall language`: which languages are read, whether a pack is in order, what it finds."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from kitchenwall.cli import show
from kitchenwall.errors import UsageError

if TYPE_CHECKING:
    from kitchenwall.domain.languages import LanguagePack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Three things that can be asked of language packs."""
    asked = parser.add_subparsers(metavar="WHAT", dest="what", required=True)
    asked.add_parser("list", help="the languages that are read, and those that letters are in")
    check = asked.add_parser("check", help="hold packs to their own sentences")
    check.add_argument("packs", nargs="+", metavar="CODE|FILE.toml")
    tried = asked.add_parser("try", help="show what a pack finds in a sentence of yours")
    tried.add_argument("pack", metavar="CODE|FILE.toml")
    tried.add_argument("words", nargs="+", metavar="SENTENCE")


def run(args: argparse.Namespace) -> int:
    """Returns 0, or 65 where a pack is not in order. Raises `UsageError`."""
    match args.what:
        case "list":
            return _list()
        case "check":
            return max([_check(name) for name in args.packs])
        case _:
            return _try(_pack(args.pack), " ".join(args.words))


def _list() -> int:
    from kitchenwall.adapters.packs import load_packs
    from kitchenwall.adapters.templates import Templates

    letters = Templates(None).languages
    rows = [
        (code, pack.name, str(len(pack.frames)), "yes" if code in letters else "no")
        for code, pack in load_packs().items()
    ]
    show.table(("code", "language", "tables", "letters"), rows)
    return os.EX_OK


def _check(name: str) -> int:
    """Every complaint about a pack, and what was tried."""
    from kitchenwall.domain.frames import BadPhrase
    from kitchenwall.domain.proofs import complaints

    pack = _pack(name)
    try:
        found = list(complaints(pack))
        phrases = sum(len(frame.phrases) for frame in pack.frames)
    except BadPhrase as error:
        show.line(f"{name}: {error}")
        return os.EX_DATAERR
    for table, problem in found:
        show.line(f"{name}: [{table}] {problem}" if table else f"{name}: {problem}")
    tried = f"{len(pack.frames)} tables with {phrases} phrases, {2 * len(pack.frames)} sentences"
    show.line(f"{name}: {tried}: {len(found) or 'nothing'} to mend")
    return os.EX_DATAERR if found else os.EX_OK


def _try(pack: LanguagePack, words: str) -> int:
    """Each frame that is found in each sentence, with the words that it was found in."""
    from kitchenwall.domain.reading import Place, guard_of
    from kitchenwall.domain.sentences import sentences

    for index, sentence in enumerate(sentences(words)):
        place = Place(index, sentence, pack.read(sentence.folded), pack)
        show.line(sentence.written)
        for hit in place.hits:
            guard = guard_of(hit, place) if hit.frame.group == "decision" else ""
            held = f"  (held back by guard.{guard})" if guard else ""
            show.line(f'  {hit.frame.title}  "{place.words(hit)}"{held}')
    return os.EX_OK


def _pack(name: str) -> LanguagePack:
    from kitchenwall.adapters.packs import available, load_packs, read_pack

    if name in available():
        return load_packs(name)[name]
    if name.endswith(".toml"):
        return read_pack(Path(name))
    raise UsageError(
        f'there is no language pack "{name}": say one of {", ".join(available())}, or a file .toml'
    )
