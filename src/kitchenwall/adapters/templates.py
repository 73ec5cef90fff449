"""Fill the templates of the letters; jinja2 stays behind this door.

What a mail says comes in as plain text variables only and is never read as a template. The
templates travel with the package; a file of the same name in the person's own folder counts
instead, and may build on ours (`{% extends "ours/en.txt.j2" %}`) to say one block in other words.
Where the person's file is broken, ours is used, and `check` says so.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import fields
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kitchenwall.adapters.tones import load_tones
from kitchenwall.domain.letter import Situation
from kitchenwall.domain.occasions import every_situation
from kitchenwall.domain.proofreading import ANY_TONE, flaws
from kitchenwall.domain.quoting import MOST_OCTETS, Quote
from kitchenwall.domain.reply import Words, one_line

if TYPE_CHECKING:
    from jinja2 import Environment

FALLBACK = "en"
LONGEST_LETTER = 4_000 + 2 * MOST_OCTETS
LARGEST_FILE = 65_536

_FOLDER = "reply"
_TEXT, _HTML = ".txt.j2", ".html.j2"
_LAYOUT = "layout"
_OURS = "ours/"
_NAMES = re.compile(r"(?:[a-z]{2,3}|layout)\.(?:txt|html)\.j2")


class BadTemplate(Exception):
    """A template cannot be filled, or gives something that is no letter."""


class TemplateFile(NamedTuple):
    """A template's file name, and whose it is: ours, yours, instead (of ours), or unusable."""

    name: str
    whose: str


class Templates:
    """The letters in every language there is a template for.

    `folder` is the person's own templates folder, with `reply/en.txt.j2` and the like in it. Every
    file is read once, before the first letter; jinja2 is loaded then too.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that have a letter, by their two-letter code."""
        ours = _languages(self._ours)
        return ours | {one for one in _languages(self._theirs) - ours if self._works(one)}

    def _works(self, language: str) -> bool:
        """Whether a language of the person's own gives a letter; one that breaks is as if there were none."""
        try:
            _letter(self._environment, next(every_situation()), language)
        except BadTemplate:
            return False
        return True

    def language_for(self, language: str) -> str:
        """The language that a letter will be in: the one asked for, or English."""
        return language if language in self.languages else FALLBACK

    def words(
        self,
        situation: Situation,
        language: str,
        quoted: Quote | None = None,
        *,
        with_html: bool = True,
    ) -> Words:
        """The letter for a situation, as text and, where wished, as HTML, with the quote below it.

        Never fails on the person's own template: ours is used then.
        """
        written = self.language_for(language)
        if self._theirs:
            try:
                return _letter(self._environment, situation, written, quoted, with_html=with_html)
            except BadTemplate:
                written = written if written in _languages(self._ours) else FALLBACK
        return _letter(self._shipped, situation, written, quoted, with_html=with_html)

    def check(
        self, expected: tuple[str, ...] = (), only: Collection[str] | None = None
    ) -> tuple[str, ...]:
        """Write every letter for every kind of rejection; the problems found, each once.

        `expected` are the languages that the person expects letters in, `only` those that letters
        are written in, all where it is None.
        """
        missing = (
            f"there are no letters in {one!r}: rejections in it are noted without a draft"
            for one in expected
            if one not in self.languages
        )
        there = self.languages | _languages(self._theirs)
        written = there if only is None else there.intersection(only)
        kinds = tuple(every_situation()) if written else ()
        problems = (
            problem
            for language in sorted(written)
            for case in kinds
            for problem in self._problems(case, language)
        )
        return tuple(dict.fromkeys((*missing, *self._their_files[1], *problems)))

    @property
    def folder(self) -> Path | None:
        """Where the person's own files lie, None where there is no place for them."""
        return self._folder / _FOLDER if self._folder else None

    def files(self) -> tuple[TemplateFile, ...]:
        """Every template, by name; what lies in the person's folder and cannot be used too."""
        found = dict.fromkeys(self._ours, "ours")
        if self.folder:
            found |= {path.name: "unusable" for path in self.folder.glob("*.j2")}
        found |= {name: "instead" if name in self._ours else "yours" for name in self._theirs}
        return tuple(TemplateFile(*one) for one in sorted(found.items()))

    def source(self, name: str, *, ours: bool = False) -> str | None:
        """A template as it is written: the person's, or ours; None where there is none."""
        return (None if ours else self._theirs.get(name)) or self._ours.get(name)

    @property
    def touched(self) -> frozenset[str]:
        """The languages whose letters the person's own files change: all where the layout is theirs."""
        changed = {name.partition(".")[0] for name in self._theirs}
        return self.languages if _LAYOUT in changed else frozenset(changed)

    def _problems(self, case: Situation, language: str) -> tuple[str, ...]:
        name = f"{_FOLDER}/{language}{_TEXT}"
        try:
            letter = _letter(self._environment, case, language)
        except BadTemplate as error:
            return (str(error),)
        tone = load_tones().get(language, ANY_TONE)
        return tuple(f"{name}: {flaw}" for flaw in flaws(letter.text, case, tone))

    @cached_property
    def _ours(self) -> Mapping[str, str]:
        """Our templates by file name, as they travel with the package."""
        folder = files("kitchenwall") / "templates" / _FOLDER
        found = (entry for entry in folder.iterdir() if _NAMES.fullmatch(entry.name))
        return {entry.name: entry.read_text(encoding="utf-8") for entry in found}

    @property
    def _theirs(self) -> Mapping[str, str]:
        return self._their_files[0]

    @cached_property
    def _their_files(self) -> tuple[Mapping[str, str], tuple[str, ...]]:
        """The person's templates by file name, and what is wrong with those that cannot be read."""
        found: dict[str, str] = {}
        wrong: list[str] = []
        for path in sorted(self.folder.glob("*.j2")) if self.folder else ():
            try:
                found[path.name] = _read(path)
            except (OSError, ValueError) as error:
                wrong.append(f"{path}: cannot be used, ours is used instead: {error}")
        return found, tuple(wrong)

    @cached_property
    def _shipped(self) -> Environment:
        return _make_environment(self._ours)

    @cached_property
    def _environment(self) -> Environment:
        built_on = {f"{_OURS}{name}": source for name, source in self._ours.items()}
        return _make_environment({**self._ours, **self._theirs, **built_on})


def _languages(templates: Mapping[str, str]) -> frozenset[str]:
    names = (name.removesuffix(_TEXT) for name in templates if name.endswith(_TEXT))
    return frozenset(names) - {_LAYOUT}


def _read(path: Path) -> str:
    """One of the person's files. Raises OSError or ValueError for what is better not used."""
    if not _NAMES.fullmatch(path.name):
        raise ValueError("it is not called like en.txt.j2, en.html.j2 or layout.txt.j2")
    state = path.stat()
    if state.st_mode & 0o002:
        raise ValueError("everybody may write to it")
    if state.st_size > LARGEST_FILE:
        raise ValueError(f"it has more than {LARGEST_FILE} bytes")
    return path.read_text(encoding="utf-8")


def _make_environment(sources: Mapping[str, str]) -> Environment:
    from jinja2 import DictLoader, StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        loader=DictLoader(sources),
        undefined=StrictUndefined,
        autoescape=lambda name: name is not None and name.endswith(_HTML),
        auto_reload=False,
        optimized=False,  # a letter is read for a single mail more often than for many
    )


def _letter(
    environment: Environment,
    case: Situation,
    language: str,
    quoted: Quote | None = None,
    *,
    with_html: bool = True,
) -> Words:
    values = {
        **{field.name: str(getattr(case, field.name)) for field in fields(case)},
        **_of_the_quote(quoted),
    }
    del values["why"]
    text = _tidy(_fill(environment, language + _TEXT, values))
    if not text:
        raise BadTemplate(f"{_FOLDER}/{language}{_TEXT}: the letter is empty")
    if not with_html:
        return Words(text)
    known = environment.list_templates()
    name = next(one for one in (language + _HTML, _LAYOUT + _HTML) if one in known)
    laid = {**values, "letter": text.rstrip(), "language": language}
    return Words(text, _fill(environment, name, laid))


def _of_the_quote(quoted: Quote | None) -> dict[str, str]:
    """What the templates may know of the quote; all "" where nothing is quoted."""
    if quoted is None:
        return dict.fromkeys(("quoted", "author", *_DATE), "")
    dated = {name: quoted.written.strftime(code) for name, code in _DATE.items()}
    return {"quoted": quoted.lines, "author": one_line(quoted.author), **dated}


_DATE = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M"}


def _fill(environment: Environment, name: str, values: Mapping[str, str]) -> str:
    """One template, filled. Whatever goes wrong in it becomes a BadTemplate that names it."""
    pieces, left = [], LONGEST_LETTER if name.endswith(_TEXT) else 4 * LONGEST_LETTER
    try:
        for piece in environment.get_template(name).generate(values):
            pieces.append(piece)
            left -= len(piece)
            if left < 0:
                raise BadTemplate("the letter is too long")
    except Exception as error:  # a template is a program: it can raise anything
        raise BadTemplate(f"{_FOLDER}/{name}: {error}") from error
    return "".join(pieces)


def _tidy(text: str) -> str:
    """No spaces at line ends, no more than one empty line, one line end at the end."""
    lines = "\n".join(line.rstrip() for line in text.splitlines()).strip()
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n" if lines else ""
