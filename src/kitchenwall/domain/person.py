"""Read who signed, and how the mail shows that this person is addressed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from kitchenwall.domain.clues import Clues
from kitchenwall.domain.company import is_organisation, plain, unmarked
from kitchenwall.domain.facts import Fact
from kitchenwall.domain.formality import formality
from kitchenwall.domain.message import Address
from kitchenwall.domain.titles import title_pattern

_CAPITAL = r"[A-ZÀÁÂÄÅÆÇÈÉÊÍÎÑÓÔÖØÙÚÜÝĆČĎĐĘĚŁŃŇŘŚŠŤŹŻŽ]"
_TITLES = re.compile(
    r"^(?:(?:Mag|Mgr|Dr|JUDr|MUDr|PhDr|RNDr|PharmDr|Bc|inż|hab|adw|lek|Prof|drs|Dipl|Ing|DI|med|rer|nat|phil|Herr|Frau|Mr|Mrs|Ms|Miss|i\.\s?A|i\.\s?V|ppa)\b\.?(?:-Ing\.)?(?:\(FH\))?\s)+",
    re.IGNORECASE,
)
_NAME = re.compile(
    rf"^{_CAPITAL}[^\W\d_]*['’.\w-]*(?:\s(?:(?:von|van|de|der|den|di|du|la|le|zu|da|dos)\s){{0,2}}{_CAPITAL}[\w'’.-]*){{0,3}}$"
)
_LINE = re.compile(r"^[^,|(–•\n]{2,60}")
_FULL = 2
_LAST = 4
_LONGEST_TITLE = 6
_SIGNED = 4
_SHORT = 3
_ADDRESSED = re.compile(
    r"\b(Frau|Herrn?|Mrs|Ms|Mr|Mx|Mme|Madame|Monsieur|Sra|Sr|Pani|Paní|Pan)\b\.?\s"
)
_FIRST_NAME = re.compile(
    rf"^({_CAPITAL}[^\W\d_]{{1,14}}(?:-{_CAPITAL}[^\W\d_]{{1,14}})?)"
    r"(?:$|,?\s[(@•–-]|,\s(?=\S)|\s(?=(?:vom|von|from|van|fra|från|z|ze)\s\S))"
)


def person(clues: Clues, company: Fact | None) -> Fact | None:
    """Who signed: the name in the signature, else a sender that is plainly a person."""
    names = clues.pack.names
    taken = frozenset(plain(company.value).split()) if company else frozenset[str]()
    not_people = names.generic | names.legal_forms
    titles = title_pattern(clues.pack)
    readers = {plain(address.name) for address in clues.message.to}
    for line in _signing(clues, titles):
        name = _as_person(line, not_people, clues.message.sender)
        if {*plain(name).split()} <= taken or plain(name) in readers:
            continue
        if titles.search(name) or is_organisation(name, clues):
            continue
        if _named_once(name, clues):
            return Fact(name, line)
    if first := _first_name(clues, titles, not_people, company):
        return first
    sender = clues.message.sender
    if sender and mailbox_of(sender) and not is_organisation(sender.name, clues):
        if signs_by_first_name(clues):
            return Fact(sender.name, sender.name)
        name = _as_person(sender.name, not_people, None)
        if name and not (company and plain(name) == plain(company.value)):
            return Fact(name, sender.name)
    return None


def salutation(clues: Clues, person: Fact | None) -> Fact | None:
    """The word of address that the mail itself puts before this person's name, such as "Frau"."""
    if person is None:
        return None
    first, *_, last = [*person.value.split(), person.value.split()[-1]]
    sources = (clues.message.sender.name if clues.message.sender else "", *clues.signed, clues.text)
    for source in filter(_ADDRESSED.search, sources):
        if found := _address_of(first, last).search(source):
            return Fact(found[1].replace("Herrn", "Herr"), found[0])
    return None


@lru_cache(maxsize=64)
def _address_of(first: str, last: str) -> re.Pattern[str]:
    """A word of address before a person's name, perhaps with titles or the first name between."""
    named = rf"(?:{re.escape(first)}\s)?{re.escape(last)}\b"
    return re.compile(rf"{_ADDRESSED.pattern}(?:(?:Dr|Prof|Mag|DI)\.?\s){{0,2}}{named}")


def people_in(clues: Clues) -> frozenset[str]:
    """Names, in plain words, of the person who sends the mail: the whole name and the first one."""
    sender = clues.message.sender
    if sender is None or not sender.name:
        return frozenset()
    if is_organisation(sender.name, clues):
        return frozenset()
    signs = bool(clues.signed) and _alike(plain(clues.signed[0]), sender)
    if not signs and not mailbox_of(sender):
        return frozenset()
    words = plain(sender.name).split()
    is_team = any(word in clues.pack.names.generic for word in words)
    return frozenset({" ".join(words), *(() if is_team else words[:1])})


def signs_by_first_name(clues: Clues) -> bool:
    """Whether a sender shown by one name, as the mailbox is called, ends the mail with it."""
    sender = clues.message.sender
    if sender is None or not _FIRST_NAME.fullmatch(sender.name):
        return False
    last = plain(clues.text).split()[-1:]
    return sender.local == plain(sender.name) and last == [sender.local]


def mailbox_of(sender: Address) -> bool:
    """Whether the mailbox is called like the display name, as a person's own one is."""
    parts = {part for part in re.split(r"[^a-z]+", sender.local.lower()) if len(part) > 2}
    words = unmarked(sender.name).split()
    joined = {"".join(words), *(f"{words[0][:1]}{word}" for word in words[1:])} if words else set()
    return bool(parts & (set(words) | joined))


def _alike(first: str, sender: Address) -> bool:
    return first == plain(sender.name) and 2 <= len(first.split()) <= 3


def _signing(clues: Clues, titles: re.Pattern[str]) -> Iterator[str]:
    """Lines that may hold the name: below a closing formula, else below the last full stop."""
    yield from clues.signed[:_SIGNED]
    generic = clues.pack.names.generic
    last = () if clues.signed else clues.tail[-_LAST:]
    if _tells_firms(clues):
        yield from (line for before, line in pairwise(last) if before.endswith((".", "!", "?")))
    for line, following in pairwise(last):
        title = plain(following).split()
        told = bool(set(title) & generic or titles.search(following))
        if not line.endswith((",", "!")) and len(title) <= _LONGEST_TITLE and told:
            yield line


def _first_name(
    clues: Clues, titles: re.Pattern[str], not_people: frozenset[str], company: Fact | None
) -> Fact | None:
    """A first name alone, where what stands beside or below it says who that is."""
    employer = plain(company.value) if company else "\0"
    formulas = clues.pack.wording.closings
    may_stand_alone = formality(clues) != "formal"
    lines = clues.signed[:2] or clues.tail[-_LAST:]
    for before, line, following in zip(("", *lines), lines, (*lines[1:], ""), strict=False):
        found = _FIRST_NAME.match(line)
        if (
            not found
            or _NAME.match(before)
            or plain(found[1]) in {*not_people, *formulas, *employer.split()}
        ):
            continue
        is_below = clues.signed or titles.match(following) or _is_the_firm(following, clues)
        role = f"{line[found.end() :]} {following if is_below else ''}"
        told = (
            titles.search(role)
            or is_organisation(role, clues)
            or employer in plain(role)
            or (is_below and _is_the_firm(following, clues))
        )
        alone = may_stand_alone and _stands_alone(before, line, found[1], clues)
        if (
            (told or alone or (clues.signed and "(" in line))
            and not titles.search(found[1])
            and _named_once(found[1], clues)
        ):
            return Fact(_in_full(found[1], not_people, clues), line)
    return None


def _in_full(first: str, not_people: frozenset[str], clues: Clues) -> str:
    """The whole name of a first name, where the sender is shown by it."""
    sender = clues.message.sender
    if sender is None or is_organisation(sender.name, clues):
        return first
    whole = _as_person(sender.name, not_people, None)
    return whole if whole.startswith(f"{first} ") else first


def _stands_alone(before: str, line: str, name: str, clues: Clues) -> bool:
    """Whether a first name, perhaps "of" somebody, signs by itself below a farewell.

    Where people are addressed formally a word alone is a family name, and greets nobody.
    """
    rest = line[len(name) :].split()
    if rest and not (rest[0].islower() and len(rest) <= _SHORT and line[-1].isalnum()):
        return False
    below_farewell = line in clues.signed[:1] or (before and not before.endswith((".", "?", ":")))
    return bool(below_farewell) and not _is_the_firm(name, clues)


def _is_the_firm(name: str, clues: Clues) -> bool:
    """Whether a name is the sender's house, as far as its address and what it is called tell."""
    sender, key = clues.message.sender, "".join(unmarked(name).split())
    if sender is None or not key:
        return False
    shown = plain(sender.name).split()
    is_shown = plain(name) in shown[1:] or (shown[:1] == [plain(name)] and len(shown) == 1)
    return key in sender.domain.replace("-", "") or (is_shown and not mailbox_of(sender))


def _tells_firms(clues: Clues) -> bool:
    """Whether the language has words for organisations, by which a firm is told from a person."""
    return bool(clues.pack.wording.templates.get("organisations"))


def _named_once(name: str, clues: Clues) -> bool:
    """A name that stands in the letter too is a company's, but for the sender's own."""
    sender = clues.message.sender
    if sender and plain(name) in plain(sender.name):
        return True
    return f"{clues.subject}\n{clues.text}".count(name) <= 1


def _as_person(line: str, not_people: frozenset[str], sender: Address | None) -> str:
    """The line's name where it is one: two to four capitalised words, or the sender's first name."""
    found = _LINE.match(line)
    name = _TITLES.sub("", found[0].strip()) if found else ""
    if "," in line and len(name.split()) == 1 and not sender:
        last, _, first = line.partition(",")
        name = f"{first.strip()} {last.strip()}"
    words = plain(name).split()
    if not _NAME.match(name) or re.search(r"\d", name) or any(word in not_people for word in words):
        return ""
    if len(words) >= _FULL:
        return name.title() if name.isupper() else name
    if sender and plain(sender.name).split()[:1] == words:
        # A company may be called after its owner, who signs with the first name.
        known = frozenset() if mailbox_of(sender) else not_people
        whole = _as_person(sender.name, known, None)
        return whole or name
    return ""
