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
    r"(?<!\.{3})[.!?…;•·](?:(?<=[.!?…;])[\"'”’“)\]]{0,3}[ \t]+(?=[^\W_a-z]|[\"'“„«(\[•*–¿¡-])|(?<=[•·;])\s)"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:[a-z]\.\s?[a-z]|[A-Z]|bzw|ca|dr|mr|mrs|ms|prof|inc|ltd|co|corp|st|no|nr|e\.g|i\.e"
    r"|etc|inkl|ggf|evtl|sog|usw|vgl|ref|tel|approx|dipl|hr|fr|sra?|mme|vs|rif|dott|avv|ing|arch|rag|geom|sigg?|gent|egr|spett|prot|ns"
    r"|ds|np|tzn|tj|ul|godz|mgr|inż|hab|adw|tzv|např|popř|resp|bc|judr|mudr|phdr)\.$",
    re.IGNORECASE,
)
# A German date has a full stop within it: "am 11. März".
_DAY_OF_A_MONTH = re.compile(
    r"\D?\d{1,2}\.\s(?:Jan|Jän|Feb|März|Apr|Mai|Juni|Juli|Aug|Sep|Okt|Nov|Dez)"
)
_MARKS = re.compile(r"[\u0300-\u036f]+")
_GENDER = re.compile(r"[:*_·/](?<=[a-zäöüß].)-?(?:innen|in|as|a|r|n|s|e)\b")
_GENDER_CAPITAL = re.compile(r"Innen\b")
_GENDER_BRACKETS = re.compile(r"\((?<=\w.)-?(?:innen|in|as|a|es|e|r|ne|n)\)")
_APOSTROPHE = re.compile(r"'[a-z]*")
_ENDINGS = {"re": " are", "ve": " have", "ll": " will", "m": " am", "d": " would", "s": ""}
_IS = ("it", "that", "there", "he", "she", "who", "what", "here")
_NOT = (("won't", "will not"), ("can't", "can not"), ("shan't", "shall not"), ("n't", " not"))
_TYPED_SHORT = {
    f" {word}nt ": f" {full} not "
    for word, full in (
        ("wo", "will"),
        ("ca", "can"),
        *(
            (word, word)
            for word in ("did", "do", "does", "was", "were", "is", "are", "has", "have")
        ),
    )
}

_LETTERS = {
    **dict.fromkeys("‘’‚‛`´ʼ′", "'"),
    **dict.fromkeys("–—―", " , "),
    **dict.fromkeys("“”„«»‹›•·€£§°¿¡", " "),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u034f\u061c", ""),
    **{"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "ı": "i"}
    | {"Ø": "o", "Æ": "ae", "Œ": "oe", "Ł": "l", "Đ": "d", "…": "."},
}
_SPECIAL = re.compile(f"[{''.join(_LETTERS)}]")
_PUNCTUATION = str.maketrans(
    {**dict.fromkeys("!\"#$%&'*+-./<=>@[\\]^_`{|}~", " "), **dict.fromkeys(":;()", ",")}
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
    text = _GENDER_BRACKETS.sub("", _GENDER.sub("", text))
    if "Innen" in text:
        text = _GENDER_CAPITAL.sub("", text)
    if not text.isascii():
        text = _SPECIAL.sub(lambda m: _LETTERS[m[0]], text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    text = text.lower()
    if "'" in text:
        for short, full in _NOT:
            text = text.replace(short, full)
        text = _APOSTROPHE.sub(_expanded, text)
    text = text.replace("cannot", "can not").replace(" - ", " , ").translate(_PUNCTUATION)
    text = text.replace(",", " , ").replace("?", " ? ")
    text = "\n".join([f" {' '.join(line.split())} " for line in text.split("\n")])
    for short, full in _TYPED_SHORT.items():
        text = text.replace(short, full)
    return text


def _expanded(found: re.Match[str]) -> str:
    """What an apostrophe shortens, written in full: "we've", "it's"; "company's" loses its end."""
    ending = found[0][1:]
    if ending == "s" and found.string.endswith(_IS, 0, found.start()):
        return " is"
    return _ENDINGS.get(ending, f" {ending}")


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
    begin = 0
    for end in _SENTENCE_END.finditer(block):
        upto = end.end()
        if block[end.start()] != "." or not _is_within(block, begin, end.start()):
            found.append(block[begin:upto].rstrip())
            begin = upto
    if begin < len(block):
        found.append(block[begin:])
    return found


def _is_within(block: str, begin: int, stop: int) -> bool:
    """Whether a full stop belongs to an abbreviation or to a date."""
    return bool(
        _ABBREVIATION.search(block[max(begin, stop - 11) : stop + 1])
        or _DAY_OF_A_MONTH.match(block, max(begin, stop - 2))
    )


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
