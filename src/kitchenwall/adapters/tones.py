"""Load what belongs into letters in each language, and what does not."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from kitchenwall.domain.proofreading import Tone
from kitchenwall.domain.regions import Region


@cache
def load_tones() -> Mapping[str, Tone]:
    """The tone of each language, by its code; a language of the person's own has none."""
    return {
        code: Tone(
            never=tuple(table["never"]),
            formal=tuple(table.get("formal", ())),
            informal=tuple(table.get("informal", ())),
            default=table.get("default", "formal"),
        )
        for code, table in _table("tone").items()
    }


@cache
def load_regions(language: str) -> Mapping[str, Region]:
    """The regions of a language by name, none where it has only one."""
    return {
        name: Region(frozenset(marks["domains"]), frozenset(marks["words"]))
        for name, marks in _table("regions").get(language, {}).items()
    }


@cache
def _table(name: str) -> dict[str, Any]:
    folder = resources.files("kitchenwall.languages")
    return tomllib.loads(folder.joinpath(f"{name}.toml").read_text("utf-8"))
