"""Read where a mail really comes from: whose domain it is, and what the own server could confirm."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")
# fmt: off
_SECOND_LEVEL = frozenset((
    "ac", "asso", "co", "com", "ed", "edu", "go", "gob", "gouv", "gov", "govt", "gv", "ltd", "me",
    "mil", "ne", "net", "nhs", "nom", "or", "org", "plc", "police", "sch", "school", "web",
))
# fmt: on
_AUTH_COMMENT = re.compile(r"\([^()]*\)")
_AUTH_QUOTED = re.compile(r'"[^"]*"')
_DEEPEST_COMMENT = 8
_DMARC = re.compile(r"dmarc\s*(?:/\s*\d+\s*)?=\s*([a-z]+)")


def organisation(domain: str) -> str:
    """The part of a domain that one organisation owns: acme.example of mail.jobs.acme.example.

    A heuristic instead of the public suffix list: the last two labels, or three where the last but
    one is a usual second level under a country (co.uk, com.br, or.at). Where it is wrong it mostly
    calls two hosts of one organisation strangers, which makes a route doubtful; it takes strangers
    for one only below rare suffixes that it does not know (kawasaki.jp, private ones).
    """
    labels = domain.lower().strip(".").split(".")
    deep = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if deep else -2 :])


def fails_dmarc(auth_results: Iterable[str], authserv_id: str) -> bool:
    """Whether the topmost Authentication-Results of the named server reports dmarc=fail (RFC 8601).

    Headers of other servers prove nothing: anybody can write them.
    """
    for header in auth_results if authserv_id else ():
        server, _, results = _without_comments(header[:8192].lower()).partition(";")
        if server.split()[:1] != [authserv_id.lower()]:
            continue
        methods = (_DMARC.match(result.strip()) for result in results.split(";"))
        return any(method is not None and method[1] == "fail" for method in methods)
    return False


def is_writable(spec: str) -> bool:
    """Whether an address can stand in a header of ours: plain ASCII local part, a domain with a dot."""
    local, _, domain = spec.lower().rpartition("@")
    return (
        len(local) <= 64
        and len(domain) <= 253
        and _LOCAL.fullmatch(local) is not None
        and _DOMAIN.fullmatch(domain) is not None
    )


def _without_comments(header: str) -> str:
    """An Authentication-Results value without quoted strings and (nested) comments."""
    bare = _AUTH_QUOTED.sub("", header)
    for _ in range(_DEEPEST_COMMENT):
        bare = _AUTH_COMMENT.sub("", bare)
    return bare
