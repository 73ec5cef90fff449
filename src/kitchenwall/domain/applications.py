"""Tell which earlier mails are about the same company, and about the same application.

Where they may be about two, only those are kept that surely mean this one: its own conversation,
and mails that name what this one names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

from kitchenwall.domain.around import Tie
from kitchenwall.domain.facts import Facts, Stage
from kitchenwall.domain.journal import application_key
from kitchenwall.domain.traces import Trace, Traces

# One application may be acknowledged twice, by a machine and by a person.
_ONE_APPLICATION = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Name:
    """Something that mails name, made comparable by `of` ("" where one does not name it)."""

    of: Callable[[Facts], str]
    alike: Callable[[str, str], bool]

    def agrees(self, one: Facts, other: Facts) -> bool | None:
        """Whether two mails name the same; None where one of them does not name it."""
        names = self.of(one), self.of(other)
        return self.alike(*names) if all(names) else None

    def is_one(self, facts: tuple[Facts, ...]) -> bool:
        """Whether mails with these facts name at most one."""
        named = {self.of(one) for one in facts} - {""}
        return all(self.alike(*pair) for pair in combinations(named, 2))


def _employer(facts: Facts) -> str:
    key = application_key(facts.company.value, "") if facts.company else None
    return key[0] if key else ""


def _opening(facts: Facts) -> str:
    key = application_key("", facts.role.value) if facts.role else None
    return key[1] if key else ""


def _number(facts: Facts) -> str:
    return facts.reference.value.casefold() if facts.reference else ""


def _begins_alike(one: str, other: str) -> bool:
    """People leave off the end of a company's name."""
    return one.startswith(other) or other.startswith(one)


COMPANY = Name(_employer, _begins_alike)
ROLE = Name(_opening, str.__eq__)
NUMBER = Name(_number, str.__eq__)
_ALL = (COMPANY, ROLE, NUMBER)


def of_one_company(facts: Facts, traces: Traces, *, is_shared: bool) -> Traces:
    """The mails about the company of the mail with these facts.

    `is_shared` says that it came from an address that many employers write from: that alone ties
    nothing.
    """
    if is_shared:
        traces = tuple(one for one in traces if is_thread(one) or _names_the_same(one, facts))
    return _agreeing(COMPANY, facts, traces)


def of_one_application(facts: Facts, traces: Traces) -> Traces:
    """The mails about the application that the mail with these facts is about."""
    for name in (ROLE, NUMBER):
        traces = _agreeing(name, facts, traces)
    return traces if _is_one(traces) else tuple(filter(is_thread, traces))


def still_open(traces: Traces) -> Traces:
    """The mails without those whose application an earlier no had ended.

    A no within the conversation ends nothing: who is told so twice is told about the same.
    """
    ends = [one for one in traces if one.is_no and not is_thread(one)]
    return tuple(
        one for one in traces if is_thread(one) or not any(_ended(one, end) for end in ends)
    )


def is_foreign(trace: Trace, facts: Facts) -> bool:
    """Whether a mail names another company, role or number than the one with these facts."""
    return any(name.agrees(trace.facts, facts) is False for name in _ALL)


def is_thread(trace: Trace) -> bool:
    return trace.tie is Tie.THREAD


def _names_the_same(trace: Trace, facts: Facts) -> bool:
    return any(name.agrees(trace.facts, facts) for name in _ALL)


def _agreeing(name: Name, facts: Facts, traces: Traces) -> Traces:
    if name.is_one((facts, *(trace.facts for trace in traces))):
        return traces
    return tuple(one for one in traces if is_thread(one) or name.agrees(one.facts, facts))


def _is_one(traces: Traces) -> bool:
    """Receipts that lie far from each other and do not name one role stand for two applications."""
    receipts = [one for one in traces if one.stage is Stage.CV_SCREEN]
    days = [one.mail.written for one in receipts]
    near = not days or max(days) - min(days) <= _ONE_APPLICATION
    return near or {ROLE.of(one.facts) for one in receipts}.isdisjoint({""})


def _ended(trace: Trace, end: Trace) -> bool:
    is_another = any(name.agrees(end.facts, trace.facts) is False for name in (ROLE, NUMBER))
    return trace.mail.written <= end.mail.written and not is_another
