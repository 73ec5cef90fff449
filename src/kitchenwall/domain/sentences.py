"""Cut a text into sentences and fold them, so that phrases can be compared with them.

A folded sentence is a row of lower-case tokens between single spaces, with a space at both ends:
no accents, no gender forms, no contractions; commas, colons, brackets and dashes are the token
"," and a question mark is the token "?". Umlauts lose their dots while "ue" stays "ue": the
phrases accept both (see `frames`). Cost is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

LONGEST_SENTENCE = 600

_SHORT_LINE = 40
_ENDS_OF_A_SENTENCE = ".!?…;"
_PARTS_OF_A_LIST = "•·;"
_ABBREVIATIONS = frozenset(
    (
        "bzw", "ca", "dr", "mr", "mrs", "ms", "prof", "inc", "ltd", "co", "corp", "st", "no", "nr",
        "e.g", "i.e", "etc", "inkl", "ggf", "evtl", "sog", "usw", "vgl", "ref", "tel", "approx",
        "dipl", "hr", "fr", "sr", "sra", "mme", "vs", "rif", "dott", "avv", "ing", "arch", "rag",
        "geom", "sig", "sigg", "gent", "egr", "spett", "prot", "ns", "ds", "np", "tzn", "tj", "ul",
        "godz", "mgr", "inż", "hab", "adw", "tzv", "např", "popř", "resp", "bc", "judr", "mudr",
        "phdr",
    )
)  # fmt: skip
_LONGEST_SHORT = 6
_BEFORE_A_WORD = re.compile(r"[ \n(]")
_INITIALS = re.compile(r"(?:[a-z]\.)?[a-z]", re.IGNORECASE)
# A German, Danish or Czech date has a full stop within it: "am 11. März", "1. července".
_DAY_OF_A_MONTH = re.compile(
    r"\D?\d{1,2}\.\s(?:Jan|Jän|Feb|März|Apr|Mai|Juni|Juli|Aug|Sep|Okt|Nov|Dez|jan|feb|mart|apr|maj|juni|juli|aug|sep|okt|nov|dec"
    r"|ledna|února|března|dubna|května|června|července|srpna|září|října|listopadu|prosince)"
)
_MARKS = re.compile(r"[\u0300-\u036f]+")
_GENDER = {
    sign: re.compile(rf"{re.escape(sign)}(?<=[a-zäöüß].)-?(?:innen|in|as|a|r|n|s|e)\b")
    for sign in ":*_·/"
}
_GENDER_CAPITAL = re.compile(r"Innen\b")
_GENDER_BRACKETS = re.compile(r"\((?<=\w.)-?(?:innen|in|as|a|es|e|r|ne|n)\)")
_APOSTROPHE = re.compile(r"'[a-z]*")
_ENDINGS = {"re": " are", "ve": " have", "ll": " will", "m": " am", "d": " would", "s": ""}
_IS = ("it", "that", "there", "he", "she", "who", "what", "here")
_NOT = (("won't", "will not"), ("can't", "can not"), ("shan't", "shall not"), ("n't", " not"))
_TYPED_SHORT = re.compile(
    r"nt\b(?:(?<=\b(?:wo|ca|do|is)nt)|(?<=\b(?:did|was|are|has)nt)|(?<=\b(?:does|were|have)nt))"
)

_LETTERS = {
    **dict.fromkeys("‘’‚‛`´ʼ′", "'"),
    **dict.fromkeys("–—―", " , "),
    **dict.fromkeys("“”„«»‹›•·€£§°¿¡", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u034f\u061c", ""),
    **{"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "ı": "i"}
    | {"Ø": "o", "Æ": "ae", "Œ": "oe", "Ł": "l", "Đ": "d", "…": "."},
}
_SPECIAL = re.compile(f"[{''.join(_LETTERS)}]")
_BLANKS = "\t!\"#$%&'*+-./<=>@[\\]^_`{|}~"
_COMMAS = ":;()"


class Sentence(NamedTuple):
    """One sentence as it was written, on one line, and folded."""

    written: str
    folded: str


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in their order; one longer than LONGEST_SENTENCE comes in pieces."""
    lines = _parted(_unwrapped(text)).split("\n")
    if max(map(len, lines)) > LONGEST_SENTENCE:
        lines = [piece for line in lines for piece in _pieces(line)]
    both = zip(lines, fold("\n".join(lines)).split("\n"), strict=True)
    return tuple([Sentence(line, folded) for line, folded in both if folded.strip(" ,")])


def fold(text: str) -> str:
    """Each line of the text as a folded sentence."""
    text = _without_gender(text)
    if not text.isascii():
        text = _SPECIAL.sub(lambda m: _LETTERS[m[0]], text)
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = _TYPED_SHORT.sub("n't", text.lower())
    if "'" in text:
        for short, full in _NOT:
            text = text.replace(short, full)
        text = _APOSTROPHE.sub(_expanded, text)
    return _spaced(text.replace("cannot", "can not").replace(" - ", " , "))


def _without_gender(text: str) -> str:
    for sign, ending in _GENDER.items():
        if sign in text:
            text = ending.sub("", text)
    text = _GENDER_BRACKETS.sub("", text)
    return _GENDER_CAPITAL.sub("", text) if "Innen" in text else text


def _spaced(text: str) -> str:
    """The tokens of each line between single spaces, with a space at both ends."""
    for sign in _BLANKS:
        text = text.replace(sign, " ")
    for sign in _COMMAS:
        text = text.replace(sign, ",")
    text = f" {text} ".replace(",", " , ").replace("?", " ? ").replace("\n", " \n ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text


def _expanded(found: re.Match[str]) -> str:
    """What an apostrophe shortens, written in full: "we've", "it's"; "company's" loses its end."""
    ending = found[0][1:]
    if ending == "s" and found.string.endswith(_IS, 0, found.start()):
        return " is"
    return _ENDINGS.get(ending, f" {ending}")


def _unwrapped(text: str) -> str:
    """Lines that a mail program wrapped joined again, with single spaces; other line breaks kept."""
    pieces: list[str] = []
    before = ""
    for raw in text.splitlines():
        line = " ".join(raw.split())
        if line:
            pieces += (" " if before and _goes_on(before, line) else "\n", line)
        before = line
    return "".join(pieces[1:])


def _goes_on(line: str, following: str) -> bool:
    if following[0] in "-*•>·–":
        return False
    if following[0].islower():
        return True
    return len(line) >= _SHORT_LINE and line[-1] not in ".!?:;…"


def _parted(text: str) -> str:
    """A line break behind every sentence of a line, and behind every part of a list."""
    for sign in _ENDS_OF_A_SENTENCE:
        if sign in text:
            text = _end_of_a_sentence(sign).sub(_ended, text)
    for sign in _PARTS_OF_A_LIST:
        text = text.replace(f"{sign} ", f"{sign}\n")
    return text


@cache
def _end_of_a_sentence(sign: str) -> re.Pattern[str]:
    """One pattern a sign: a search leaps to a letter it begins with, to nothing else."""
    end = re.escape(sign)
    return re.compile(rf"{end}(?<!\.\.\.{end})[\"'”’“)\]]{{0,3}} (?=[^\W_a-z]|[\"'“„«(\[•*–¿¡-])")


def _ended(found: re.Match[str]) -> str:
    """The end of a sentence with a line break behind it; as it is where it ends a short word."""
    end = found.start()
    if found[0][0] == "." and _is_within(found.string, end):
        return found[0]
    return f"{found[0][:-1]}\n"


def _is_within(text: str, stop: int) -> bool:
    """Whether a full stop belongs to an abbreviation or to a date."""
    return _is_short(text[max(0, stop - _LONGEST_SHORT - 1) : stop]) or bool(
        _DAY_OF_A_MONTH.match(text, max(0, stop - 2))
    )


def _is_short(text: str) -> bool:
    """Whether a text ends in an abbreviation or an initial (without its full stop)."""
    word = _BEFORE_A_WORD.split(text)[-1]
    return word.lower() in _ABBREVIATIONS or _INITIALS.fullmatch(word) is not None


def _pieces(sentence: str) -> list[str]:
    pieces: list[str] = []
    begin = 0
    while len(sentence) - begin > LONGEST_SENTENCE:
        end = sentence.rfind(" ", begin + 1, begin + LONGEST_SENTENCE)
        end = end if end > begin else begin + LONGEST_SENTENCE
        pieces.append(sentence[begin:end])
        begin = end
    pieces.append(sentence[begin:])
    return pieces
