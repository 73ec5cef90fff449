from __future__ import annotations

from dataclasses import fields

from kitchenwall.adapters.senders import load_senders
from kitchenwall.domain.senders import Pattern, Senders, System


def patterns(known: Senders | System) -> list[Pattern]:
    values = [getattr(known, field.name) for field in fields(known)]
    rows = [value if isinstance(value, tuple) else (value,) for value in values]
    return [value for row in rows for value in row if isinstance(value, Pattern)]


def test_every_pattern_of_the_table_can_be_compiled() -> None:
    senders = load_senders()
    systems = {id(system): system for system in (*senders.by_domain.values(), *senders.branded)}
    found = patterns(senders) + [p for system in systems.values() for p in patterns(system)]
    assert len(found) > 30
    for pattern in found:
        assert pattern.search("") is None, pattern


def test_the_table_is_read_once() -> None:
    assert load_senders() is load_senders()
