"""Fill the templates of the letters; jinja2 stays behind this door.

What a mail says comes in as plain text variables only and is never read as a template. The
templates travel with the package; a file of the same name in the person's own folder counts
instead. Where the person's file is broken, ours is used, and `check` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import cached_property
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from kitchenwall.domain.facts import Fact, Facts, FeedbackLevel, Stage
from kitchenwall.domain.letter import Situation, Writer, situation
from kitchenwall.domain.proofreading import flaws
from kitchenwall.domain.reply import Words

if TYPE_CHECKING:
    from jinja2 import Environment

FALLBACK = "en"
LONGEST_LETTER = 4_000
LARGEST_FILE = 65_536

_FOLDER = "reply"
_TEXT, _HTML = ".txt.j2", ".html.j2"
_NAMES = re.compile(r"[a-z]{2}\.(?:txt|html)\.j2")


class BadTemplate(Exception):
    """A template cannot be filled, or gives something that is no letter."""


class Templates:
    """The letters in every language there is a template for.

    `folder` is the person's own templates folder, with `reply/en.txt.j2` and the like in it. Every
    file is read once, before the first letter; jinja2 is loaded then too.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    @property
    def languages(self) -> frozenset[str]:
        """The languages that have a letter, by their two-letter code."""
        return _languages(self._ours) | _languages(self._theirs)

    def language_for(self, language: str) -> str:
        """The language that a letter will be in: the one asked for, or English."""
        return language if language in self.languages else FALLBACK

    def words(self, situation: Situation, language: str) -> Words:
        """The letter for a situation, as text and as HTML where there is a template for it.

        Never fails on the person's own template: ours is used then.
        """
        written = self.language_for(language)
        if self._theirs:
            try:
                return _letter(self._environment, situation, written)
            except BadTemplate:
                written = written if written in _languages(self._ours) else FALLBACK
        return _letter(self._shipped, situation, written)

    def check(
        self, languages: tuple[str, ...] = (), *, theirs_only: bool = False
    ) -> tuple[str, ...]:
        """Write every letter for every kind of rejection; the problems found, each once.

        `languages` are those that the person expects letters in. `theirs_only` writes only in those
        that the person has own templates for: ours were checked before they were shipped.
        """
        missing = (
            f"there are no letters in {one!r}: rejections in it are noted without a draft"
            for one in languages
            if one not in self.languages
        )
        kinds = tuple(every_situation())
        written = _languages(self._theirs) if theirs_only else self.languages
        problems = (
            problem
            for language in sorted(written)
            for case in kinds
            for problem in self._problems(case, language)
        )
        return tuple(dict.fromkeys((*missing, *self._their_files[1], *problems)))

    def _problems(self, case: Situation, language: str) -> tuple[str, ...]:
        name = f"{_FOLDER}/{language}{_TEXT}"
        try:
            letter = _letter(self._environment, case, language)
        except BadTemplate as error:
            return (str(error),)
        return tuple(f"{name}: {flaw}" for flaw in flaws(letter.text, case))

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
        folder = self._folder / _FOLDER if self._folder else None
        for path in sorted(folder.glob("*.j2")) if folder else ():
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
        return _make_environment({**self._ours, **self._theirs})


def every_situation() -> Iterator[Situation]:
    """Every kind of rejection, with everything known and with nothing known."""
    stages = (stage for stage in Stage if stage != Stage.RESCIND)
    for stage, level, formality, modifier, known in product(
        stages, FeedbackLevel, ("", "formal", "informal"), _MODIFIERS, _KNOWN
    ):
        person, company, role = known
        facts = Facts(
            stage=stage,
            feedback=level,
            formality=formality,
            modifiers=(Fact(modifier, ""),) if modifier else (),
            person=Fact(person, "") if person else None,
            company=Fact(company, "") if company else None,
            role=Fact(role, "") if role else None,
        )
        yield situation(facts, Writer("Robin Example"))


_MODIFIERS = ("", "feedback_offered", "feedback_refused", "keep_on_file", "door_open", "redirect")
_KNOWN = (("", "", ""), ("Jordan Sample", "Acme & Sons", "Data Engineer"))


def _languages(templates: Mapping[str, str]) -> frozenset[str]:
    return frozenset(name.removesuffix(_TEXT) for name in templates if name.endswith(_TEXT))


def _read(path: Path) -> str:
    """One of the person's files. Raises OSError or ValueError for what is better not used."""
    if not _NAMES.fullmatch(path.name):
        raise ValueError("it is not called like en.txt.j2 or en.html.j2")
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


def _letter(environment: Environment, case: Situation, language: str) -> Words:
    values = {field.name: str(getattr(case, field.name)) for field in fields(case)}
    del values["why"]
    text = _tidy(_fill(environment, language + _TEXT, values))
    if not text:
        raise BadTemplate(f"{_FOLDER}/{language}{_TEXT}: the letter is empty")
    if language + _HTML not in environment.list_templates():
        return Words(text)
    return Words(text, _fill(environment, language + _HTML, {**values, "letter": text.rstrip()}))


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
