"""Load the language packs that travel with the program, each as far as it is asked for.

To recognise a language takes the first few tables of its file only; parsing all of eleven files
would take longer than reading a mail.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from kitchenwall.adapters.senders import sender_table
from kitchenwall.domain.frames import BadPhrase, Grammar
from kitchenwall.domain.index import Frame, Index
from kitchenwall.domain.languages import LanguagePack, Model, Names, Phrasing, Wording
from kitchenwall.domain.vocabulary import Leaning, Vocabulary
from kitchenwall.errors import ConfigError

_CODE = re.compile(r"[a-z]{2,3}")
_HEAD = ("language]", "machine.auto_reply]", "machine.bounce]")
_SLOTS = ("slots]",)
_PHRASES = re.compile(r'^phrases = \[((?:\s*"[^"\\]*",?)*)\s*\]$', re.MULTILINE)
_NOT_FRAMES = ("language", "slots", "templates", "signature", "forms")


@cache
def load_packs(*codes: str) -> Mapping[str, LanguagePack]:
    """The packs of these languages, all that there are where none is named, by language code."""
    return {code: _load(code) for code in codes or available()}


def available() -> tuple[str, ...]:
    """The codes of the languages that have a pack, sorted."""
    files = (entry.name for entry in resources.files("kitchenwall.languages").iterdir())
    codes = (name.removesuffix(".toml") for name in files if name.endswith(".toml"))
    return tuple(sorted(code for code in codes if _CODE.fullmatch(code)))


@cache
def load_names() -> Names:
    """The senders' names that are the same in every language."""
    systems = sender_table()
    words = {key: frozenset(found) for key, found in tomllib.loads(_text("names")).items()}
    return Names(
        systems=frozenset(d for row in systems["system"] for d in row["domains"]),
        webmail=frozenset(systems["free_mail"]),
        brands=frozenset(_plain(row["name"]) for row in systems["system"]),
        **words,
    )


def read_pack(path: Path) -> LanguagePack:
    """A pack from a file of one's own. Raises `ConfigError` where it cannot be read as one."""
    try:
        pack = _pack(path.read_text("utf-8"))
        _ = pack.frames
    except OSError as error:
        raise ConfigError(f"cannot read the pack {path}: {error.strerror}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot read the pack {path}: {error}") from error
    except (BadPhrase, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(
            f"cannot read the pack {path}: it is not made like the other packs ({error!r}); "
            "docs/languages.md shows how one is made"
        ) from error
    return pack


@cache
def load_model() -> Model:
    """The weights of the second opinion, the same for every language."""
    learned = tomllib.loads(_text("opinion"))
    return Model(learned["intercept"], learned["weights"])


@cache
def _load(code: str) -> LanguagePack:
    return _pack(_text(code), code)


def _pack(text: str, code: str = "") -> LanguagePack:
    """`code` names the shipped vocabulary; a pack of one's own has none."""
    tables = _tables(text, _HEAD)
    head = tomllib.loads(tables + _tables(text, _SLOTS) if "{" in tables else tables)
    language = head["language"]
    return LanguagePack(
        code=language["code"],
        name=language["name"],
        function_words=frozenset(language["function_words"].split()),
        strangers=frozenset(language.get("strangers", "").split()),
        names=load_names(),
        model=load_model(),
        notices=Index.of(_frames(head), Grammar(_slots(head))),
        load=lambda: _phrasing(_parsed(text), _vocabulary(code)),
    )


def _tables(text: str, names: tuple[str, ...]) -> str:
    """Those tables of a pack's file, as they are written there."""
    return "".join([f"[{one}\n" for one in text.split("\n[") if one.startswith(names)])


def _parsed(text: str) -> dict[str, Any]:
    """A pack's whole file. Raises `tomllib.TOMLDecodeError`.

    Lists of strings without escapes are the same in JSON, which is read fifty times as fast.
    """
    lists: list[list[str]] = []

    def aside(found: re.Match[str]) -> str:
        lists.append(json.loads(f"[{found[1].rstrip().removesuffix(',')}]", strict=False))
        return f"phrases = {len(lists) - 1}"

    data = tomllib.loads(_PHRASES.sub(aside, text))
    for group in data.values():
        for body in group.values():
            if isinstance(body, dict) and isinstance(body.get("phrases"), int):
                body["phrases"] = lists[body["phrases"]]
    return data


def _phrasing(data: dict[str, Any], vocabulary: Vocabulary) -> Phrasing:
    return Phrasing(
        slots=_slots(data),
        frames=tuple(_frames(data)),
        wording=_wording(data),
        vocabulary=vocabulary,
    )


def _vocabulary(code: str) -> Vocabulary:
    """The weights of a language's words, learned and written as whole numbers; none for no code."""
    file = resources.files("kitchenwall.languages").joinpath("words", f"{code}.json")
    if not code or not file.is_file():
        return Vocabulary()
    learned = json.loads(file.read_text("utf-8"))
    return Vocabulary({word: Leaning(*weights) for word, weights in learned.items()})


def _slots(data: dict[str, Any]) -> dict[str, str]:
    return {name: " | ".join(choices) for name, choices in data.get("slots", {}).items()}


def _wording(data: dict[str, Any]) -> Wording:
    forms = data.get("forms", {})
    language = data["language"]
    return Wording(
        turns=frozenset(language["turns"]),
        joins=frozenset(language["joins"]),
        tags=frozenset(language.get("tags", ())),
        templates={name: tuple(found) for name, found in data.get("templates", {}).items()},
        closings=tuple(data.get("signature", {}).get("closings", ())),
        formal=frozenset(forms.get("formal", ())),
        informal=frozenset(forms.get("informal", ())),
    )


def _frames(data: dict[str, Any]) -> Iterator[Frame]:
    for group, named in data.items():
        if group in _NOT_FRAMES:
            continue
        for name, body in named.items():
            yield Frame(
                group=group,
                name=name,
                phrases=tuple(body["phrases"]),
                weight=float(body.get("weight", 0.0)),
                value=body.get("value", ""),
                proves=frozenset(body.get("proves", ())),
                reads=body.get("reads", ""),
                misses=body.get("misses", ""),
            )


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name.lower()).split())


def _text(name: str) -> str:
    return resources.files("kitchenwall.languages").joinpath(f"{name}.toml").read_text("utf-8")
