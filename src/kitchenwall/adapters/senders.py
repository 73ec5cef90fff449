"""Read the table of known senders that travels with the package."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from kitchenwall.domain.senders import Ears, Pattern, Senders, System


@cache
def sender_table() -> dict[str, Any]:
    """The table in languages/senders.toml. A mistake in it is ours and raises as it is."""
    table = files("kitchenwall.languages").joinpath("senders.toml")
    return tomllib.loads(table.read_text(encoding="utf-8"))


@cache
def load_senders() -> Senders:
    """The table in languages/senders.toml, ready for use."""
    table = sender_table()
    systems = tuple(_system(row) for row in table["system"])
    quiet, about = table["no_reply"], table["about_applications"]
    return Senders(
        by_domain={domain: system for system in systems for domain in system.domains},
        branded=tuple(system for system in systems if system.addresses),
        no_reply_local=_one_of(quiet["local"], "(?:^|[^a-z])(?:{})"),
        no_reply_name=_one_of(quiet["name"], "(?:{})"),
        no_reply_text=_one_of(_every_language(quiet["text"]), r"\b(?:{})"),
        reply_invited=_one_of(_every_language(table["reply_invited"]), r"\b(?:{})"),
        about_applications=_one_of(about["words"], r"\b(?:{})"),
        for_applications=_one_of(about["mailboxes"], r"(?:{})"),
        for_others=_one_of(about["elsewhere"], r"(?:{})"),
        mailbox_words=frozenset(table["mailbox_words"]),
        free_mail=frozenset(table["free_mail"]),
    )


def _system(row: dict[str, Any]) -> System:
    return System(
        name=row["name"],
        kind=row["kind"],
        ears=Ears(row["ears"]),
        domains=tuple(row["domains"]),
        addresses=_patterns(row, "addresses"),
        recruiter=_patterns(row, "recruiter"),
        nobody=_patterns(row, "nobody"),
        company=_patterns(row, "company"),
    )


def _patterns(row: dict[str, Any], name: str) -> tuple[Pattern, ...]:
    return tuple(Pattern(pattern) for pattern in row.get(name, ()))


def _every_language(phrases: dict[str, list[str]]) -> list[str]:
    return [pattern for language in phrases.values() for pattern in language]


def _one_of(patterns: list[str], frame: str) -> Pattern:
    return Pattern(frame.format("|".join(patterns)))
