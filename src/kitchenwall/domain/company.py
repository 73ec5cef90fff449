"""Read which company says no: never a system, a board, a person or a general word.

Every place that may name the company votes: the words around it, who signed, the sender's name and
domain where the mail writes the same name. What only a weak place names must be named twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from kitchenwall.domain.clues import Clues
from kitchenwall.domain.facts import Fact
from kitchenwall.domain.languages import Names
from kitchenwall.domain.message import Address
from kitchenwall.domain.titles import organisation_pattern, title_pattern

_ENOUGH = 2.0
_NOBODY = re.compile(r"(?:(?:no|do-?not)[-_.]?reply.{0,30}|notifications?|)")
_GREETING = re.compile(r"\s*\S.{0,60}[,:!]\s*(?:\n|$)")
_UMLAUTS = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}
_BARE = str.maketrans(
    "’àâáãçéèêëîïíñôóõùûúÀÂÁÃÇÉÈÊËÎÏÍÑÔÓÕÙÛÚ", "'aaaaceeeeiiinooouuuAAAACEEEEIIINOOOUUU"
)
_BETWEEN = str.maketrans("", "", " \t\n\r\xa0&.'-")
_MOST_NAMES = 40
_ADDRESSES = frozenset(("herr", "herrn", "frau", "mr", "mrs", "ms", "dr"))
_PARTS = r"\s[|@•·–-]\s|\s?[|•·,]\s?"
_BEFORE_EMPLOYERS = ("vom", "via", "from", "at", "bei", "der", "des", "von")
_SHOWN = re.compile(r"\s(?:via|@|\||-|–)\s|/|\s\(")
_LEGAL_END = re.compile(
    r"(?:[,\s]+(?:Pte|Pty)\.?)?[,\s]+(?:e\.?\s?V|GmbH(?:\s?&\s?Co\.?\s?(?:KG|OHG)(?:aA)?)?|[gm]?mbH|AG|SE|eG|KG(?:aA)?|UG|OHG|Ltd|Limited|LLC|L\.L\.C"
    r"|PLC|plc|Inc|Corp|Corporation|S\.?A\.?S?|S\.?à\.?r\.?l|SARL|S\.?L|B\.?V|N\.?V|S\.?p\.?A|S\.?r\.?l|Sp\.\sz\so\.?o"
    r"|s\.r\.o|a\.s|AB|ApS|A/S|Oy|Lda|Ltda|Pty|LP)\.?$"
)
_BEGINS = re.compile(
    r"^(?:the|our|your|ihr|ihre|dein|deine|das|die|der|den|dem|des|euer)\s", re.IGNORECASE
)
_OWNER = re.compile(r"(.{2,60}?)[’']s?\s")
_ENDS = re.compile(r"(?:[’']s|[\s,;:.!|–-])+$")
_SITE = re.compile(
    r"(?:https?://)?(?:www\.|careers?\.|jobs\.)?([a-z0-9-]{3,40})(?:\.[a-z]{2,12}){1,2}/?"
)
_HYPHENED = re.compile(r"-(?=(?:Team|Recruiting|HR)\b)")
_END_NAMES = frozenset(
    [
        "group",
        "digital",
        "technology",
        "information",
        "engineering",
        "global",
        "management",
        "university",
        "service",
        "support",
        "office",
        "system",
        "mail",
        "corporate",
        "headquarters",
        "centre",
        "center",
    ]
)
_OF_A_TEAM = frozenset(
    [
        "college",
        "campus",
        "graduate",
        "graduates",
        "university",
        "global",
        "corporate",
        "early",
        "professional",
        "careers",
        "attraction",
        "and",
        "und",
        "emea",
        "apac",
        "na",
        "us",
        "uk",
        "attraction",
        "people",
    ]
)
_RANKS = frozenset(["senior", "junior", "head", "lead", "chief", "vice", "principal", "deputy"])
_SHORT = 3
_LONG = 5
_ORGANISATION = re.compile(
    r"(?i)(?:\b(?:university|college|council|trust|museum|hospital|institute|foundation|centre|center|school|bank|labs?|studios?"
    r"|solutions|systems|partners|holdings?|group|agency|society|association|klinik(?:um)?|stadt|landkreis|verlag|werke?"
    r"|verein|stiftung|institut|sparkasse|spedition|universität|gemeinde|ministerium|technik|logistik|software|robotics)\b"
    r"|\w{3,}(?:hochschule|gesellschaft|universität|werke|verlag|verband|museum|krankenhaus|klinik|schule|bank|zentrum|bau)\b)"
)
_IN_NAMES = "&|and|und|of|de|the|für|for|am|im|an|der"


@dataclass(slots=True)
class _Votes:
    """How much speaks for one spelling of a name, and the words where it was first read."""

    name: str
    words: str
    worth: float = 0.0


def company(clues: Clues, people: frozenset[str]) -> Fact | None:
    """The company, with the words around it. `people` are names, in plain words, of persons."""
    return company_by_names(clues, people)[0]


def company_by_names(clues: Clues, people: frozenset[str]) -> tuple[Fact | None, tuple[str, ...]]:
    """The company as `company` reads it, and the shorter or longer names that the mail gives it."""
    ballot: dict[str, _Votes] = {}
    judge = _Judge(clues, people)
    counted: dict[tuple[str, str], float] = {}
    for name, words, worth in _named(clues):
        kept = judge.trimmed(name)
        if kept and len(ballot) < _MOST_NAMES:
            votes = ballot.setdefault(plain(kept), _Votes(kept, words))
            before = counted.get((votes.name, words), 0.0)
            counted[votes.name, words] = max(before, worth)
            votes.worth += max(0.0, worth - before)
    for votes in ballot.values():
        votes.worth += min(2, _times(votes.name, clues) - 1) * 0.5
    elected = _elected(list(ballot.values()))
    kin = (votes.name for votes in ballot.values() if elected and _akin(votes.name, elected.value))
    return elected, tuple(name for name in kin if elected and name != elected.value)


def plain(name: str) -> str:
    """A name in lower-case words without punctuation."""
    return " ".join(re.sub(r"[\W_]+", " ", name.lower()).split())


def unmarked(name: str) -> str:
    """A name as an address writes it: plain words of bare letters."""
    return _ascii(plain(name))


def _elected(ballot: list[_Votes]) -> Fact | None:
    """The name with most votes; a longer form of it takes its votes along."""
    best: tuple[float, float] = (0.0, 0.0)
    chosen: _Votes | None = None
    for votes in ballot:
        kin = sum(other.worth for other in ballot if _akin(votes.name, other.name))
        if kin >= _ENOUGH and (kin, votes.worth) > best:
            best, chosen = (kin, votes.worth), votes
    return Fact(chosen.name, chosen.words) if chosen else None


def _akin(name: str, other: str) -> bool:
    one, two = plain(name), plain(other)
    return f"{one} ".startswith(f"{two} ") or f"{two} ".startswith(f"{one} ")


def _named(clues: Clues) -> Iterator[tuple[str, str, float]]:
    """Every name that some place gives, with the words around it and what the place is worth."""
    if _is_name(clues.subject, clues):
        yield clues.subject, clues.subject, 1.0
    for marked in clues.marked("company"):
        yield marked.value, marked.words, 3.0 if marked.in_subject else 2.5
    for marked in clues.marked("company_hint"):
        sender = clues.message.sender
        known = _sent_from(marked.value, sender) and not _is_cut(marked.value, sender)
        yield marked.value, marked.words, 2.0 if known else 1.0
    yield from _in_signature(clues)
    for line in clues.head:
        if _is_name(line, clues) and _names_a_house(line, clues):
            yield line, line, 3.0
    if clues.message.sender:
        yield from _in_sender(clues.message.sender, clues)


def _in_signature(clues: Clues) -> Iterator[tuple[str, str, float]]:
    """Below the letter: teams, legal forms, organisations, and names that the mail repeats."""
    first = clues.signed[:1]
    for line in dict.fromkeys(clues.signed or clues.tail):
        if site := _SITE.fullmatch(line.lower()):
            yield from ((found, line, 2.0) for found in _written(site[1], clues))
            continue
        for part in _parts(clues.joiners).split(line):
            name, worth = _signs(part.strip(" .!—–/-"), clues, line in first)
            if worth:
                yield name, line, worth


def _signs(part: str, clues: Clues, is_first: bool) -> tuple[str, float]:
    """What a part of a signature names, and its worth: 0 for titles, people and general words."""
    names = clues.pack.names
    bare = _LEGAL_END.sub("", part)
    if _is_domain(bare, clues.message.sender):
        return bare, 4.0
    team = _team(bare, names)
    if team and _is_name(team, clues):
        known = _times(team, clues) > 1 or _sent_from(team, clues.message.sender)
        return team, 2.5 if known else 2.0 if len(team.split()) <= _SHORT else 0.5
    led = _without_generic(bare, names)
    if led not in ("", bare) and _is_name(led, clues) and _sent_from(led, clues.message.sender):
        return led, 2.5
    if not _is_name(bare, clues) or (_general(bare.split()[0], names) and bare == part):
        return "", 0.0
    if bare != part or _sent_from(bare, clues.message.sender) or is_organisation(bare, clues):
        return bare, 2.5
    if _times(bare, clues) > 1:
        return bare, 1.5
    return bare, 2.0 if not is_first and _is_echoed(bare, clues) else 0.0


def _team(part: str, names: Names) -> str:
    """ "Ihr Acme Recruiting-Team" signs for Acme; "" for a title or where nobody is named."""
    words = _BEGINS.sub("", _HYPHENED.sub(" ", part)).split()
    kept = list(words)
    while kept and _recruits(kept[-1], names):
        kept.pop()
    if not kept or len(kept) == len(words) or _recruits(kept[0], names):
        return ""
    if plain(words[-1]).startswith("recruiter") or plain(kept[0]) in _RANKS:
        return ""
    while len(kept) > 1 and (plain(kept[-1]) in _OF_A_TEAM or not plain(kept[-1])):
        kept.pop()
    return " ".join(kept).strip(" &,")


def _is_echoed(name: str, clues: Clues) -> bool:
    """Whether the letter writes the name's first word alone, as people shorten a company's name."""
    first = name.split()[0]
    return len(first) > 3 and len(name.split()) > 1 and _times(first, clues) > 1


def _in_sender(sender: Address, clues: Clues) -> Iterator[tuple[str, str, float]]:
    """The display name where it is no person's, and the domain or tenant that the mail writes too."""
    names = clues.pack.names
    for shown in _shown(sender, names):
        kept = _without_generic(_LEGAL_END.sub("", shown), names)
        if (kept and kept != shown and _is_name(kept, clues)) or (
            kept
            and (
                _sent_from(kept, sender)
                or _speaks_for(kept, sender)
                or _below_a_person(kept, clues)
                or is_organisation(kept, clues)
            )
        ):
            yield kept, sender.name, 2.5
    for label in _labels(sender, names):
        for found in _written(label, clues):
            yield found, sender.spec, 2.0


def _speaks_for(name: str, sender: Address) -> bool:
    """Whether one word stands before an address that is nobody's: tracking systems show the employer."""
    return " " not in name and bool(_NOBODY.fullmatch(sender.local))


def _shown(sender: Address, names: Names) -> Iterator[str]:
    """The first part of the display name that is not the mailbox's own, as a first name is.

    What follows is shown too where it is the domain's, or where the first part is general.
    """
    parts = [part.strip(" \"')") for part in _SHOWN.split(sender.name)]
    first = next((part for part in parts if plain(part) != sender.local.lower()), parts[0])
    yield first
    for other in parts[parts.index(first) + 1 :]:
        if _general(first, names) or _sent_from(other, sender):
            yield other


def _below_a_person(name: str, clues: Clues) -> bool:
    """Whether a signature names it elsewhere than directly below the closing formula."""
    lines = [plain(_LEGAL_END.sub("", line)) for line in clues.signed or clues.tail]
    return plain(name) in lines[1:] and plain(name) not in lines[:1]


def _labels(sender: Address, names: Names) -> Iterator[str]:
    """Short names in the sender's address: the own domain, or the tenant of a system."""
    labels = sender.domain.split(".")
    if _ends_in(sender.domain, names.webmail):
        return
    if _ends_in(sender.domain, names.systems):
        labels = [*re.split(r"[+._-]", sender.local), *labels[:-2], ""]
    for label in labels[:-1]:
        if len(label) > 2 and plain(label) not in names.generic | names.brands:
            yield label


def _written(label: str, clues: Clues) -> Iterator[str]:
    """A short name as the mail writes it, where it does."""
    letters = label.replace("-", "").replace("_", "")[:40]
    if len(letters) < 3:
        return
    for source in (clues.subject, clues.text):
        bare = source.translate(_BARE)
        if letters.translate(_BETWEEN).lower() not in bare.translate(_BETWEEN).lower():
            continue  # spares making a pattern, which takes longer than all the rest
        found = _spaced(letters).search(bare)
        if found and "\n" not in found[0]:
            yield " ".join(source[found.start() : found.end()].split())


@lru_cache(maxsize=64)
def _spaced(letters: str) -> re.Pattern[str]:
    """A name with signs or spaces between its letters: "acmeco" for "Acme & Co"."""
    # A pattern of bare letters is made five times as fast as one that knows their marks.
    between = r"[\s&.'-]{0,3}".join(map(re.escape, letters))
    return re.compile(rf"(?<![@\w./-])(?i:{between})(?![\w@]|\.\w|[-/]\w+[./])")


def _sent_from(name: str, sender: Address | None) -> bool:
    """Whether the sender's domain begins with the name, and its mailbox is not the same person's."""
    if sender is None or not sender.domain:
        return False
    words = plain(name).split()
    if set(words) & set(re.split(r"[^a-z]+", sender.local)):
        return False
    parts = max(sender.domain.split(".")[:-1] or [""], key=len).split("-")
    label, whole = "".join(parts), _ascii("".join(words))
    if len(label) < 3 or len(whole) < 3:
        return False
    if len(parts) > 1 and set(parts) <= set(unmarked(name).split()):
        return True
    inside = len(whole) >= _LONG and label.endswith(whole)
    return whole.startswith(label) or label.startswith(whole) or whole.endswith(label) or inside


def _is_cut(name: str, sender: Address | None) -> bool:
    """Whether the sender's domain goes on where the name ends, as for one that is read by half."""
    whole = unmarked(name).replace(" ", "")
    labels = (label.replace("-", "") for label in sender.domain.split(".")) if sender else ()
    return any(label.startswith(whole) and label != whole for label in labels)


def _is_domain(name: str, sender: Address | None) -> bool:
    """Whether the sender's domain is exactly the name of several words, such as zeit-personal."""
    words = plain(name.replace("&", " and ")).split()
    if sender is None or len(words) < 2 or set(words) <= set(re.split(r"[^a-z]+", sender.local)):
        return False
    whole = _ascii("".join(words))
    return any(label.replace("-", "") == whole for label in sender.domain.split(".")[:-1])


def _ascii(word: str) -> str:
    """The word as a domain writes it: no marks, umlauts in two letters."""
    letters = unicodedata.normalize("NFKD", word.translate(_UMLAUTS))
    return "".join(letter for letter in letters if letter.isascii())


def _uninflected(name: str, sender: Address | None) -> str:
    """A name without the ending of its case, where the domain writes it so: Werke, not Werken."""
    words = name.split()
    for label in sender.domain.split(".")[:-1] if sender else ():
        parts = label.split("-")
        if len(parts) == len(words) and all(
            word.lower() in (part, f"{part}n", f"{part}s")
            for word, part in zip(words, parts, strict=True)
        ):
            return " ".join(w[: len(part)] for w, part in zip(words, parts, strict=True))
    return name


@cache
def _parts(joiners: tuple[str, ...]) -> re.Pattern[str]:
    """Parts the lines of a signature; "des" parts them in German and joins names in French."""
    words = (word for word in _BEFORE_EMPLOYERS if word not in joiners)
    return re.compile(rf"{_PARTS}|\s(?:{'|'.join(words)})\s")


def is_organisation(name: str, clues: Clues) -> bool:
    """Whether a word of the name says that it is an organisation's, such as "Museum"."""
    return bool(_ORGANISATION.search(name) or organisation_pattern(clues.pack).search(name))


def _names_a_house(name: str, clues: Clues) -> bool:
    """Whether a word of the language's own list of organisations stands in it, and a name besides."""
    organised = organisation_pattern(clues.pack)
    return bool(organised.search(name)) and not _is_bare_house(name, clues)


def _is_bare_house(name: str, clues: Clues) -> bool:
    """Whether it says which kind of house it is and no more ("the Bank")."""
    organised = organisation_pattern(clues.pack)
    rest = organised.sub(" ", plain(name)).split()
    return bool(organised.search(name)) and {*rest} <= {*plain(" ".join(clues.joiners)).split()}


def _is_name(text: str, clues: Clues) -> bool:
    """Whether all words begin with a capital but those that join the parts of a name."""
    return _name_pattern(clues.joiners).fullmatch(text) is not None


@cache
def _name_pattern(joiners: tuple[str, ...]) -> re.Pattern[str]:
    word = rf"(?:(?:[a-z]{{1,5}}['’])?[A-ZÀ-Ž0-9][\w&'’.+:-]*|{'|'.join((_IN_NAMES, *joiners))})"
    return re.compile(rf"{word}(?:\s{word}){{0,7}}")


def _ends_in(domain: str, ends: frozenset[str]) -> bool:
    labels = domain.split(".")
    return any(".".join(labels[start:]) in ends for start in range(len(labels)))


def _without_generic(shown: str, names: Names) -> str:
    """ "Acme Careers" is Acme, "Recruiting Acme" too; "" where nothing is left."""
    words = _BEGINS.sub("", _HYPHENED.sub(" ", shown)).split()
    while words and _recruits(words[-1], names):
        words.pop()
    while words and _recruits(words[0], names):
        words.pop(0)
    return " ".join(words).strip(" &,")


def _recruits(word: str, names: Names) -> bool:
    """A word of those who hire ("Recruiting", "&"), not one that ends many names ("Group")."""
    bare = plain(word)
    return all(part in names.generic and part not in _END_NAMES for part in bare.split())


def _general(word: str, names: Names) -> bool:
    return all(part in names.generic for part in plain(word).split())


def _times(name: str, clues: Clues) -> int:
    """How often subject and text write the name, as whole words in any case."""
    wanted, text = name.lower(), clues.lowered
    found, start = 0, text.find(wanted)
    while start >= 0 and found < _MOST_NAMES:
        end = start + len(wanted)
        before, after = text[start - 1 : start], text[end : end + 2]
        apart = not before.isalnum() and before not in ("@", ".", "/", "_")
        if apart and not after[:1].isalnum() and not (after[:1] == "." and after[1:].isalnum()):
            found += after[:1] not in ("@", "_")
        start = text.find(wanted, end)
    return found


class _Judge:
    """Which names may be a company's in this mail."""

    def __init__(self, clues: Clues, people: frozenset[str]) -> None:
        self.names = clues.pack.names
        articles = clues.pack.wording.templates.get("articles", ())
        self.functions = clues.pack.function_words | {*articles}
        self.titles = title_pattern(clues.pack)
        self.organised = organisation_pattern(clues.pack)
        recipients = (plain(address.name) for address in clues.message.to)
        self.people = people | {name for name in recipients if name}
        greeting = _GREETING.match(clues.text)
        self.greeted = f" {plain(greeting[0])} " if greeting else ""
        self.clues = clues

    def trimmed(self, name: str) -> str:
        """The name without what does not belong to it; "" where it is no company's."""
        owner = _OWNER.match(name)
        if owner and self.titles.search(name):
            name = owner[1]
        name = _ENDS.sub("", _LEGAL_END.sub("", _ENDS.sub("", name)))
        if _is_domain(name, self.clues.message.sender):
            return name
        name = _without_generic(self._one_of_two(name), self.names)
        name = _ENDS.sub("", _LEGAL_END.sub("", name))
        return _uninflected(name, self.clues.message.sender) if self._may_be(name) else ""

    def _one_of_two(self, name: str) -> str:
        """What stands before an "and" is the name where the mail does not repeat the whole."""
        first, joint, _ = (
            re.split(r"(\s(?:and|und)\s)", name, maxsplit=1)
            if re.search(r"\s(?:and|und)\s", name)
            else (name, "", "")
        )
        return first if joint and _times(name, self.clues) < 2 else name

    def _may_be(self, name: str) -> bool:
        bare = plain(name)
        words = bare.split()
        if len(bare) < 2 or bare.isdigit() or bare in self.names.brands or bare in self.people:
            return False
        if len(words) > 1 and words[0] in _ADDRESSES:
            return False
        if _is_bare_house(name, self.clues) or (len(words) > 1 and f" {bare} " in self.greeted):
            return False
        if all(
            word in self.names.generic | self.functions | self.names.legal_forms for word in words
        ):
            return False
        return bool(self.organised.match(name)) or not self.titles.search(name)
