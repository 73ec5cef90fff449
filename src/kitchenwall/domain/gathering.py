"""Read from a rejection who says no, to what, at which stage, and how much it explains.

What a mail does not say stays None: a wrong company or name in a reply hurts more than a missing
one. Each fact has its own room; this one brings them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kitchenwall.domain.clues import Clues
from kitchenwall.domain.company import company_by_names
from kitchenwall.domain.explanation import feedback, reason, strengths
from kitchenwall.domain.facts import Fact, Facts
from kitchenwall.domain.formality import formality
from kitchenwall.domain.languages import LanguagePack, recognise
from kitchenwall.domain.message import Address, Message
from kitchenwall.domain.modifiers import modifiers
from kitchenwall.domain.person import people_in, person, salutation
from kitchenwall.domain.role import reference, role
from kitchenwall.domain.sentences import fold, sentences
from kitchenwall.domain.stage import stage
from kitchenwall.domain.verdict import Verdict


def gather(message: Message, verdict: Verdict, packs: Mapping[str, LanguagePack]) -> Facts:
    """Read the facts of a mail that was judged; the verdict's language says with which pack."""
    pack = packs.get(verdict.language) or packs.get("en")
    if pack is None:
        return Facts()
    clues = Clues.of(message, pack)
    step, step_words = stage(clues, verdict)
    level, level_words = feedback(clues)
    employer, aliases = company_by_names(clues, people_in(clues))
    signer = person(clues, employer)
    return Facts(
        language=pack.code,
        stage=step,
        stage_words=step_words,
        company=employer,
        aliases=aliases,
        role=role(clues, employer),
        reference=reference(clues),
        person=signer,
        salutation=salutation(clues, signer),
        feedback=level,
        feedback_words=level_words,
        reason=reason(clues),
        strengths=strengths(clues),
        formality=formality(clues),
        modifiers=modifiers(clues),
    )


def spoken_to(
    facts: Facts, to: Address, within: Message, packs: Mapping[str, LanguagePack]
) -> Facts:
    """The facts of a rejection for a letter to somebody else, in the thread of another mail.

    The letter greets that person, and speaks as that thread does where it shows how.
    """
    words = sentences(within.own_words or within.text)
    subject = fold(within.subject.replace("\n", " "))
    chosen = recognise((subject, *(one.folded for one in words)), packs)
    spoken = formality(Clues.of(within, chosen[0])) if chosen else ""
    return replace(
        facts,
        language=chosen[0].code if len(chosen) == 1 else facts.language,
        formality=spoken or facts.formality,
        person=Fact(to.name, to.name) if to.name else None,
        salutation=None,
    )
