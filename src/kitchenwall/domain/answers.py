"""Tell whether a mail answers an earlier no, by its headers and by what it quotes.

A recruiter who answers the letter that thanked for a no often says the no again; that is feedback
and no second rejection. What nothing shows to be an answer is never taken for one.
"""

from __future__ import annotations

from collections.abc import Iterable

from kitchenwall.domain.first_look import Known
from kitchenwall.domain.identity import our_ref
from kitchenwall.domain.languages import LanguagePack
from kitchenwall.domain.message import Message
from kitchenwall.domain.reading import Reading
from kitchenwall.domain.sentences import Sentence, fold, sentences
from kitchenwall.domain.text import quoted_words
from kitchenwall.domain.verdict import Evidence

_LONGEST_QUOTE = 8_000
_WORDS_OF_A_LETTER = 2
_NO_SUBJECT = Sentence("", fold(""))


def answers(message: Message, packs: Iterable[LanguagePack], known: Known) -> Evidence | None:
    """What shows that the mail answers a no, None where nothing does."""
    ids = (*message.in_reply_to, *message.references)
    if ours := next((msg_id for msg_id in ids if our_ref(msg_id)), ""):
        return Evidence("answers-our-letter", ours)
    if ids and known.knows_no(ids):
        return Evidence("answers-a-known-no", ids[0])
    forwarded = message.has_forward or message.says_forwarded
    if forwarded or len(message.own_words) == len(message.text):
        return None
    quoted = sentences(quoted_words(message.text)[:_LONGEST_QUOTE])
    telling = (pack for pack in packs if _may_tell(pack, quoted))
    found = (_quoted(Reading.of(pack, _NO_SUBJECT, quoted)) for pack in telling)
    return next(filter(None, found), None)


def _may_tell(pack: LanguagePack, quoted: Iterable[Sentence]) -> bool:
    """Whether a decision or words of a letter stand in it: most quotes hold neither."""
    index = pack.index("decision", "answer.letter")
    return any(index.finds(sentence.folded) for sentence in quoted)


def _quoted(reading: Reading) -> Evidence | None:
    """The no that stands quoted below, or the letter that answered it."""
    letter = [place for place in reading.places for _ in place.of("answer", "letter")]
    if len(letter) >= _WORDS_OF_A_LETTER:
        return Evidence("quotes-your-letter", letter[0].sentence.written)
    standing = [decision for decision in reading.decisions() if decision.stands]
    told = reading.has("address", "application") and reading.has("context", "job")
    if standing and told and not reading.veto():
        return Evidence("quotes-a-no", standing[0].place.sentence.written)
    return None
