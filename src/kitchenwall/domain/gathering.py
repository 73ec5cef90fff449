"""Read from a rejection who says no, to what, at which stage, and how much it explains.

What a mail does not say stays None: a wrong company or name in a reply hurts more than a missing
one. Each fact has its own room; this one brings them together.
"""

from __future__ import annotations

from collections.abc import Mapping

from kitchenwall.domain.clues import Clues
from kitchenwall.domain.company import company_by_names
from kitchenwall.domain.explanation import feedback, reason, strengths
from kitchenwall.domain.facts import Facts
from kitchenwall.domain.formality import formality
from kitchenwall.domain.languages import LanguagePack
from kitchenwall.domain.message import Message
from kitchenwall.domain.modifiers import modifiers
from kitchenwall.domain.person import people_in, person, salutation
from kitchenwall.domain.role import reference, role
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
