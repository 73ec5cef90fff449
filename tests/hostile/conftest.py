"""Counts the hostile mails and servers that the tests here met, and prints how many."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest


@dataclass(slots=True)
class Count:
    """Names of what was met in this run, and lines worth telling."""

    mails: set[str] = field(default_factory=set)
    servers: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)


_COUNT = pytest.StashKey[Count]()


@pytest.fixture(scope="session")
def count(request: pytest.FixtureRequest) -> Count:
    """What the tests here add to."""
    return request.config.stash.setdefault(_COUNT, Count())


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    count = config.stash.get(_COUNT, None)
    if count is None or not (count.mails or count.servers):
        return
    terminalreporter.section("hostile input")
    terminalreporter.write_line(
        f"hostile input: {len(count.mails)} mails, {len(count.servers)} server behaviours"
    )
    for line in count.lines:
        terminalreporter.write_line(line)
