"""Turn the file's text into settings, or tell everything that is wrong with it at once.

No message repeats a text that stands in the file: it could be a secret in the wrong place.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kitchenwall.config.places import trusted_text
from kitchenwall.config.settings import PATH, SECTIONS, Account, Config, DraftSettings, Key, Person
from kitchenwall.errors import ConfigError

SOURCES = {
    "password_command": "command",
    "password_file": "file",
    "token_command": "token_command",
}
SECRET = re.compile(r"pass|pwd|kennwort|secret|token|api_?key", re.IGNORECASE)

Section = TypeVar("Section")


def load(path: Path) -> Config:
    """Read and check a file. Raises `ConfigError` with every problem at once."""
    return parse(trusted_text(path), path)


def parse(text: str, path: Path) -> Config:
    """Check a file's text. Raises `ConfigError` with every problem at once."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # Without its cause: newer Pythons keep the whole text in it.
        raise ConfigError(f"cannot read {path}: it is no valid TOML: {error}") from None
    problems = [*_unknown(tables, SECTIONS, "")]
    sections: dict[str, Any] = {
        name: _section(kind, tables.get(name, {}), name, problems)
        for name, kind in SECTIONS.items()
        if kind is not Account
    }
    problems += _of_time(sections["person"], sections["draft"])
    accounts = _accounts(tables.get("account", []), problems)
    if problems:
        raise ConfigError(f"cannot use {path}:", tuple(problems))
    return Config(accounts=accounts, path=path, **sections)


def _of_time(person: Person | None, draft: DraftSettings | None) -> Iterator[str]:
    """What is wrong with a time zone and with hours that are right one by one."""
    if person is not None and person.timezone and not _is_zone(person.timezone):
        yield (
            "person.timezone: there is no such time zone on this machine; names are like "
            '"Europe/Berlin" (where there are none at all, install tzdata)'
        )
    if draft is not None and bool(draft.quiet_from) != bool(draft.quiet_until):
        missing = "quiet_until" if draft.quiet_from else "quiet_from"
        yield f"draft.{missing}: is missing; quiet hours have a beginning and an end"


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _accounts(tables: object, problems: list[str]) -> tuple[Account, ...]:
    if not isinstance(tables, list):
        problems.append("account: write its heading as [[account]], in two pairs of brackets")
        return ()
    if not tables:
        problems.append("account: there is none; each begins with [[account]]")
    found: list[Account] = []
    for number, table in enumerate(tables, 1):
        account = _section(Account, table, f"account[{number}]", problems)
        if account is not None:
            problems += (
                f"account[{number}].{problem}" for problem in _disagreements(account, found)
            )
            found.append(account)
    return tuple(found)


def _disagreements(account: Account, others: Sequence[Account]) -> Iterator[str]:
    """What is wrong with keys that are right one by one."""
    if account.security == "plain" and not _is_loopback(account.host):
        yield (
            'security: "plain" would show your password and mail to the network; it is only for '
            'a server on this machine; use "tls" or "starttls"'
        )
    for key, source in SOURCES.items():
        if account.password_from == source and not getattr(account, key):
            yield f'{key}: is missing, and password_from = "{source}" needs it'
        if account.password_from != source and getattr(account, key):
            yield f'{key}: is never used unless password_from = "{source}"'
    if account.name.casefold() in (other.name.casefold() for other in others):
        yield "name: another account has this name"
    if account.login in (other.login for other in others):
        yield "login: another account has this login, and the journal could not tell them apart"


def _section(kind: type[Section], table: object, where: str, problems: list[str]) -> Section | None:
    """One table as its type, as far as it is right; `problems` tell what is not.

    None where a key without a default is missing or wrong.
    """
    if not isinstance(table, dict):
        problems.append(f"{where}: write its heading as [{where}], in one pair of brackets")
        return None
    hints = get_type_hints(kind, include_extras=True)
    found = [*_unknown(table, hints, f"{where}.")]
    values: dict[str, Any] = {}
    for known in fields(kind):  # type: ignore[arg-type]  # every section is a dataclass
        shape, key = get_args(hints[known.name])
        try:
            if known.name in table:
                values[known.name] = _value(shape, key, table[known.name])
            elif known.default is MISSING:
                raise ValueError(f"is missing: {key.doc}")
        except ValueError as error:
            found.append(f"{where}.{known.name}: {error}")
    problems += found
    needed = {known.name for known in fields(kind) if known.default is MISSING}  # type: ignore[arg-type]
    return kind(**values) if needed <= values.keys() else None


def _value(kind: object, key: Key, raw: object) -> object:
    """A value as its type. Raises `ValueError`; texts are not repeated, they could be secrets."""
    if kind is bool or kind is str or get_origin(kind) is Literal:
        return _word(kind, key, raw)
    if kind is int or kind is float:
        return _number(kind, key, raw)
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise ValueError('must be a list of texts, such as ["one", "two"]')
    if key.some and not raw:
        raise ValueError("must not be empty")
    return tuple(str(_word(str, key, item)) for item in raw)


def _word(kind: object, key: Key, raw: object) -> object:
    if kind is bool:
        if not isinstance(raw, bool):
            raise ValueError("must be true or false")
        return raw
    if not isinstance(raw, str):
        raise ValueError("must be a text in quotes")
    if get_origin(kind) is Literal and raw not in get_args(kind):
        raise ValueError("must be " + " or ".join(f'"{choice}"' for choice in get_args(kind)))
    if not key.shape.pattern.fullmatch(raw):
        raise ValueError(f"must be {key.shape.words}")
    if key.some and not raw.strip():
        raise ValueError("must not be empty")
    return os.path.expanduser(raw) if key.shape is PATH else raw


def _number(kind: type[int] | type[float], key: Key, raw: object) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | kind):
        raise ValueError("must be a whole number" if kind is int else "must be a number")
    if not key.least <= raw <= key.most:
        raise ValueError(f"must be between {key.least:g} and {key.most:g}, not {raw:g} ({key.doc})")
    return kind(raw)


def _unknown(table: Mapping[str, object], known: Iterable[str], where: str) -> Iterator[str]:
    """Keys that nobody knows, each with what was probably meant."""
    names = list(known)
    for name, value in table.items():
        if name in names:
            continue
        slip = get_close_matches(name, names, 1, cutoff=0.85)
        if isinstance(value, str) and SECRET.search(name) and not slip:
            yield (
                f"{where}{name}: no secret may stand in this file; take it out and keep it with "
                '"kitchenwall password set ACCOUNT", or name another place in password_from'
            )
            continue
        homes = [title for title, kind in SECTIONS.items() if name in _names(kind)]
        guesses = [f"it belongs under {_heading(home)}" for home in homes]
        guesses += [f'did you mean "{guess}"?' for guess in get_close_matches(name, names, 1)]
        yield f"{where}{name}: there is no such key" + (f"; {guesses[0]}" if guesses else "")


def _names(kind: type) -> list[str]:
    return [known.name for known in fields(kind)]


def _heading(section: str) -> str:
    return "[[account]]" if section == "account" else f"[{section}]"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"
