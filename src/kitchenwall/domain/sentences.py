"""Cut a text into sentences and fold them, so that phrases can be compared with them.

A folded sentence is a row of lower-case tokens between single spaces, with a space at both ends:
no accents, no gender forms, no contractions; commas, colons, brackets and dashes are the token
"," and a question mark is the token "?". Umlauts lose their dots while "ue" stays "ue": the
phrases accept both (see `frames`). Cost is linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST_SENTENCE = 600

_SHORT_LINE = 40
_SENTENCE_END = re.compile(
    r"(?<=[.!?…;])[\"'”’“)\]]{0,3}[ \t]+(?=[^\W_a-z]|[\"'“„«(\[•*–-])|[•·;]\s"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[a-z]\.\s?[a-z]|[A-Z]|bzw|ca|dr|mr|mrs|ms|prof|inc|ltd|co|corp|st|no|nr|e\.g|i\.e"
    r"|etc|inkl|ggf|evtl|sog|usw|vgl|ref|tel|approx|dipl|hr|fr|sra?|mme|vs)\.$",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[\u0300-\u036f]+")
_GENDER = re.compile(
    r"(?<=[a-zäöüß])(?:[:*_·]-?(?:innen|in|r|n|s|e)\b|/-?(?:innen|in|a|as|r|n)\b|Innen\b)"
)
_GENDER_BRACKETS = re.compile(r"(?<=\w)\(-?(?:innen|in|a|as|e|es|r|n|ne)\)")
_CONTRACTED = (
    (re.compile(r"\bwon't\b|\bwont\b"), "will not"),
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bshan't\b"), "shall not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'m\b"), " am"),
    (re.compile(r"'d\b"), " would"),
    (re.compile(r"\b(it|that|there|he|she|who|what|here)'s\b"), r"\1 is"),
    (re.compile(r"'s?\b"), " "),
)
_TYPED_SHORT = re.compile(r"\b(did|do|does|was|were|is|are|has|have|could|would)nt\b")

_LETTERS = {
    **dict.fromkeys("‘’‚‛`´ʼ′", "'"),
    **dict.fromkeys("–—―", " , "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u034f\u061c"),
    "ß": "ss",
    "ø": "o",
    "æ": "ae",
    "œ": "oe",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ı": "i",
    "Ø": "o",
    "Æ": "ae",
    "Œ": "oe",
    "Ł": "l",
    "Đ": "d",
    "…": ". ",
    "¿": " ",
    "¡": " ",
}
_FOLD_LETTERS = str.maketrans(_LETTERS)
_PUNCTUATION = str.maketrans(
    {
        **dict.fromkeys("!\"#$%&'*+-./<=>@[\\]^_`{|}~“”„«»‹›•·€£§°", " "),
        **dict.fromkeys(",:;()", " , "),
        "?": " ? ",
    }
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as it was written, on one line, and folded."""

    written: str
    folded: str


def sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text in their order; one longer than LONGEST_SENTENCE comes in pieces."""
    written = [
        piece
        for block in _blocks(text)
        for sentence in _split(block)
        for piece in _pieces(sentence)
    ]
    folded = fold("\n".join(written)).split("\n") if written else []
    return tuple(
        Sentence(shown, comparable)
        for shown, comparable in zip(written, folded, strict=True)
        if comparable.strip(" ,")
    )


def fold(text: str) -> str:
    """Each line of the text as a folded sentence."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_FOLD_LETTERS))
        text = _GENDER.sub("", text)
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    else:
        text = _GENDER.sub("", text)
    text = _GENDER_BRACKETS.sub("", text).lower()
    if "'" in text or "nt" in text or "cannot" in text:
        text = _TYPED_SHORT.sub(r"\1 not", text)
        for pattern, words in _CONTRACTED:
            text = pattern.sub(words, text)
    text = text.replace(" - ", " , ").translate(_PUNCTUATION)
    return "\n".join(f" {' '.join(line.split())} " for line in text.split("\n"))


def _blocks(text: str) -> list[str]:
    """Lines that were wrapped by a mail program joined again; other line breaks kept as borders."""
    blocks: list[str] = []
    open_block: list[str] = []
    for raw in text.splitlines():
        line = " ".join(raw.split())
        if open_block and not (line and _goes_on(open_block[-1], line)):
            blocks.append(" ".join(open_block))
            open_block = []
        if line:
            open_block.append(line)
    if open_block:
        blocks.append(" ".join(open_block))
    return blocks


def _goes_on(line: str, following: str) -> bool:
    if following[0] in "-*•>·–":
        return False
    if following[0].islower():
        return True
    return len(line) >= _SHORT_LINE and line[-1] not in ".!?:;…"


def _split(block: str) -> list[str]:
    found: list[str] = []
    for piece in _SENTENCE_END.split(block):
        if found and _ABBREVIATION.search(found[-1][-12:]):
            found[-1] = f"{found[-1]} {piece}"
        elif piece:
            found.append(piece)
    return found


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
