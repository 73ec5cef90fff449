"""Know the systems that send mail for employers: whose address it is, and who hears an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from kitchenwall.domain.message import Address


class Ears(StrEnum):
    """Who hears an answer to an address."""

    RECRUITER = "recruiter"
    NOBODY = "nobody"
    DEPENDS = "depends"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression that is compiled when it is first asked: most never are."""

    source: str

    def search(self, text: str) -> re.Match[str] | None:
        return _compiled(self.source).search(text)

    def fullmatch(self, text: str) -> re.Match[str] | None:
        return _compiled(self.source).fullmatch(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One applicant-tracking system, job board, test vendor or scheduler.

    `kind` is "ats", "board", "test", "scheduling" or "bulk". `recruiter` and `nobody` are whole
    addresses that do or do not reach a person; `ears` holds for all others. `company` patterns
    find the employer's short name in an address (group "company"); it is a key, not a pretty name.
    """

    name: str
    kind: str
    ears: Ears
    domains: tuple[str, ...] = ()
    addresses: tuple[Pattern, ...] = ()
    recruiter: tuple[Pattern, ...] = ()
    nobody: tuple[Pattern, ...] = ()
    company: tuple[Pattern, ...] = ()

    def said_of(self, spec: str) -> Ears | None:
        """Who hears an answer to exactly this address, where a pattern knows it."""
        if _any(self.nobody, spec):
            return Ears.NOBODY
        return Ears.RECRUITER if _any(self.recruiter, spec) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Senders:
    """What is known of senders. Patterns for text are meant for folded text (see `folded_words`).

    `by_domain` finds a system by the end of a domain, `branded` are systems that also send from
    employers' own domains. `about_applications` finds words of an application in text;
    `for_applications` and `for_others` know parts of addresses, whole, by what they are for.
    `mailbox_words` are parts of addresses that no person is called.
    `free_mail` are domains that neighbours share without knowing each other.
    """

    by_domain: Mapping[str, System]
    branded: tuple[System, ...]
    no_reply_local: Pattern
    no_reply_name: Pattern
    no_reply_text: Pattern
    reply_invited: Pattern
    about_applications: Pattern
    for_applications: Pattern
    for_others: Pattern
    mailbox_words: frozenset[str]
    free_mail: frozenset[str]

    def system(self, spec: str) -> System | None:
        """The system that an address belongs to, by its domain or as employers brand it."""
        found = self.owner(spec)
        return found or next((one for one in self.branded if _any(one.addresses, spec)), None)

    def owner(self, spec: str) -> System | None:
        """The system that owns the address's domain, by the longest known end of it.

        Only this can be believed of an address that somebody else wrote down: anybody can call a
        mailbox workday@.
        """
        labels = spec.rpartition("@")[2].split(".")[-6:]
        ends = (".".join(labels[start:]) for start in range(len(labels) - 1))
        return next((self.by_domain[end] for end in ends if end in self.by_domain), None)

    def knows(self, spec: str) -> bool:
        """Whether mail from this address is about applications, even where it looks like a list."""
        system = self.system(spec)
        return system is not None and system.kind in ("ats", "board")

    def company_key(self, spec: str) -> str:
        """The employer's short name in an address such as acme@myworkday.com, or ""."""
        system = self.system(spec)
        for pattern in system.company if system else ():
            if found := pattern.fullmatch(spec):
                return found["company"]
        return ""

    def is_no_reply(self, address: Address) -> bool:
        """Whether the address or its display name says that nobody reads answers."""
        if self.no_reply_local.search(address.local):
            return True
        return self.no_reply_name.search(address.name.casefold()[:200]) is not None


def _any(patterns: tuple[Pattern, ...], spec: str) -> bool:
    return any(pattern.fullmatch(spec[:320]) for pattern in patterns)


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)
