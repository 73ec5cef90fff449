"""Know the words that name an occupation or an organisation, so that each is told from the other."""

from __future__ import annotations

import re
from functools import cache

from kitchenwall.domain.languages import LanguagePack

_ENGLISH = (
    "engineer|developer|programmer|analyst|scientist|manager|designer|consultant|architect|intern|internship|internships"
    "|assistant|associate|specialist|coordinator|director|officer|accountant|administrator|technician|nurse|teacher"
    "|lecturer|researcher|writer|editor|recruiter|representative|executive|clerk|driver|operator|planner|buyer|advisor"
    "|adviser|strategist|producer|marketer|trainee|apprentice|apprenticeship|fellow|professor|tester|mechanic|electrician"
    "|chef|cook|barista|cashier|receptionist|secretary|supervisor|controller|auditor|lawyer|paralegal|counsel|therapist"
    "|pharmacist|librarian|curator|journalist|photographer|translator|worker|cleaner|expert|generalist|bookkeeper"
    "|devops|sre|internee|postdoc|coder|copywriter|economist|geologist|chemist|biologist|physicist|statistician"
)


@cache
def _compiled(endings: tuple[str, ...]) -> re.Pattern[str]:
    choices = "|".join(re.escape(ending) for ending in endings if ending)
    own = rf"|\b\w*(?:{choices})(?:[:*_/]?-?in(?:nen)?|s|n|r|en)?\b" if choices else ""
    return re.compile(rf"\b(?:{_ENGLISH})s?\b{own}", re.IGNORECASE)


def title_pattern(pack: LanguagePack) -> re.Pattern[str]:
    """Finds an occupation: the English ones, used everywhere, and the endings of the language."""
    return _compiled(pack.wording.templates.get("titles", ()))


@cache
def _organised(words: tuple[str, ...]) -> re.Pattern[str]:
    choices = "|".join(re.escape(word) for word in words)
    return re.compile(rf"\b(?:{choices})(?!\w)" if choices else r"(?!)", re.IGNORECASE)


def organisation_pattern(pack: LanguagePack) -> re.Pattern[str]:
    """Finds a word of the language that organisations are called by: a school, a town, a shop."""
    return _organised(pack.wording.templates.get("organisations", ()))
