"""`kitchenwall template`: the words of the letters, ours and yours: list, show, preview, check."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from kitchenwall.cli import show
from kitchenwall.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from kitchenwall.adapters.templates import Templates
    from kitchenwall.domain.facts import Facts
    from kitchenwall.domain.letter import Writer

_PERSON, _COMPANY, _ROLE = "Jordan Sample", "Acme", "Data Engineer"
_STRANGER = "Robin Example"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Four things that can be done with the templates."""
    asked = parser.add_subparsers(metavar="WHAT", dest="what", required=True)
    asked.add_parser("list", help="which languages have letters, and which files are yours")
    shown = asked.add_parser("show", help="print a template, to change it in a file of your own")
    shown.add_argument("name", metavar="LANGUAGE|layout")
    shown.add_argument("--html", action="store_true", help="the HTML template")
    shown.add_argument("--ours", action="store_true", help="ours, even where you have your own")
    preview = asked.add_parser("preview", help="show letters as they would be laid")
    preview.add_argument("--language", metavar="CODE", action="append", help="(your first; repeat)")
    preview.add_argument("--situation", metavar="NAME", action="append", help="(interview; repeat)")
    preview.add_argument("--formality", choices=("formal", "informal"), default="", help="address")
    preview.add_argument("--region", metavar="CODE", default="", help="such as GB, BR or CH")
    preview.add_argument("--unnamed", action="store_true", help="no person, company or role known")
    preview.add_argument("--html", action="store_true", help="as HTML")
    preview.add_argument("--all", action="store_true", help="every language and every situation")
    check = asked.add_parser("check", help="write every letter and say what is wrong with it")
    check.add_argument("languages", metavar="LANGUAGE", nargs="*", help="those you need (yours)")


def run(args: argparse.Namespace) -> int:
    """Returns 0, or 78 where a template is not in order. Raises `ConfigError`, `UsageError`."""
    templates, writer, languages = _yours(args.config)
    match args.what:
        case "list":
            return _list(templates)
        case "show":
            return _show(templates, args)
        case "preview":
            return _preview(templates, writer, languages, args)
        case _:
            return _check(templates, tuple(args.languages) or languages)


def _yours(file: Path | None) -> tuple[Templates, Writer, tuple[str, ...]]:
    """The templates, who writes and in which languages; without a configuration, ours alone."""
    from kitchenwall.adapters.templates import Templates
    from kitchenwall.config import find, load
    from kitchenwall.domain.letter import Writer
    from kitchenwall.roads import shared_templates, template_folder, writer_of

    try:
        path = find(file)
    except ConfigError:
        return Templates(None), Writer(name=_STRANGER), ()
    config = load(path)
    return shared_templates(template_folder(config)), writer_of(config), config.person.languages


def _list(templates: Templates) -> int:
    files = templates.files()
    show.table(("file", "whose"), ((one.name, _WHOSE[one.whose]) for one in files))
    show.line()
    if templates.folder is None:
        show.line("there is no configuration yet; your own templates will lie beside it")
        return os.EX_OK
    show.line(f"yours lie in {templates.folder}; to change one, begin with ours:")
    show.line(f"  kitchenwall template show en > {templates.folder / 'en.txt.j2'}")
    show.line('a file that begins with {% extends "ours/en.txt.j2" %} may change single blocks')
    return os.EX_OK


_WHOSE = {
    "ours": "ours",
    "yours": "yours",
    "instead": "yours, instead of ours",
    "unusable": "yours, cannot be used: kitchenwall template check",
}


def _show(templates: Templates, args: argparse.Namespace) -> int:
    name = f"{args.name}.{'html' if args.html else 'txt'}.j2"
    source = templates.source(name, ours=args.ours)
    if source is None:
        known = ", ".join(one.name for one in templates.files())
        raise UsageError(f"there is no template {name}; there are: {known}")
    sys.stdout.write(source)
    return os.EX_OK


def _preview(
    templates: Templates, writer: Writer, languages: tuple[str, ...], args: argparse.Namespace
) -> int:
    from kitchenwall.domain.letter import situation

    first = next((one for one in languages if one in templates.languages), "en")
    codes = args.language or (sorted(templates.languages) if args.all else [first])
    if unknown := [code for code in codes if code not in templates.languages]:
        raise UsageError(
            f'there are no letters in "{unknown[0]}"; there are letters in: '
            f"{', '.join(sorted(templates.languages))}"
        )
    letters = [(code, name, facts) for code in codes for name, facts in _occasions(args)]
    for code, name, facts in letters:
        words = templates.words(situation(facts, writer, (), args.region), code)
        if len(letters) > 1:
            show.line(f"---- {code}, {name}")
            show.line()
        for line in (words.html if args.html and words.html else words.text).splitlines():
            show.line(line)
        if len(letters) > 1:
            show.line()
    return os.EX_OK


def _occasions(args: argparse.Namespace) -> Iterator[tuple[str, Facts]]:
    """The situations that are asked for, with an invented person, company and role."""
    from kitchenwall.domain.facts import Fact
    from kitchenwall.domain.occasions import OCCASIONS

    for name in args.situation or (OCCASIONS if args.all else ("interview",)):
        if name not in OCCASIONS:
            raise UsageError(
                f'there is no situation "{name}"; there are: {", ".join(sorted(OCCASIONS))}'
            )
        facts = replace(OCCASIONS[name], formality=args.formality)
        if not args.unnamed:
            facts = replace(
                facts,
                person=Fact(_PERSON, ""), company=Fact(_COMPANY, ""), role=Fact(_ROLE, ""),
            )  # fmt: skip
        yield name, facts


def _check(templates: Templates, languages: tuple[str, ...]) -> int:
    only = {*languages, *templates.touched} if languages else templates.languages
    problems = templates.check(languages, only)
    for problem in problems:
        show.line(problem)
    checked = ", ".join(sorted(templates.languages.intersection(only)))
    show.line(f"letters in {checked}: {len(problems) or 'nothing'} to mend")
    return os.EX_CONFIG if problems else os.EX_OK
